"""One paper that somebody names by arXiv id, DOI or address: what is known of it, here or where papers are registered.

What is stored already is not asked for again. An arXiv id is asked for at arXiv, a DOI at Crossref, and any other page
has to say itself which paper it is about. Nothing is stored: that is `submit`'s, once the reader has seen what it is.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from django.conf import settings

from digest.ingest.clean import UNTITLED, clean
from digest.ingest.document import ParseError
from digest.ingest.fetch import Fetched, FetchError
from digest.ingest.guarded import read_guarded
from digest.ingest.politeness import politely
from digest.models import Paper, PaperIdentifier
from digest.sources import arxiv_api, crossref, paper_page
from digest.sources.identifiers import arxiv_id, canonical_url, doi, identify
from digest.sources.listing import AnnounceType, Identifier, Listing, Scheme, Skipped

PATIENCE = 8.0  # seconds for the host's turn, and as many for its answer: somebody is waiting
DEADLINE = 12
MAX_TEXT = 500

NO_NAME = "This is no arXiv id, no DOI and no web address. Write one like 2506.00001, 10.1000/182 or https://…"
NO_PAPER = (
    "This page does not say which paper it is about. Paste the paper's DOI or arXiv id instead, or the address of its "
    "page at the journal."
)
HIDDEN = "This paper is not shown here: staff have taken it off the pages."
WITHDRAWN = "This paper was withdrawn, as its source says."
UNKNOWN = {
    Scheme.ARXIV: "arXiv knows no paper of this id. See that it is written as on the paper.",
    Scheme.DOI: (
        "Crossref knows no paper of this DOI. See that it is written as on the paper; if it is, paste the address of "
        "the paper's page instead."
    ),
    Scheme.URL: "There is no page at this address any more. See that it is written as in your browser.",
}
SILENT = "{host} does not answer now. Nothing was submitted; try again in a while."
ASKED_TOO_OFTEN = "{host} wants to be asked less often. Nothing was submitted; try again in a few minutes."
SHUT = "{host} lets only people in, so the page cannot be read. Paste the paper's DOI or arXiv id instead."
NOT_PUBLIC = "This address is not on the public web, so it cannot be looked at."
TOO_LARGE = "There is far more at this address than the page of one paper. Paste its DOI or arXiv id instead."

_STAMP = re.compile(r"\s*\[[\w.-]+\].*$")  # as on the first page of a PDF of arXiv: "arXiv:2506.00001v1 [cs.CL]"
_BARE = re.compile(r"[\w-]+(?:\.[\w-]+)+/\S+")


class Refused(Exception):
    """Why there is nothing to submit, in words for the reader; `paper` is the one that is here already, if any."""

    def __init__(self, words: str, paper: Paper | None = None) -> None:
        super().__init__(words)
        self.paper = paper


def look_up(text: str, now: datetime) -> Paper | Listing:
    """Return the stored paper that `text` names, or the listing of one that is not. Raises Refused."""
    name = named(text)
    if paper := stored([name]):
        return paper
    listing = _asked(name, now)
    if paper := stored(listing.identifiers):
        return paper
    if listing.withdrawn:
        raise Refused(WITHDRAWN)
    return listing


def named(text: str) -> Identifier:
    """Return what `text` names: an arXiv id or DOI, also within an address, or else a page. Raises Refused."""
    text = text.strip()[:MAX_TEXT]
    if found := arxiv_id(_STAMP.sub("", text)):
        return Identifier(Scheme.ARXIV, found[0])
    if name := doi(text):
        alias = arxiv_id(name)
        return Identifier(Scheme.ARXIV, alias[0]) if alias else Identifier(Scheme.DOI, name)
    address = canonical_url(f"https://{text}" if _BARE.fullmatch(text) else text)
    if not address:
        raise Refused(NO_NAME)
    return Identifier(Scheme.URL, address)


def stored(names: Iterable[Identifier]) -> Paper | None:
    """Return the stored paper that one of `names` belongs to, the strongest first. Raises Refused."""
    for name in names:
        pages = identify(title="", urls=[name.value]) if name.scheme is Scheme.URL else (name,)
        for page in pages:
            row = PaperIdentifier.objects.filter(scheme=page.scheme, value=page.value).select_related("paper").first()
            if row is not None:
                return _standing(row.paper)
    return None


def _standing(paper: Paper) -> Paper:
    if paper.hidden_at:
        raise Refused(HIDDEN)
    if paper.withdrawn_at:
        raise Refused(WITHDRAWN)
    return paper


def _asked(name: Identifier, now: datetime) -> Listing:
    """Ask who must know; return what is said of the paper, cleaned. Raises Refused."""
    if name.scheme is Scheme.ARXIV:
        url = arxiv_api.paper_url(name.value, base=settings.ARXIV_API_URL)
        found = _announced(_read(name, _fetched(name, url), "arxiv-api", now))
    elif name.scheme is Scheme.DOI:
        url = crossref.work_url(name.value, contact=settings.CONTACT, base=settings.CROSSREF_URL)
        found = _work(name, _fetched(name, url))
    else:
        found = _read(name, _fetched(name, name.value), "paper-page", now)
    if found.title == UNTITLED or (name.scheme is not Scheme.URL and name not in found.identifiers):
        raise Refused(UNKNOWN[name.scheme])
    day = found.announced_on
    return replace(found, announced_on=min(day, now.date()) if day else None, announce_type=AnnounceType.NEW)


def _fetched(name: Identifier, url: str) -> Fetched:
    try:
        return politely(url, patience=PATIENCE, deadline=DEADLINE, max_bytes=paper_page.MAX_BYTES)
    except FetchError as error:
        raise Refused(_words(name, url, error)) from error


def _words(name: Identifier, url: str, error: FetchError) -> str:
    host = canonical_url(url) or url
    host = host.split("/")[2] if "://" in host else host
    if error.status in (400, 404, 410):
        return UNKNOWN[name.scheme]
    if error.kind in ("busy", "rate_limited"):
        return ASKED_TOO_OFTEN.format(host=host)
    if error.kind in ("challenge", "login") or error.status in (401, 403):
        return SHUT.format(host=host)
    if error.kind in ("refused_address", "scheme"):
        return NOT_PUBLIC
    return TOO_LARGE if error.kind == "too_large" else SILENT.format(host=host)


def _read(name: Identifier, fetched: Fetched, kind: str, now: datetime) -> Listing:
    """Read a document in the guarded process, which a hostile one may fill or stall. Raises Refused."""
    try:
        parsed = read_guarded(fetched.body, kind=kind, url=fetched.url, content_type=fetched.content_type, now=now)
    except ParseError as error:
        raise Refused(NO_PAPER if kind == "paper-page" else UNKNOWN[name.scheme]) from error
    if len(parsed.listings) != 1:
        raise Refused(NO_PAPER if kind == "paper-page" else UNKNOWN[name.scheme])
    return parsed.listings[0]


def _work(name: Identifier, fetched: Fetched) -> Listing:
    try:
        found = clean(crossref.work(json.loads(fetched.body)))
    except (ValueError, RecursionError) as error:
        raise Refused(UNKNOWN[name.scheme]) from error
    if isinstance(found, Skipped):
        raise Refused(UNKNOWN[name.scheme])
    return found


def _announced(listing: Listing) -> Listing:
    """Give a paper of several versions the day of its first one: nobody proposes a replacement."""
    day = arxiv_api.announced_on(listing.submitted_at) if listing.submitted_at else listing.announced_on
    return replace(listing, announced_on=day)
