"""arXiv's API: Atom pages of the papers that a query finds, with their first and latest submission.

The API does not say what was announced when: that follows from the moments of submission (`announced_on`), and where
moderators held a paper back, from its number among the others (`announcement_days`). Asking for the next page and
keeping to arXiv's pace is left to `digest.ingest`, answers that are an error to `arxiv.complaint`.
"""

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from digest.sources.arxiv import codes, decoded
from digest.sources.arxiv_calendar import EASTERN, is_announcement_day
from digest.sources.collect import collect
from digest.sources.dates import moment
from digest.sources.identifiers import arxiv_id, doi, identify
from digest.sources.listing import AnnounceType, Listing, Parsed
from digest.sources.withdrawn import withdrawn, without_mark

MOST = 30_000  # results that the API gives of one query
RECENT = timedelta(days=7)  # a query sorted by date is read down to papers as old as this
CUTOFF = time(14)  # Eastern time
LONGEST_HOLD = timedelta(days=60)  # by moderators; what looks like more is a wrong date

_DAY = timedelta(days=1)
_NUMBER = re.compile(r"(\d{4})\.(\d{4,5})")
_QUERY_TITLE = re.compile(r"arXiv Query: search_query=(.*?)&id_list=")
_DATED_BY = {"submittedDate": "published", "lastUpdatedDate": "updated"}

Entry = Mapping[str, Any]


class EmptyPage(ValueError):
    """A page without papers, although the API itself says that more papers follow: asking again helps."""


def paper_url(base_id: str, *, base: str) -> str:
    """Return the address at which the API at `base` answers for one paper."""
    return f"{base}?{urlencode({'id_list': base_id}, safe='/')}"


def announced_on(submitted_at: datetime) -> date:
    """Return the day of the batch that announces a paper submitted at that moment, unless moderators hold it back.

    What arrives by 14:00 Eastern time from Monday to Friday is announced with the evening's mailing at 20:00, Friday's
    on Sunday evening, and stands in the feed of the day after; what arrives later belongs to the next weekday
    (info.arxiv.org/help/availability).
    """
    local = submitted_at.astimezone(EASTERN)
    closing = local.date() if local.time() < CUTOFF else local.date() + _DAY
    while not is_announcement_day(closing):  # the same weekdays
        closing += _DAY
    day = closing + _DAY
    while not is_announcement_day(day):
        day += _DAY
    return day


def announcement_days(submitted: Mapping[str, datetime]) -> dict[str, date]:
    """Return the day of each paper, of base ids with the moments of their first submission.

    arXiv numbers papers when it announces them, each batch in the order of submission. So an older paper among the
    numbers was held back by moderators (some five in a hundred are) and opens the batch of the papers after it. Of the
    112 papers of April 2025 whose days and moments are both known, `announced_on` alone has 103 right, this all 112.
    """
    days = {base_id: announced_on(at) for base_id, at in submitted.items()}
    numbered = sorted(filter(_NUMBER.fullmatch, submitted), key=_by_number)
    regular = _longest_in_order([submitted[base_id] for base_id in numbered])
    for place, following in pairwise(regular):
        last, opened = numbered[place], days[numbered[following]]
        for base_id in numbered[place + 1 : following] if opened > days[last] else ():
            if submitted[base_id] < submitted[last] and opened - days[base_id] <= LONGEST_HOLD:
                days[base_id] = opened
    return days


def _longest_in_order(moments: Sequence[datetime]) -> list[int]:
    """Return the places of the longest series of `moments` in which none is earlier than the one before it.

    Of several, the one that begins latest: a paper held back is likelier than a moment that is told too late.
    """
    starts: list[float] = []  # of the series of each length, the latest start, negated to be in order
    places: list[int] = []  # where that is
    following: dict[int, int] = {}
    for place in reversed(range(len(moments))):
        start = -moments[place].timestamp()
        length = bisect_right(starts, start)
        starts[length : length + 1] = [start]
        places[length : length + 1] = [place]
        if length:
            following[place] = places[length - 1]
    series = places[-1:]
    while series and series[-1] in following:
        series.append(following[series[-1]])
    return series


def _by_number(base_id: str) -> tuple[str, int]:
    month, number = base_id.split(".")
    return month, int(number)


