"""PubMed's feeds of a search: which of their texts is the abstract, and an address that stays the same.

The address of an entry carries the moment of the fetch. The description holds the conclusions alone, or is cut; the
whole abstract stands in the content, between the citation and the line of identifiers. The feed's own date is the day
on which PubMed took the paper in, which is when it is news here; the journal's may be months earlier, or ahead.
"""

import re

from digest.sources.entry import Entry, mappings, string
from digest.sources.identifiers import pmid

_ABSTRACT = re.compile(r"<p>\s*<b>\s*ABSTRACT\s*</b>\s*</p>", re.IGNORECASE)
_TAIL = re.compile(r"<p\b[^<>]{0,200}>\s*PMID:")


def recognises(entry: Entry) -> bool:
    return bool(_number(entry))


def _number(entry: Entry) -> str | None:
    return pmid(string(entry, "id")) or pmid(string(entry, "link"))


def adjusted(entry: Entry) -> Entry:
    texts = [string(content, "value") for content in mappings(entry, "content")]
    abstract = next(filter(None, map(_abstract, texts)), "")
    return {
        **entry,
        "link": f"https://pubmed.ncbi.nlm.nih.gov/{_number(entry)}/",
        "content": [],
        "summary": "" if texts else string(entry, "summary"),
        "stated_abstract": abstract,
    }


def _abstract(text: str) -> str:
    _, *after = _ABSTRACT.split(text, maxsplit=1)
    return _TAIL.split(after[0], maxsplit=1)[0] if after else ""
