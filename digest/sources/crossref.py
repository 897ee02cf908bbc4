"""Crossref's answers: what journals, and servers of preprints, have registered under a DOI.

`read` takes a list of works, page by page; `work` a single one, to complete what a feed left out. What each says is
left to `crossref_work`; asking, and keeping to Crossref's pace, to `digest.ingest`.
"""

from collections.abc import Mapping
from datetime import date
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from digest.sources import crossref_work
from digest.sources.collect import collect
from digest.sources.crossref_work import Fields, text_of
from digest.sources.listing import Listing, Parsed

BASE = "https://api.crossref.org"
ROWS = 100


def page_url(source_url: str, since: date, contact: str) -> str:
    """Return the address of the first page of the works of `source_url` that were registered from `since` on.

    `source_url` is ".../journals/{issn}/works" or ".../prefixes/{prefix}/works", and may have a filter of its own.
    """
    parts = urlsplit(source_url)
    asked = dict(parse_qsl(parts.query))
    filters = [asked["filter"]] if asked.get("filter") else []
    asked |= {
        "filter": ",".join([*filters, f"from-created-date:{since}"]),
        "sort": "created",
        "order": "asc",
        "rows": str(ROWS),
        "cursor": "*",
        "mailto": contact,
    }
    return parts._replace(query=urlencode(asked, safe=":,*@")).geturl()


def work_url(doi: str, contact: str, *, base: str = BASE) -> str:
    """Return the address of the work with this DOI."""
    return f"{base}/works/{quote(doi, safe='')}?{urlencode({'mailto': contact}, safe='@')}"


def pii_url(pii: str, contact: str, *, base: str = BASE) -> str:
    """Return the address of the list of works with this number of their publisher's: one, as a rule."""
    asked = {"filter": f"alternative-id:{pii}", "rows": "2", "mailto": contact}
    return f"{base}/works?{urlencode(asked, safe=':@')}"


def read(payload: object, *, url: str) -> Parsed:
    """Read one page of works as JSON decodes it; `next_url` is the page after it, made of `url`, this one's address.

    Raises ValueError for what is no list of works, and for the errors that Crossref answers.
    """
    message = _message(payload)
    works = message.get("items")
    if not isinstance(works, list):
        raise ValueError("no list of works of Crossref")
    listings, skipped = collect(works, crossref_work.listing)
    venues = {listing.venue for listing in listings}
    return Parsed(
        kind="crossref",
        title=venues.pop() if len(venues) == 1 else "",
        url="",
        listings=listings,
        skipped=skipped,
        announced_on=max(filter(None, (listing.announced_on for listing in listings)), default=None),
        next_url=_next_url(message, len(works), url),
    )


def work(payload: object) -> Listing:
    """Return what Crossref answers of one work; raises ValueError where that is no paper, or no answer."""
    return crossref_work.listing(_message(payload))


def _message(payload: object) -> Fields:
    fields = payload if isinstance(payload, Mapping) else {}
    message = fields.get("message")
    if fields.get("status") != "ok":
        said = message if isinstance(message, list) else [message]
        told = "; ".join(
            text_of(one, "message") or text_of(one, "description") for one in said if isinstance(one, Mapping)
        )
        raise ValueError(f"Crossref answers: {told[:300]}" if told else "no answer of Crossref")
    if not isinstance(message, Mapping):
        raise ValueError("no answer of Crossref: it has no message")
    return message


def _next_url(message: Fields, count: int, url: str) -> str:
    """Return the address of the page that follows: a page that is not full is the last one."""
    parts = urlsplit(url)
    asked = dict(parse_qsl(parts.query))
    rows = asked.get("rows", "20")
    cursor = text_of(message, "next-cursor")
    if not cursor or not count or (rows.isdecimal() and count < int(rows)):
        return ""
    return parts._replace(query=urlencode(asked | {"cursor": cursor}, safe=":,*@")).geturl()