def read(feed: Entry, entries: Sequence[Entry], *, url: str) -> Parsed:
    """Read one page of the answer to the query `url`.

    `next_url` asks for the papers after these: all that the query finds, and of a query sorted by date, newest first,
    the recent ones. Raises EmptyPage where papers are missing.
    """
    listings, skipped = collect(entries, _listing)
    listings = _dated(listings)
    days = (listing.announced_on for listing in listings if listing.announce_type.is_announcement)
    return Parsed(
        kind="arxiv-api",
        title=_name(str(feed.get("title") or "")),
        url="",
        listings=listings,
        skipped=skipped,
        announced_on=max(filter(None, days), default=None),
        next_url=_next_url(feed, entries, url),
    )


def _name(title: str) -> str:
    """Return "arXiv: cat:cs.CL" for the API's own title of a query, "arXiv" where it asks for single papers."""
    found = _QUERY_TITLE.match(title)
    return f"arXiv: {found[1]}" if found and found[1] else "arXiv"


def _listing(entry: Entry) -> Listing:
    found = arxiv_id(str(entry.get("id") or "")) or arxiv_id(str(entry.get("link") or ""))
    if not found:
        raise ValueError("no arXiv identifier")
    base_id, version = found
    title, abstract = decoded(entry.get("title") or "").strip(), decoded(entry.get("summary") or "").strip()
    latest = moment(entry.get("updated") or "")
    terms = [
        (entry.get("arxiv_primary_category") or {}).get("term"),
        *(tag.get("term") for tag in entry.get("tags") or ()),
    ]
    people = entry.get("authors")
    return Listing(
        title=without_mark(title),
        identifiers=identify(title="", arxiv=base_id, doi=doi(entry.get("arxiv_doi") or "")),
        abstract=abstract,
        authors=tuple(person["name"] for person in people if person.get("name")) if isinstance(people, list) else (),
        categories=codes(terms),
        url=f"https://arxiv.org/abs/{base_id}",
        pdf_url=f"https://arxiv.org/pdf/{base_id}",
        version=version,
        announce_type=AnnounceType.REPLACE if version > 1 else AnnounceType.NEW,
        announced_on=announced_on(latest) if latest else None,
        submitted_at=moment(entry.get("published") or ""),
        withdrawn=withdrawn(title, abstract, entry.get("arxiv_comment") or ""),
    )


def _dated(listings: Sequence[Listing]) -> tuple[Listing, ...]:
    """Give each first version the day of its batch: the other papers of the page tell which were held back."""
    days = announcement_days(
        {paper.identifiers[0].value: paper.submitted_at for paper in listings if paper.submitted_at}
    )
    return tuple(
        replace(paper, announced_on=days.get(paper.identifiers[0].value)) if paper.version == 1 else paper
        for paper in listings
    )


def _next_url(feed: Entry, entries: Sequence[Entry], url: str) -> str:
    parts = urlsplit(url)
    asked = dict(parse_qsl(parts.query))
    start = _number(feed.get("opensearch_startindex"), asked.get("start"))
    total = _number(feed.get("opensearch_totalresults"))
    following = start + len(entries)
    if following >= min(total, MOST):
        return ""
    if not entries:
        raise EmptyPage(f"no papers from {start:,} on, although there are {total:,}")
    if not parts.query or _is_old(feed, entries[-1], asked):
        return ""
    return parts._replace(query=urlencode(asked | {"start": str(following)}, safe=":,")).geturl()


def _number(*texts: object) -> int:
    return next((int(text) for text in texts if isinstance(text, str) and text.isdecimal()), 0)


def _is_old(feed: Entry, last: Entry, asked: Mapping[str, str]) -> bool:
    """Say whether only ever older papers follow, and nobody asked for the papers of certain days."""
    dated_by = _DATED_BY.get(asked.get("sortBy", ""))
    if dated_by is None or asked.get("sortOrder") == "ascending" or "Date:[" in asked.get("search_query", ""):
        return False
    answered, dated = moment(str(feed.get("updated") or "")), moment(str(last.get(dated_by) or ""))
    return answered is not None and dated is not None and answered - dated > RECENT
