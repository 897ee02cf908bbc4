"""One work as Crossref has it: a paper, or something that is none.

Works that are no papers (issues, reviews, figures) and notices about other papers raise ValueError with the reason.
What publishers leave out here, abstracts above all, they leave out everywhere.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from digest.sources.dates import moment
from digest.sources.editorial import not_a_paper
from digest.sources.identifiers import arxiv_id, canonical_url, doi, identify
from digest.sources.jats import abstract_text
from digest.sources.listing import AnnounceType, Identifier, Listing, Scheme
from digest.sources.markup import plain_text
from digest.sources.publishers import elsevier
from digest.sources.withdrawn import withdrawn, without_mark

BACKFILE = timedelta(days=366)  # between a paper and its registration: what is older is history, and no news

_NO_PAPER = re.compile(
    r"(?:book|report|standard|proceedings)-(?:series|set|component)|journal(?:-issue|-volume)?|component|database|dataset"
    r"|grant|peer-review|proceedings"
)
_STILL_PAPERS = ("new version", "new edition")  # updates that are papers themselves
_TAKEN_BACK = ("retraction", "withdrawal", "removal")
_VERSION = re.compile(r"[/._-]v(\d{1,2})$")  # how servers of preprints number the DOIs of one paper

Fields = Mapping[str, Any]


def listing(stated: object) -> Listing:
    work = stated if isinstance(stated, Mapping) else {}
    own = doi(text_of(work, "DOI"))
    if not own:
        raise ValueError(f"no DOI: {text_of(work, 'DOI')[:100]!r}")
    title = _title(work)
    if reason := _no_paper(work, own) or not_a_paper(title):
        raise ValueError(reason)
    abstract = abstract_text(text_of(work, "abstract"))
    created = _created(work)
    version = _version(work, own)
    return Listing(
        title=without_mark(title),
        identifiers=_identifiers(work, own, title),
        abstract=abstract,
        authors=tuple(_authors(work)),
        categories=tuple(dict.fromkeys(map(plain_text, _texts(work, "subject")))),
        url=f"https://doi.org/{quote(own, safe='/:;()._-')}",
        pdf_url=_pdf_url(work),
        venue=_venue(work),
        version=version,
        announce_type=AnnounceType.REPLACE if version > 1 else AnnounceType.NEW,
        announced_on=_announced_on(work, created),
        submitted_at=_submitted_at(work, created),
        withdrawn=withdrawn(title, abstract) or _is_taken_back(work, own),
    )


def text_of(fields: Fields, name: str) -> str:
    value = fields.get(name)
    return value.strip() if isinstance(value, str) else ""


def _texts(fields: Fields, name: str) -> list[str]:
    values = fields.get(name)
    return [value for value in values if isinstance(value, str) and value.strip()] if isinstance(values, list) else []


def _mapping(fields: Fields, name: str) -> Fields:
    value = fields.get(name)
    return value if isinstance(value, Mapping) else {}


def _mappings(fields: Fields, name: str) -> list[Fields]:
    values = fields.get(name)
    return [value for value in values if isinstance(value, Mapping)] if isinstance(values, list) else []


def _title(work: Fields) -> str:
    """Return the title with its subtitle; Crossref has lists of both, which may be empty."""
    names = (*_texts(work, "title"), *_texts(work, "original-title"), *_texts(work, "short-title"))
    title = next(filter(None, map(plain_text, names)), "")
    subtitle = next(filter(None, map(plain_text, _texts(work, "subtitle"))), "")
    if not title or not subtitle or subtitle.casefold() in title.casefold():
        return title or subtitle
    return f"{title} {subtitle}" if title[-1] in ":?!–—" else f"{title}: {subtitle}"


def _no_paper(work: Fields, own: str) -> str:
    """Return why a work is no paper: its type, or that it tells something about another work."""
    if _NO_PAPER.fullmatch(kind := text_of(work, "type")):
        return f"no paper but a {kind}"
    for kind, other in _updates(work, "update-to"):
        if other != own and kind not in _STILL_PAPERS:
            return f"a notice about another paper: {kind} of {other or 'a work without a DOI'}"
    return ""


def _updates(work: Fields, name: str) -> Iterator[tuple[str, str]]:
    """Yield the kind of each update ("retraction"), and the DOI of the other work in it."""
    for update in _mappings(work, name):
        kind = re.sub(r"[_-]", " ", text_of(update, "type").lower())
        yield kind or "update", doi(text_of(update, "DOI")) or ""


def _is_taken_back(work: Fields, own: str) -> bool:
    """Say whether the publisher withdrew it: by a notice of its own, or in the paper's own place."""
    updates = (*_updates(work, "updated-by"), *(update for update in _updates(work, "update-to") if update[1] == own))
    return any(kind in _TAKEN_BACK for kind, _ in updates)


