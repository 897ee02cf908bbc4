"""A look at an address before it becomes a source: fetched and read as a visit would, and nothing of it is stored.

What cannot be used is said in a sentence, not raised: whoever asks is a person with an address at hand. Adding it is
`switch_on`'s.
"""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urljoin

from django.core.exceptions import ValidationError
from django.utils import timezone

from digest.ingest.clean import one_line
from digest.ingest.document import ParseError
from digest.ingest.fetch import Fetched, FetchError
from digest.ingest.guarded import read_guarded
from digest.ingest.politeness import politely
from digest.ingest.request import FIRST_DAYS, first_page
from digest.models import Source
from digest.sources.address import host_of, without_login
from digest.sources.catalogue import CATALOGUE, Entry
from digest.sources.listing import Listing, Parsed, Scheme, Skipped

SHOWN = 5
PATIENCE = 20.0  # seconds for the host's turn: somebody is waiting
NOT_PUBLIC = " If its host is in your own network, name it in FETCH_ALLOWED_HOSTS."
PAGE_BYTES = 200_000  # of a web page, in which the feeds that it names stand

_LINK = re.compile(rb"<link\b[^>]{0,1000}>", re.IGNORECASE)
_OF_A_FEED = re.compile(rb"type\s*=\s*[\"']?application/(?:rss|atom|rdf)\+xml", re.IGNORECASE)
_HREF = re.compile(rb"href\s*=\s*[\"']?([^\"'\s>]+)", re.IGNORECASE)
_LASTING = (Scheme.ARXIV, Scheme.DOI, Scheme.PMID)
_LISTED = {entry.url: entry for entry in CATALOGUE}
# Servers that have to be asked in a way of their own: what they answer to the bare address would tell nothing.
_KINDS = {"api.biorxiv.org": "biorxiv", "api.crossref.org": "crossref", "oaipmh.arxiv.org": "arxiv-oai"}


@dataclass(frozen=True, slots=True)
class Preview:
    """What a source of this address would bring now.

    `url` is the address to visit from now on; `count` the papers of the first answer, and `papers` the first five of
    them. `problem` says why it is of no use, "" if it is of some; `notes` are sentences on what is worth knowing;
    `known` is the source that visits this address already.
    """

    name: str
    kind: str
    url: str
    count: int = 0
    papers: tuple[Listing, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    problem: str = ""
    notes: tuple[str, ...] = ()
    known: Source | None = None

    @property
    def entry(self) -> Entry:
        """Return what to switch on: what is known already, or this, at the catalogue's intervals if it is in there."""
        if self.known:
            return Entry(self.known.name, self.known.kind, self.known.url, "")
        listed = _LISTED.get(self.url, Entry(self.name, self.kind, self.url, ""))
        return replace(listed, name=self.name, kind=self.kind)


def preview(url: str, *, kind: str | None = None) -> Preview:
    """Return what `url` holds, read as `kind` or as what it looks like."""
    url = url.strip()
    listed = _LISTED.get(url)
    kind = kind or (listed.kind if listed else _KINDS.get(host_of(url)))
    found = Preview(listed.name if listed else host_of(url), kind or "", without_login(url))
    if problem := _no_address(url):
        return replace(found, problem=problem)
    now = timezone.now()
    asked = first_page(kind, url, since=(now - FIRST_DAYS).date(), today=now.date()) if kind else url
    try:
        fetched = politely(asked, patience=PATIENCE)
    except FetchError as error:
        advice = NOT_PUBLIC if error.kind == "refused_address" else ""
        return replace(found, problem=_sentence(str(error)) + advice, known=_known([url]))
    if fetched.moved_to and asked == url and not _no_address(fetched.moved_to):
        found = replace(found, url=fetched.moved_to, notes=(f"It has moved for good to {fetched.moved_to}.",))
    found = replace(found, known=_known([url, found.url, fetched.url]))
    return _read(found, fetched, kind, now)


def _no_address(url: str) -> str:
    """Return what is wrong with the address itself, by the rule that holds for every source."""
    try:
        Source(url=url).clean()
    except ValidationError as error:
        return " ".join(error.messages)
    return "This address is too long." if len(url) > 2048 else ""


def _known(urls: Sequence[str]) -> Source | None:
    """Return the source that has one of these addresses, the first of them that any has."""
    sources = {source.url: source for source in Source.objects.filter(url__in=urls)}
    return next((sources[url] for url in urls if url in sources), None)


def _read(found: Preview, fetched: Fetched, kind: str | None, now: datetime) -> Preview:
    try:
        parsed = read_guarded(fetched.body, kind=kind, url=fetched.url, content_type=fetched.content_type, now=now)
    except ParseError as error:
        feeds = list(_feeds_named(fetched)) if error.kind == "not_a_feed" else []
        hint = f" The page names these feeds: {', '.join(feeds)}" if feeds else ""
        return replace(found, problem=_sentence(str(error)) + hint)
    return replace(
        found,
        name=_name(found, parsed),
        kind=parsed.kind,
        count=len(parsed.listings),
        papers=parsed.listings[:SHOWN],
        skipped=parsed.skipped,
        notes=(*found.notes, *_notes(parsed)),
    )


def _name(found: Preview, parsed: Parsed) -> str:
    listed = _LISTED.get(found.url)
    return listed.name if listed else one_line(parsed.title, 200) or found.name


def _feeds_named(fetched: Fetched) -> Iterator[str]:
    """Yield the addresses of the feeds that a web page names in its head, three at most."""
    links = (link[0] for link in _LINK.finditer(fetched.body, 0, PAGE_BYTES) if _OF_A_FEED.search(link[0]))
    addresses = dict.fromkeys(address[1] for address in map(_HREF.search, links) if address)
    for address in list(addresses)[:3]:
        try:
            yield urljoin(fetched.url, html.unescape(address.decode("utf-8", "replace")))
        except ValueError:
            continue


def _notes(parsed: Parsed) -> Iterator[str]:
    papers = parsed.listings
    count = len(papers)
    if not count:
        yield "There is no paper in it now. That is normal on some days; arXiv's feeds are empty on weekends."
        return
    if parsed.next_url:
        yield "More pages follow this one; each visit reads all of them."
    if parsed.truncated:
        yield "The answer was cut off on its way: this is what was whole."
    for what, missing, then in (
        ("an abstract", sum(not paper.abstract for paper in papers), "they match by their titles alone"),
        ("a DOI, arXiv id or PMID", sum(map(_is_nameless, papers)), "in another source they count as other papers"),
        ("a date", sum(paper.announced_on is None for paper in papers), "they count as announced when first read"),
    ):
        if missing:
            yield f"Without {what}: {missing:,} of {count:,} papers; {then}."


def _is_nameless(paper: Listing) -> bool:
    return all(identifier.scheme not in _LASTING for identifier in paper.identifiers)


def _sentence(text: str) -> str:
    """Return an error as a sentence of its own."""
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")
