"""Documents as sources send them, as bytes. All of it is invented."""

import json
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from digest.ingest.fetch import Fetched
from tests.digest.sources.make import ABSTRACT, make_daily_item

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
ARXIV_NAMESPACES = 'xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/"'

# One paper, and an item that is none.
FEED = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>A journal</title><link>https://j.example.org</link>
<item><title>Two\npapers</title><link>https://j.example.org/2</link></item>
<item><description/></item></channel></rss>"""


def make_item(number: int = 1, *, title: str = "", inside: str = "") -> str:
    title = title or f"Paper {number}"
    link = f"https://jir.example.org/articles/{number}"
    return f"<item><title>{title}</title><link>{link}</link><description>{ABSTRACT}</description>{inside}</item>"


def make_rss(*items: str, declaration: str = DECLARATION, channel: str = "") -> bytes:
    """Make a journal's RSS 2.0 of `items`, each a whole <item>."""
    head = f"<title>Journal of Invented Results</title><link>https://jir.example.org/</link>{channel}"
    return f'{declaration}\n<rss version="2.0"><channel>{head}{"".join(items)}</channel></rss>'.encode()


def make_arxiv_item(number: str = "2603.00001", *, kind: str = "new", abstract: str = "We show that $n<p$.") -> str:
    return (
        f"<item><title>On $n$ and {number}</title><link>https://arxiv.org/abs/{number}</link>"
        f"<description>{escape(f'arXiv:{number}v1 Announce Type: {kind} ')}\nAbstract: {escape(abstract)}</description>"
        f'<guid isPermaLink="false">oai:arXiv.org:{number}v1</guid><category>cs.CL</category>'
        f"<pubDate>Wed, 04 Mar 2026 00:00:00 -0500</pubDate><arxiv:announce_type>{kind}</arxiv:announce_type>"
        f"<dc:creator>Ida Lindgren, Wei Zhang</dc:creator></item>"
    )


def make_arxiv_rss(*items: str, title: str = "cs.CL updates on arXiv.org", description: str = "Updates.") -> bytes:
    address = "http://rss.arxiv.org/rss/cs.CL"
    return (
        f'{DECLARATION}\n<rss {ARXIV_NAMESPACES} xmlns:atom="http://www.w3.org/2005/Atom" version="2.0"><channel>'
        f"<title>{title}</title><link>{address}</link><description>{description}</description>"
        f'<atom:link href="{address}" rel="self" type="application/rss+xml"/>'
        f"<pubDate>Wed, 04 Mar 2026 00:00:00 -0500</pubDate>{''.join(items)}</channel></rss>"
    ).encode()


def make_arxiv_atom(*numbers: str) -> bytes:
    entries = "".join(
        f"<entry><id>oai:arXiv.org:{number}v1</id><title>On {number}</title><updated>2026-03-04T05:00:02Z</updated>"
        f'<link href="https://arxiv.org/abs/{number}" rel="alternate" type="text/html"/>'
        f"<summary>arXiv:{number}v1 Announce Type: cross \nAbstract: We show that $n&lt;p$.</summary>"
        f'<category term="cs.CL"/><published>2026-03-04T00:00:00-05:00</published>'
        f"<arxiv:announce_type>cross</arxiv:announce_type><dc:creator>Ida Lindgren</dc:creator></entry>"
        for number in numbers
    )
    return (
        f'{DECLARATION}\n<feed {ARXIV_NAMESPACES} xmlns="http://www.w3.org/2005/Atom">'
        f"<id>http://rss.arxiv.org/atom/cs.CL</id><title>cs.CL updates on arXiv.org</title>"
        f"<updated>2026-03-04T05:00:02Z</updated>{entries}</feed>"
    ).encode()


def make_daily(*items: Any) -> bytes:
    return json.dumps(list(items) or [make_daily_item()]).encode()


def make_topic_page(*papers: tuple[str, str]) -> bytes:
    lines = [line for paper in papers for line in paper]
    return "\n".join(["Get trending papers in your email inbox!", "Subscribe" + lines[0], *lines[1:]]).encode()


def make_fetched(body: bytes = b"", **given: Any) -> Fetched:
    """Make an answer of a server, a plain 200 unless told otherwise."""
    stated: dict[str, Any] = {
        "status": 200,
        "url": "https://feeds.example.org/feed",
        "content_type": "",
        "etag": "",
        "last_modified": "",
        "milliseconds": 12,
        "moved_to": "",
        "fresh_seconds": 0,
    }
    return Fetched(body=body, **stated | given)


def make_api_page(*numbers: str) -> bytes:
    entries = "".join(
        f"<entry><id>http://arxiv.org/abs/{number}v1</id><title>Paper {number}</title><summary>{ABSTRACT}</summary>"
        f"<published>2026-03-03T10:00:00Z</published></entry>"
        for number in numbers
    )
    head = f"<id>http://arxiv.org/api/x</id><title>arXiv Query</title><opensearch:totalResults>{len(numbers)}"
    namespaces = 'xmlns="http://www.w3.org/2005/Atom" xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/"'
    return f"<feed {namespaces}>{head}</opensearch:totalResults>{entries}</feed>".encode()


def make_paper_page(inside: str = "", *, title: str = "What comes back") -> bytes:
    """Make a journal's page of one paper, with its Highwire tags and what else is to be `inside` its head."""
    tags = {"title": title, "author": "Lindgren, Ida", "doi": "10.5555/jir.1", "abstract": ABSTRACT}
    metas = "".join(f'<meta name="citation_{name}" content={quoteattr(said)}>' for name, said in tags.items())
    return f"<!doctype html><html><head><title>A page</title>{metas}{inside}</head><body>Text</body></html>".encode()


def make_biorxiv_page(*dois: str) -> bytes:
    records = [
        {"doi": doi, "title": f"Paper {doi}", "authors": "Lindgren, I.", "date": "2026-03-04", "version": "1"}
        for doi in dois or ("10.1101/2026.03.04.100001",)
    ]
    message = {"status": "ok", "cursor": 0, "count": len(records), "total": str(len(records))}
    return json.dumps({"messages": [message], "collection": records}).encode()


def make_crossref_page(*dois: str) -> bytes:
    works = [{"DOI": doi, "title": [f"Paper {doi}"], "type": "journal-article"} for doi in dois or ("10.5555/one",)]
    message = {"total-results": len(works), "items": works}
    return json.dumps({"status": "ok", "message-type": "work-list", "message": message}).encode()