def _identifiers(work: Fields, own: str, title: str) -> tuple[Identifier, ...]:
    """Return the DOI, those of the same paper elsewhere (preprint, article, first version), and its pages."""
    related = [other for other in _related(work) if other != own]
    arxiv = next((preprint[0] for other in related if (preprint := arxiv_id(other))), None)
    numbers = filter(None, map(elsevier.pii, _texts(work, "alternative-id")))
    pages = (*map(elsevier.page, numbers), text_of(_mapping(_mapping(work, "resource"), "primary"), "URL"))
    found = identify(title=title, arxiv=arxiv, doi=own, urls=pages)
    others = [Identifier(Scheme.DOI, other) for other in related if not arxiv_id(other)]
    order = list(Scheme)
    return tuple(sorted(dict.fromkeys((*found, *others)), key=lambda name: order.index(name.scheme)))


def _related(work: Fields) -> Iterator[str]:
    """Yield the DOIs of what is the same paper; where a relation names several, nobody knows which is meant."""
    for name in ("has-preprint", "is-preprint-of", "is-version-of"):
        named = _mappings(_mapping(work, "relation"), name)
        others = {doi(text_of(other, "id")) for other in named if text_of(other, "id-type") == "doi"}
        if len(others) == 1:
            yield from filter(None, others)


def _authors(work: Fields) -> Iterator[str]:
    for person in _mappings(work, "author"):
        names = ("given", "family", "suffix") if text_of(person, "family") else ("name", "given")
        if name := plain_text(" ".join(text_of(person, part) for part in names)):
            yield name


def _venue(work: Fields) -> str:
    names = (
        *_texts(work, "container-title"),
        *(text_of(institution, "name") for institution in _mappings(work, "institution")),
        text_of(work, "group-title"),
    )
    return next(filter(None, map(plain_text, names)), "")


def _version(work: Fields, own: str) -> int:
    found = _VERSION.search(own) if text_of(work, "type") == "posted-content" else None
    return max(1, int(found[1])) if found else 1


def _pdf_url(work: Fields) -> str:
    """Return the PDF that a person can open: publishers also name places for machines that have a key."""
    links = [link for link in _mappings(work, "link") if text_of(link, "content-type") == "application/pdf"]
    links.sort(key=lambda link: text_of(link, "intended-application") == "similarity-checking")
    pages = (canonical_url(text_of(link, "URL")) for link in links)
    return next((page for page in pages if page and not (urlsplit(page).hostname or "").startswith("api.")), "")


def _created(work: Fields) -> datetime | None:
    created = _mapping(work, "created")
    latest = _latest_day(created)
    return moment(text_of(created, "date-time")) or (datetime.combine(latest, time(), UTC) if latest else None)


def _announced_on(work: Fields, created: datetime | None) -> date | None:
    """Return the day of registration; the paper's own for one that was registered long after it appeared."""
    issued = _latest_day(_mapping(work, "issued"))
    if created is None:
        return None
    return issued if issued and created.date() - issued > BACKFILE else created.date()


def _submitted_at(work: Fields, created: datetime | None) -> datetime | None:
    """Return when it appeared: as a preprint, online, or else when it was registered; issues are dated ahead."""
    days = (_day(_mapping(work, name)) for name in ("posted", "published-online", "published", "issued"))
    appeared = next(filter(None, days), None)
    if appeared and created and appeared <= created.date():
        return datetime.combine(appeared, time(), UTC)
    return created


def _day(stated: Fields) -> date | None:
    """Return the day of "date-parts" that name one: [2026, 3] does not."""
    return _latest_day(stated) if len(_parts(stated)) == 3 else None


def _latest_day(stated: Fields) -> date | None:
    """Return the last day of the year, month or day that "date-parts" name."""
    parts = _parts(stated)
    try:
        if len(parts) == 3:
            return date(*parts)
        year, month = (parts[0], parts[1]) if len(parts) == 2 else (parts[0], 12)
        return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    except (IndexError, ValueError, OverflowError):
        return None


def _parts(stated: Fields) -> Sequence[int]:
    parts = stated.get("date-parts")
    first = parts[0] if isinstance(parts, list) and parts and isinstance(parts[0], list) else []
    return [part for part in first if isinstance(part, int)][:3]
