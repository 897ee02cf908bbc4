"""arXiv's OAI-PMH: records by the day of their latest change, for the days that arXiv's feeds no longer show.

A record comes back for many reasons: a new paper, a new version, an added DOI, a bulk edit. News is what arXiv first
announced in the days that were asked for, told by the first version's moment and by the paper's number
(`arxiv_api.announcement_days`): such a paper is new, or a cross-listing where the asked category is not its own. Every
other one is listed as a replacement, which changes nothing where the version is known. What a single record says is
`arxiv_record`'s; pace, retries and asking for the next page are left to `digest.ingest`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

from lxml import etree

from digest.sources.arxiv_api import announcement_days
from digest.sources.arxiv_record import Element, category_of, children, name_of, replacement, text_of
from digest.sources.collect import collect
from digest.sources.dates import day
from digest.sources.listing import AnnounceType, Listing, Parsed

BASE = "https://oaipmh.arxiv.org/oai"
FORMAT = "arXivRaw"
EDITS = timedelta(days=1)  # after the last day asked for: a record that changes again comes back under the new day only

_GROUPS = ("cs", "econ", "eess", "math", "q-bio", "q-fin", "stat")  # every other archive belongs to physics
_LISTS = ("ListRecords", "GetRecord")
_END = re.compile(rb"</(?:\w+:)?OAI-PMH\s*>\s*$")
_RECORD_END = re.compile(rb"</(?:\w+:)?record\s*>")


class OaiError(ValueError):
    """The server's own error; `code` is one of the protocol's words, such as badResumptionToken."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"{code}: {text}" if text else code)
        self.code = code


def set_of(category: str) -> str:
    """Return "cs:cs:CL" for "cs.CL" and "physics:hep-th" for "hep-th"."""
    archive, dot, subject = category.partition(".")
    group = archive if archive in _GROUPS else "physics"
    return f"{group}:{archive}:{subject}" if dot else f"{group}:{archive}"


def request_url(category: str, first: date, last: date, *, base: str = BASE) -> str:
    """Return the address of what arXiv announced in `category` from `first` to `last`, both days of its feeds.

    A record bears the UTC day of its latest change, and an evening's announcement in New York falls on the day of the
    feed. arXiv refuses an end after today, so `last` must be over.
    """
    asked = {"set": set_of(category), "from": first.isoformat(), "until": (last + EDITS).isoformat()}
    return f"{base}?{_query({'verb': 'ListRecords', 'metadataPrefix': FORMAT} | asked)}"


def page_url(source_url: str, since: date) -> str:
    """Return the address that asks a source for what has changed since that day; the rest of it stays."""
    parts = urlsplit(source_url)
    asked = {"verb": "ListRecords", "metadataPrefix": FORMAT} | dict(parse_qsl(parts.query))
    return parts._replace(query=_query(asked | {"from": since.isoformat()}), fragment="").geturl()


def _query(asked: Mapping[str, str]) -> str:
    return urlencode(asked, safe=":")


def read(body: bytes, *, url: str, category: str = "") -> Parsed:
    """Read the answer to `url`; its "from" and "until" are the days that count as news, all days where it has none.

    `category` is the one asked for, where `url` does not name its set. Nothing in those days is an empty Parsed. Raises
    OaiError for the server's own errors, and another ValueError for what is no answer or was cut off.
    """
    root = _root(body)
    asked = _asked(url)
    category = category or category_of(asked.get("set", ""))
    drafts, skipped = collect(_records(root), replacement)
    listings = _told_apart(drafts, category, day(asked.get("from", "")), day(asked.get("until", "")))
    days = (paper.announced_on for paper in listings if paper.announce_type.is_announcement)
    return Parsed(
        kind="arxiv-oai",
        title=f"arXiv {category}".rstrip(),
        url="",
        listings=listings,
        skipped=skipped,
        announced_on=max(filter(None, days), default=None),
        next_url=_next_url(root, url, asked),
    )


def _root(body: bytes) -> Element:
    root = _parsed(body)
    if root is None or name_of(root) != "OAI-PMH":
        raise ValueError(f"no answer of OAI-PMH, but <{'' if root is None else name_of(root)}>")
    return root


def _parsed(body: bytes) -> Element:
    """Return the root of a document; damage inside of records is mended, unless it would cost any of them."""
    options = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}
    options |= {"remove_comments": True, "remove_pis": True}
    try:
        return etree.fromstring(body, etree.XMLParser(**options))
    except etree.XMLSyntaxError as error:
        mended = etree.fromstring(body, etree.XMLParser(recover=True, **options)) if _END.search(body) else None
        if mended is None or len(list(mended.iter("{*}record"))) != len(_RECORD_END.findall(body)):
            raise ValueError(f"no well-formed XML, or cut off: {error}") from error
        return mended


def _records(root: Element) -> list[Element]:
    """Return the records of an answer; none where the server says that none match."""
    errors = [(error.get("code", "error"), text_of(error)) for error in children(root, "error")]
    for code, text in errors:
        if code != "noRecordsMatch":
            raise OaiError(code, text)
    lists = [found for name in _LISTS for found in children(root, name)]
    if not lists and not errors:
        raise ValueError("an answer of OAI-PMH, but not with records")
    return [record for found in lists for record in children(found, "record")]


def _next_url(root: Element, url: str, asked: Mapping[str, str]) -> str:
    """Return the address of the next page: a token allows nothing beside it, so what was asked stands after "#"."""
    tokens = (text_of(token) for found in children(root, "ListRecords") for token in children(found, "resumptionToken"))
    token = next(filter(None, tokens), "")
    if not token or not url:
        return ""
    query = urlencode({"verb": "ListRecords", "resumptionToken": token})
    kept = {name: asked[name] for name in ("set", "from", "until") if name in asked}
    return urlsplit(url)._replace(query=query, fragment=_query(kept)).geturl()


def _asked(url: str) -> dict[str, str]:
    parts = urlsplit(url)
    return dict(parse_qsl(parts.fragment)) | dict(parse_qsl(parts.query))


def _told_apart(drafts: Sequence[Listing], category: str, first: date | None, last: date | None) -> tuple[Listing, ...]:
    """Return the listings, those that were first announced from `first` to `last` as news of that day."""
    days = announcement_days({paper.identifiers[0].value: paper.submitted_at for paper in drafts if paper.submitted_at})

    def told(paper: Listing) -> Listing:
        announced = days.get(paper.identifiers[0].value)
        if announced is None or announced < (first or announced) or announced > (last or announced):
            return paper
        is_cross = category in paper.categories[1:]
        kind = AnnounceType.CROSS if is_cross else AnnounceType.NEW
        return replace(paper, announce_type=kind, announced_on=announced)

    return tuple(map(told, drafts))
