"""Real papers for tests and benchmarks, where `../shared/data` is there; nothing of it is kept in this repository."""

import gzip
from pathlib import Path
from xml.etree import ElementTree as ET

from digest.ranking.matching import Document

FEEDS = Path(__file__).parents[4] / "shared" / "data" / "arxiv_feeds"
_CREATOR = "{http://purl.org/dc/elements/1.1/}creator"


def real_documents() -> list[Document]:
    """Return all distinct papers of the arXiv feeds, oldest first; none where the data is missing."""
    documents: dict[int, Document] = {}
    for path in sorted(FEEDS.glob("*.rss.xml.gz")):
        for item in ET.fromstring(gzip.decompress(path.read_bytes())).iter("item"):  # noqa: S314 - our own copy
            key = int("".join(filter(str.isdigit, item.findtext("link", "0").rpartition("/")[2])))
            abstract = item.findtext("description", "").partition("Abstract:")[2].strip()
            authors = tuple(item.findtext(_CREATOR, "").split(", "))
            categories = tuple(category.text or "" for category in item.iter("category"))
            documents.setdefault(key, Document(key, item.findtext("title", ""), abstract, authors, categories))
    return list(documents.values())
