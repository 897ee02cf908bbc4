"""arXiv's feeds: today's RSS 2.0 and Atom of one day's announcements, and the RDF of before 2024.

Entries come as feedparser leaves them, with sanitising off: titles and abstracts are plain text with TeX, in which "<"
is a sign like any other. Only the old RDF carries HTML, and that is read here. Whether the batch is the one that arXiv
should be showing is left to the calendar and `digest.ingest`; `arxiv_api` and `arxiv_oai` read arXiv's other answers.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from statistics import mode
from typing import Any

from digest.sources.arxiv_calendar import EASTERN
from digest.sources.collect import collect
from digest.sources.dates import day
from digest.sources.identifiers import arxiv_id, doi, identify
from digest.sources.listing import AnnounceType, Listing, Parsed
from digest.sources.markup import plain_text
from digest.sources.names import split_names
from digest.sources.withdrawn import withdrawn, without_mark

_UPDATES = re.compile(r"(\S.*?) updates on (?:the )?arXiv")
_HEAD = re.compile(r"\s*arXiv:(\S+)\s+Announce Type:\s*([\w-]+)\s*(?:Abstract:\s*)?")
_OLD_TITLE = re.compile(r"\.?\s*\(arXiv:(\S+)\s+\[([^\]]+)\]\s*([A-Z ,-]*)\)\s*$")
_ERROR_TITLE = "Feed error for query"
_ARCHIVES_WITH_CLASSES = "astro-ph|cond-mat|cs|econ|eess|math|nlin|physics|q-bio|q-fin|stat"
_ARCHIVES = (
    "gr-qc|hep-ex|hep-lat|hep-ph|hep-th|math-ph|nucl-ex|nucl-th|quant-ph|astro-ph|cond-mat|q-bio|cmp-lg|alg-geom"
    "|adap-org|chao-dyn|comp-gas|dg-ga|funct-an|patt-sol|q-alg|solv-int|acc-phys|ao-sci|atom-ph|bayes-an|chem-ph"
    "|mtrl-th|plasm-ph|supr-con"
)
_CATEGORY = re.compile(rf"(?:{_ARCHIVES_WITH_CLASSES})\.[A-Za-z]{{2}}(?:[A-Za-z-]*)|{_ARCHIVES}")
_ANNOUNCE_TYPES = {kind.value: kind for kind in AnnounceType}
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&amp;": "&"}

Entry = Mapping[str, Any]


def complaint(feed: Entry, entries: Sequence[Entry]) -> str:
    """Return what arXiv says is wrong with the request, "" for a feed of papers: it answers errors with valid feeds."""
    if str(feed.get("title", "")).startswith(_ERROR_TITLE):
        return str(feed.get("subtitle") or feed["title"])
    errors = (entry for entry in entries if "arxiv.org/api/errors" in str(entry.get("id", "")))
    return next((str(entry.get("summary") or "unknown error") for entry in errors), "")


def read(feed: Entry, entries: Sequence[Entry]) -> Parsed:
    """Read one day's feed; `announced_on` is the day of the batch that it really shows, None where nothing is dated."""
    batch = _batch(feed, [found for entry in entries if (found := day(str(entry.get("published") or ""), EASTERN))])
    listings, skipped = collect(entries, lambda entry: _listing(entry, batch))
    return Parsed(
        kind="arxiv",
        title=_name(str(feed.get("title", ""))),
        url="",
        listings=listings,
        skipped=skipped,
        announced_on=batch,
    )


def _batch(feed: Entry, stated: Sequence[date]) -> date | None:
    """Return the day of the batch: a channel may claim to be today's and still show the papers of yesterday."""
    claimed = day(str(feed.get("published") or ""), EASTERN)
    if stated:
        return claimed if claimed in stated else mode(stated)
    # The old RDF dates nothing but the channel, an empty Atom feed nothing but its own making, at midnight.
    return claimed or day(str(feed.get("updated") or ""), EASTERN)


def _name(title: str) -> str:
    """Return what people call a feed that arXiv titles "cs.CL updates on arXiv.org": "arXiv cs.CL"."""
    found = _UPDATES.match(title)
    if not found:
        return title
    return f"arXiv {found[1]}" if "," not in found[1] else "arXiv"


def _listing(entry: Entry, batch: date | None) -> Listing:
    summary = entry.get("summary") or ""
    title, suffix = _title(entry.get("title") or "")
    head = _HEAD.match(summary)
    base_id, version = _identity(entry, head, suffix)
    abstract = _abstract(summary[head.end() :] if head else summary)
    return Listing(
        title=without_mark(title),
        identifiers=identify(title="", arxiv=base_id, doi=doi(entry.get("arxiv_doi") or "")),
        abstract=abstract,
        authors=tuple(_authors(entry)),
        categories=_categories(entry, suffix),
        url=f"https://arxiv.org/abs/{base_id}",
        pdf_url=f"https://arxiv.org/pdf/{base_id}",
        version=version,
        announce_type=_announce_type(entry, head, suffix, version),
        announced_on=day(entry.get("published") or "", EASTERN) or batch,
        withdrawn=withdrawn(title, abstract, entry.get("arxiv_comment") or ""),
    )


def _title(title: str) -> tuple[str, re.Match[str] | None]:
    suffix = _OLD_TITLE.search(title) if title.endswith(")") else None
    return decoded(title[: suffix.start()] if suffix else title), suffix


def _identity(entry: Entry, head: re.Match[str] | None, suffix: re.Match[str] | None) -> tuple[str, int]:
    """Return the base id and the highest version named: only some of the places name the version."""
    places = (entry.get("id"), head and head[1], suffix and suffix[1], entry.get("link"))
    named = [found for place in places if place and (found := arxiv_id(place))]
    if not named:
        raise ValueError("no arXiv identifier")
    base_id = named[0][0]
    return base_id, max(version for other, version in named if other == base_id)


def _abstract(text: str) -> str:
    text = text.strip()
    return plain_text(text) if text.startswith("<p>") else decoded(text)


def decoded(text: str) -> str:
    """Undo the few entities that authors' own abstracts contain; nothing else in them is HTML."""
    if "&" in text:
        for entity, sign in _ENTITIES.items():
            text = text.replace(entity, sign)
    return text


def _authors(entry: Entry) -> list[str]:
    people = entry.get("authors")
    names = [person.get("name") or "" for person in people] if isinstance(people, list) else []
    return [name for text in names for name in split_names(plain_text(text) if "<a " in text else text)]


def _categories(entry: Entry, suffix: re.Match[str] | None) -> tuple[str, ...]:
    return codes([suffix and suffix[2], *(tag.get("term") for tag in entry.get("tags") or ())])


def codes(terms: Iterable[str | None]) -> tuple[str, ...]:
    """Return arXiv's own codes among `terms`, in their order; the fields also hold other schemes' (ACM, MSC)."""
    return tuple(dict.fromkeys(term for term in terms if term and _CATEGORY.fullmatch(term)))


def _announce_type(
    entry: Entry, head: re.Match[str] | None, suffix: re.Match[str] | None, version: int
) -> AnnounceType:
    stated = entry.get("arxiv_announce_type") or (head[2] if head else "")
    if stated in _ANNOUNCE_TYPES:
        return _ANNOUNCE_TYPES[stated]
    marks = suffix[3] if suffix else ""
    if "UPDATED" in marks or (not marks and version > 1):
        return AnnounceType.REPLACE
    return AnnounceType.CROSS if "CROSS" in marks else AnnounceType.NEW
