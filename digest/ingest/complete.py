"""Abstracts that no source has brought, asked for at Crossref: by DOI, or by the number in the address of the page.

Which papers lack one is noted when they are stored. What Crossref says fills gaps and announces nothing; the paper is
then matched again. Crossref often learns an abstract days after the paper, so it is asked again, a few times.
"""

import json
import logging
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from django.conf import settings

from digest.ingest.clean import clean
from digest.ingest.fetch import FetchError
from digest.ingest.politeness import politely
from digest.ingest.store import store
from digest.models import Paper
from digest.sources import crossref
from digest.sources.listing import AnnounceType, Identifier, Listing, Scheme, Skipped

log = logging.getLogger(__name__)

PAPERS = 10  # of one pass
SECONDS = 45.0  # of one pass, in which papers are asked for
WAITS = (timedelta(days=1), timedelta(days=3), timedelta(days=10))
CLOSED_FOR = timedelta(hours=1)  # where the server does not say for how long
CLOSED = ("busy", "rate_limited")
SILENT = ("timeout", "name", "transport", "tls")  # whoever is asked next may wait as long
UNKNOWN = (404, 410)

Reader = Callable[[object], Sequence[Listing]]

_PII = re.compile(r"://www\.sciencedirect\.com/science/article/(?:abs/)?pii/([SB][0-9X]{16})\b", re.IGNORECASE)


def complete_due(now: datetime) -> int:
    """Ask for some of the papers that are due; return how many got an abstract. Does nothing unless it is enabled."""
    if not settings.CROSSREF:
        return 0
    ends, completed = time.monotonic() + SECONDS, 0
    papers = Paper.objects.claim_for_completion(now, limit=PAPERS)
    for place, paper in enumerate(papers):
        if time.monotonic() >= ends:
            _give_back(papers[place:], now, 0)
            break
        try:
            completed += _complete(paper, now)
        except FetchError as error:
            log.warning("paper=%s error=%s", paper.pk, error)
            if error.kind in CLOSED:
                _give_back(papers[place:], now, error.retry_seconds)
                break
            _plan(paper, now, is_known=error.status not in UNKNOWN)
            if error.kind in SILENT:
                _give_back(papers[place + 1 :], now, None)
                break
        except Exception:
            log.exception("paper=%s", paper.pk)
            _plan(paper, now, is_known=True)
    return completed


def _complete(paper: Paper, now: datetime) -> bool:
    """Ask for one paper, and store what is said of it; tell whether that has an abstract. Raises FetchError."""
    names = [Identifier(Scheme(row.scheme), row.value) for row in paper.identifiers.all()]
    url, read = _question(names)
    listing = _answer(url, read, names) if url else None
    if listing:
        store([listing], source=None, now=now)
    _plan(paper, now, is_known=bool(url))
    return bool(listing and listing.abstract)


def _question(names: Sequence[Identifier]) -> tuple[str, Reader]:
    """Return where Crossref answers for a paper of these names and how that is read; "" where it cannot know it."""
    asked = {"contact": settings.CONTACT, "base": settings.CROSSREF_URL}
    for name in names:
        if name.scheme is Scheme.DOI:
            return crossref.work_url(name.value, **asked), _work
    numbers = (found[1].upper() for name in names if name.scheme is Scheme.URL and (found := _PII.search(name.value)))
    number = next(numbers, "")
    return crossref.pii_url(number, **asked) if number else "", _works


def _work(answer: object) -> Sequence[Listing]:
    return (crossref.work(answer),)


def _works(answer: object) -> Sequence[Listing]:
    return crossref.read(answer, url="").listings


def _answer(url: str, read: Reader, names: Sequence[Identifier]) -> Listing | None:
    """Return what the answer says of the paper of these names; None where it is no answer about one paper."""
    try:
        [listing] = read(json.loads(politely(url).body))
    except (ValueError, RecursionError) as error:
        log.warning("url=%s error=%s", url, error)
        return None
    cleaned = clean(listing)
    if isinstance(cleaned, Skipped):
        return None
    known = sorted({*cleaned.identifiers, *names}, key=lambda name: list(Scheme).index(name.scheme))
    return replace(cleaned, identifiers=tuple(known), announce_type=AnnounceType.REPLACE)


def _plan(paper: Paper, now: datetime, *, is_known: bool) -> None:
    """Ask again later, unless the abstract is there, or there is no more hope."""
    asked = paper.complete_attempts + 1
    is_hopeless = not is_known or asked > len(WAITS)
    due = None if is_hopeless else now + WAITS[asked - 1]
    Paper.objects.filter(pk=paper.pk, abstract="").update(complete_attempts=asked, complete_due_at=due)


def _give_back(papers: Sequence[Paper], now: datetime, seconds: int | None) -> None:
    """Ask for them later; that they had to wait does not count."""
    wait = CLOSED_FOR if seconds is None else timedelta(seconds=seconds)
    Paper.objects.filter(pk__in=[paper.pk for paper in papers], abstract="").update(complete_due_at=now + wait)
