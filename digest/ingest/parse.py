"""Documents into listings: hands a document to the source whose kind it is, and says clearly what is no feed.

"200 OK" with something else than a feed is an error here, never "nothing new"; a feed without entries is none. One bad
entry is skipped with its reason. Fetching comes before, making listings presentable after (`clean`); both this and
`clean` run in a guarded process (`guarded`).
"""

import io
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import feedparser

from digest.ingest.document import (
    HEAD,
    MAX_ITEMS,
    BrokenFeed,
    NotAFeed,
    SourceError,
    bounded,
    mended,
    scrubbed,
    unpacked,
    without_entities,
)
from digest.ingest.kind import KINDS, kind_of
from digest.sources import (
    arxiv,
    arxiv_api,
    arxiv_oai,
    biorxiv,
    crossref,
    feed,
    hf_daily,
    json_feed,
    paper_page,
    topic_page,
)
from digest.sources.identifiers import canonical_url
from digest.sources.listing import Parsed, Skipped

MAX_TITLE = 200
# From how many items on, of which none is a paper, a document is no list of papers. A journal's issue may begin with
# its front matter; archives answer for days on which there was nothing else.
UNUSABLE = {"arxiv": 1, "hf-daily": 1, "topic-page": 1, "feed": 3}

_PAGE_TITLE = re.compile(rb"<title[^>]*>\s*([^<]{1,100})", re.IGNORECASE)
_FEEDS = ("arxiv", "arxiv-api", "feed")
_ANSWERS = ("arxiv-oai", "biorxiv", "crossref")  # that say in words of their own what is wrong


def parse(
    body: bytes, *, kind: str | None = None, url: str = "", content_type: str = "", now: datetime | None = None
) -> Parsed:
    """Read one document as `kind`, or as what it looks like.

    `url` is where it came from, for relative links and further pages; `content_type` is the HTTP header; dates after
    `now` count as none. Raises a ParseError, whose `kind` is one word and whose message says what the document is
    instead.
    """
    if kind not in (None, *KINDS):
        raise ValueError(f"no kind of source: {kind!r}; there are {', '.join(KINDS)}")
    body = unpacked(body, content_type)
    kind = kind or kind_of(body)
    if kind == "feed" and body.lstrip().startswith(b"{"):
        parsed = _json_feed(body, url, now or datetime.now(UTC))
    elif kind in _FEEDS:
        parsed = _feed(body, kind, url, now or datetime.now(UTC))
    elif kind in _ANSWERS:
        parsed = _answer(body, kind, url)
    elif kind == "paper-page":
        parsed = _said(NotAFeed, lambda: paper_page.read(body, url=url, now=now or datetime.now(UTC)))
    else:
        parsed = _list(body, kind)
    if len(parsed.skipped) >= UNUSABLE.get(kind, MAX_ITEMS) and not parsed.listings:
        raise NotAFeed(f"none of {len(parsed.skipped)} items is a paper: {parsed.skipped[0].reason}")
    return parsed


def _list(body: bytes, kind: str) -> Parsed:
    if kind == "hf-daily":
        return hf_daily.read(_json_list(body))
    return _said(NotAFeed, lambda: topic_page.read(body.decode("utf-8", "replace")))


def _answer(body: bytes, kind: str, url: str) -> Parsed:
    if kind == "arxiv-oai":
        return _said(SourceError, lambda: arxiv_oai.read(body, url=url))
    reader = biorxiv if kind == "biorxiv" else crossref
    payload = _json(body)
    return _said(SourceError, lambda: reader.read(payload, url=url))


def _said(error_type: type[NotAFeed | SourceError], read: Callable[[], Parsed]) -> Parsed:
    """Return what `read` returns; where it finds the document unreadable, raise that as `error_type`."""
    try:
        return read()
    except ValueError as error:
        raise error_type(str(error)[:500]) from error


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise NotAFeed(f"not JSON: {error}") from error


def _json_list(body: bytes) -> list[Any]:
    found = _json(body)
    if isinstance(found, Mapping) and "error" in found:
        raise NotAFeed(f"the source answers: {str(found['error'])[:MAX_TITLE]}")
    if not isinstance(found, list):
        raise NotAFeed("JSON, but no list of papers")
    return found[:MAX_ITEMS]


def _json_feed(body: bytes, url: str, now: datetime) -> Parsed:
    payload = _json(body)
    if not json_feed.is_json_feed(payload):
        raise NotAFeed(f"JSON, but no feed: it begins with {body[:60].decode('utf-8', 'replace')!r}")
    head, entries = json_feed.translated(payload)
    parsed = feed.read(head, entries[:MAX_ITEMS], base=url, now=now)
    return replace(parsed, title=" ".join(parsed.title.split())[:MAX_TITLE], url=_own_address(head))


def _feed(body: bytes, kind: str, url: str, now: datetime) -> Parsed:
    whole, truncated, left_out = bounded(without_entities(body))
    found = _feedparsed(whole)
    if not found.version and not found.entries:
        raise NotAFeed(_instead_of_a_feed(body))
    head, entries = dict(found.feed), [dict(entry) for entry in found.entries]
    if complaint := arxiv.complaint(head, entries):
        raise SourceError(f"arXiv answers: {complaint[:500]}")
    if kind == "arxiv":
        parsed = arxiv.read(head, entries)
    elif kind == "arxiv-api":
        parsed = _said(SourceError, lambda: arxiv_api.read(head, entries, url=url))
    else:
        parsed = feed.read(head, entries, base=url, now=now)
    skipped = parsed.skipped
    if left_out:
        skipped += (Skipped(MAX_ITEMS + 1, f"{left_out:,} more entries: only {MAX_ITEMS:,} are read"),)
    title = " ".join(parsed.title.split())[:MAX_TITLE]
    return replace(parsed, title=title, url=_own_address(head), skipped=skipped, truncated=truncated)


def _feedparsed(body: bytes) -> Any:
    """Return what feedparser makes of the feed; of one with loose ends, what it makes of it once they are tied up."""
    found = _understood(body)
    if found.bozo and (whole := mended(body)) != body:
        again = _understood(whole)
        return again if _named(again) > _named(found) else found
    return found


def _named(found: Any) -> int:
    return sum(bool(entry.get(name)) for entry in found.entries for name in ("title", "link"))


def _understood(body: bytes) -> Any:
    try:
        return _call_feedparser(body)
    except Exception:  # it raises what its helpers raise: re.error, OverflowError, UnicodeError
        try:
            return _call_feedparser(scrubbed(body))
        except Exception as error:
            raise BrokenFeed(f"the feed cannot be read: {type(error).__name__}: {error}") from error


def _call_feedparser(body: bytes) -> Any:
    """Let feedparser read bytes: given a string, it would open a file or an address of that name.

    Its sanitising is off, because it loses text such as "<s_1, ..., s_n>". It is not told where the feed came from, or
    it would make addresses of guids that are mere numbers.
    """
    return feedparser.parse(io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False)


def _instead_of_a_feed(body: bytes) -> str:
    title = _PAGE_TITLE.search(body, 0, HEAD)
    if title:
        return f"not a feed but a page titled {title[1].decode('utf-8', 'replace').strip()!r}"
    return f"not a feed: it begins with {body[:60].decode('utf-8', 'replace')!r}"


def _own_address(head: Mapping[str, Any]) -> str:
    links = (link for link in head.get("links") or () if link.get("rel") == "self")
    return next(filter(None, (canonical_url(link.get("href") or "") for link in links)), "")
