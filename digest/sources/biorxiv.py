"""The API of bioRxiv and medRxiv: the preprints posted between two days, and their new versions, page by page.

Its feeds hold only some thirty of a day's hundred papers and cut the list of authors; the API has all of them. It does
not answer by days of announcement but of posting, which are the same. Each page says where it begins and how many
records there are in all; how many it holds has changed over the years, so that is counted. A paper that a journal has
published has the journal's DOI as a second one: whichever of the two is listed later, it is the same paper.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlsplit

from digest.sources.collect import collect
from digest.sources.dates import day, moment
from digest.sources.identifiers import doi
from digest.sources.listing import AnnounceType, Identifier, Listing, Parsed, Scheme
from digest.sources.markup import plain_text
from digest.sources.names import split_names
from digest.sources.withdrawn import withdrawn, without_mark

SERVERS = {"biorxiv": "bioRxiv", "medrxiv": "medRxiv"}
MAX_VERSION = 999  # what looks like more is no number of a version

_NOTHING = re.compile(r"no (?:posts|articles|papers|results) found.*", re.IGNORECASE | re.DOTALL)
_ADDRESS = re.compile(r"(?P<server>.*/details/(?P<name>[^/]+))(?:/.*)?")
_CURSOR = re.compile(r"(?P<interval>.*/details/[^/]+/[^/]+/[^/]+)/(?P<cursor>\d+)(?P<format>/json)?/?")

Fields = Mapping[str, Any]


def page_url(source_url: str, since: date, today: date) -> str:
    """Return the address of the first page of what was posted from `since` to `today`, both included.

    `source_url` is ".../details/biorxiv" or ".../details/medrxiv", with "?category=..." for one subject; any other
    address is returned as it is.
    """
    parts = urlsplit(source_url)
    found = _ADDRESS.fullmatch(parts.path)
    if not found:
        return source_url
    return parts._replace(path=f"{found['server']}/{min(since, today)}/{today}/0/json").geturl()


def read(payload: object, *, url: str) -> Parsed:
    """Read one page as JSON decodes it; `next_url` is the page after it, made of `url`, the address of this one.

    Raises ValueError for what is no answer of this API, for the errors it answers, and for a page without papers
    although more were promised. That nothing was posted is no error.
    """
    message, records = _answered(payload)
    listings, skipped = collect(records, _listing)
    return Parsed(
        kind="biorxiv",
        title=_title(url),
        url="",
        listings=listings,
        skipped=skipped,
        announced_on=max(filter(None, (listing.announced_on for listing in listings)), default=None),
        next_url=_next_url(message, len(records), url),
    )


def _answered(payload: object) -> tuple[Fields, Sequence[object]]:
    """Return the message at the head of the answer, and the records."""
    fields = payload if isinstance(payload, Mapping) else {}
    messages, records = fields.get("messages"), fields.get("collection", [])
    if not isinstance(messages, list) or not messages or not isinstance(messages[0], Mapping):
        raise ValueError("no answer of the bioRxiv API: it has no messages")
    status = _text(messages[0], "status")
    if _NOTHING.fullmatch(status):
        return {}, []
    if status.lower() != "ok":
        raise ValueError(f"the bioRxiv API answers: {status[:200] or 'no status'}")
    if not isinstance(records, list):
        raise ValueError("no answer of the bioRxiv API: its collection is no list")
    return messages[0], records


def _listing(record: object) -> Listing:
    fields = record if isinstance(record, Mapping) else {}
    own = doi(_text(fields, "doi"))
    if not own:
        raise ValueError(f"no DOI: {_text(fields, 'doi')[:100]!r}")
    title, abstract = plain_text(_text(fields, "title")), plain_text(_text(fields, "abstract"))
    version = _version(fields)
    server = _text(fields, "server").lower()
    page = f"https://www.{server}.org/content/{own}v{version}" if server in SERVERS else f"https://doi.org/{own}"
    posted = _text(fields, "date")
    category = plain_text(_text(fields, "category"))
    names = dict.fromkeys(filter(None, (own, doi(_text(fields, "published")))))
    return Listing(
        title=without_mark(title),
        identifiers=tuple(Identifier(Scheme.DOI, name) for name in names),
        abstract=abstract,
        authors=tuple(split_names(plain_text(_text(fields, "authors")))),
        categories=(category,) if category else (),
        url=page,
        pdf_url=f"{page}.full.pdf" if server in SERVERS else "",
        venue=SERVERS.get(server, ""),
        version=version,
        announce_type=AnnounceType.REPLACE if version > 1 else AnnounceType.NEW,
        announced_on=day(posted),
        submitted_at=moment(posted) if version == 1 else None,
        withdrawn=withdrawn(title, abstract) or _text(fields, "type").lower() == "withdrawn",
    )


def _text(fields: Fields, name: str) -> str:
    value = fields.get(name)
    return value.strip() if isinstance(value, str) else ""


def _number(value: object) -> int | None:
    """Return a number that the API writes as one, or as a text of digits."""
    text = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return int(text) if text.isdecimal() and len(text) < 10 else None


def _version(fields: Fields) -> int:
    version = _number(fields.get("version")) or 1
    return version if version <= MAX_VERSION else 1


def _title(url: str) -> str:
    parts = urlsplit(url)
    found = _ADDRESS.fullmatch(parts.path)
    server = SERVERS.get(found["name"].lower(), "") if found else ""
    category = parse_qs(parts.query).get("category", [""])[0].replace("_", " ")
    return f"{server}: {category}" if server and category else server or "bioRxiv"


def _next_url(message: Fields, count: int, url: str) -> str:
    parts = urlsplit(url)
    here = _CURSOR.fullmatch(parts.path)
    total = _number(message.get("total"))
    start = _number(message.get("cursor"))
    if start is None:
        start = int(here["cursor"]) if here else 0
    if total is None or start + count >= total:
        return ""
    if not count:
        raise ValueError(f"the bioRxiv API answers no papers from {start:,} on, although there are {total:,}")
    return parts._replace(path=f"{here['interval']}/{start + count}{here['format'] or ''}").geturl() if here else ""
