"""Listings into rows: finds the paper that each listing speaks of, and stores what is new about it.

Storing the same listings again changes nothing. They come here cleaned. `identity` decides which paper is meant, and
`learn` what it takes over; papers that turn out to be one go to `merge`. Trend and matches come after (`rank`).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, OperationalError, transaction
from django.db.models import F, Window
from django.db.models.functions import RowNumber

from digest.ingest.identity import Register
from digest.ingest.learn import TEXT, learn, save_learnt
from digest.ingest.merge import merge
from digest.models import Change, Paper, PaperIdentifier, Sighting, Signal, Source
from digest.sources.listing import Identifier, Listing, Reading

TRIES = 5
ANSWERED_AGAIN = timedelta(days=1)
REPEATED_AFTER = timedelta(hours=20)  # for totals that do not change: unread and unchanged are two things

Pairs = Sequence[tuple[Listing, Paper]]


@dataclass(frozen=True, slots=True)
class Stored:
    """How many papers were new, how many known ones learned something, how many are news from this source."""

    new: int = 0
    updated: int = 0
    sighted: int = 0


def store(listings: Sequence[Listing], *, source: Source | None, now: datetime) -> Stored:
    """Store `listings` as `source` stated them at `now`, in one transaction; without a source nothing is sighted."""
    for tries_left in reversed(range(TRIES)):
        try:
            with transaction.atomic():
                return _Batch(listings, source, now).store()
        except (IntegrityError, OperationalError):
            # Another worker stores some of these papers at this moment: the next try waits for it, and finds them.
            if not tries_left:
                raise
    raise AssertionError("the last try returns or raises")


class _Batch:
    """One try of `store`: the papers it touches, and the rows it will write."""

    def __init__(self, listings: Sequence[Listing], source: Source | None, now: datetime) -> None:
        # A listing of many names goes first: it may say that what others speak of is one paper.
        self.listings = sorted(listings, key=lambda listing: -len(listing.identifiers))
        self.source = source
        self.now = now
        self.register = Register(listings)
        self.new: list[Paper] = []
        self.changed: dict[int, Paper] = {}
        self.touched: set[int] = set()
        self.named: list[tuple[Paper, Identifier]] = []

    def store(self) -> Stored:
        papers = [self._paper(listing) for listing in self.listings]
        self._write_papers()
        pairs = [(listing, self.register.kept(paper)) for listing, paper in zip(self.listings, papers, strict=True)]
        fresh = {paper.pk for paper in self.new}
        sighted = self._store_sightings(pairs, self.source, fresh) if self.source else 0
        self._store_readings(pairs)
        if fresh or self.touched:
            Change.objects.note()
        return Stored(new=len(fresh), updated=len(self.touched - fresh), sighted=sighted)

    def _paper(self, listing: Listing) -> Paper:
        """Return the paper that `listing` speaks of, with all that it learns from it."""
        paper = self.register.find(listing)
        is_changed = False
        if paper is None:
            paper = self._new_paper(listing)
        else:
            # The day on which it was first read says nothing about a paper whose day is known.
            dated = listing.announced_on or paper.announced_on is None
            announced_on = self._announced_on(listing) if dated else None
            is_changed = learn(paper, listing, announced_on=announced_on, withdrawn=listing.withdrawn, now=self.now)
        if _lacks_abstract(paper) and settings.CROSSREF:
            paper.complete_due_at, is_changed = self._ask_at(), True
        named = self.register.add(paper, listing.identifiers)
        self.named += [(paper, identifier) for identifier in named]
        if paper.pk is not None and (named or is_changed):
            self.touched.add(paper.pk)
            if is_changed:
                self.changed[paper.pk] = paper
        return paper

    def _new_paper(self, listing: Listing) -> Paper:
        announced_on = self._announced_on(listing)
        paper = Paper(
            **{field: getattr(listing, field) for field in TEXT},
            author_count=listing.author_count,
            version=listing.version,
            announced_on=announced_on,
            withdrawn_at=self.now if listing.withdrawn else None,
            match_due_at=self.now if announced_on and not listing.withdrawn else None,
            index_due_at=self.now,
            created_at=self.now,
            changed_at=self.now,
        )
        self.new.append(paper)
        return paper

    def _ask_at(self) -> datetime:
        """Return when Crossref is to be asked for an abstract: at once, unless it was Crossref that gave none."""
        by_crossref = self.source is not None and self.source.kind == Source.Kind.CROSSREF
        return self.now + ANSWERED_AGAIN if by_crossref else self.now

    def _announced_on(self, listing: Listing) -> date | None:
        """Return when `listing` announces its paper: None for the replacement of a paper, which is no news."""
        return (listing.announced_on or self.now.date()) if listing.announce_type.is_announcement else None

    def _write_papers(self) -> None:
        merged = {other: self.register.kept(other) for other in self.register.merged}
        if merged:
            merge(merged, self.now)
            self.touched |= {paper.pk for paper in merged.values()}
        settled = {paper.pk for pair in merged.items() for paper in pair}
        changed = [paper for key, paper in sorted(self.changed.items()) if key not in settled]
        Paper.objects.bulk_create(self.new, batch_size=500)
        save_learnt(changed)
        rows = [
            PaperIdentifier(paper_id=self.register.kept(paper).pk, scheme=name.scheme, value=name.value)
            # In one order for all workers: of two who add the same ones, neither waits for the other in turn.
            for paper, name in sorted(self.named, key=lambda named: (named[1].scheme, named[1].value))
        ]
        PaperIdentifier.objects.bulk_create(rows, batch_size=2000)

    def _store_sightings(self, pairs: Pairs, source: Source, fresh: Collection[int]) -> int:
        """Return how many papers this source had not announced before."""
        read_before = {paper.pk for _, paper in pairs} - set(fresh)
        rows = Sighting.objects.filter(source=source, paper__in=read_before)
        known = set(rows.values_list("paper_id", "announced_on", "announce_type")) if read_before else set()
        undated = {(paper, kind) for paper, _, kind in known}
        before = {paper for paper, _, _ in known}
        sightings = []
        for listing, paper in pairs:
            kind = listing.announce_type.value
            day = listing.announced_on or self.now.date()
            if (paper.pk, day, kind) in known or (listing.announced_on is None and (paper.pk, kind) in undated):
                continue
            known.add((paper.pk, day, kind))
            undated.add((paper.pk, kind))
            sightings.append(self._sighting(listing, paper, source, day))
        Sighting.objects.bulk_create(sightings, batch_size=1000)
        self.touched |= {sighting.paper_id for sighting in sightings}
        announced = {paper.pk for listing, paper in pairs if listing.announce_type.is_announcement}
        return len(announced - before)

    def _sighting(self, listing: Listing, paper: Paper, source: Source, day: date) -> Sighting:
        return Sighting(
            paper_id=paper.pk,
            source_id=source.pk,
            announced_on=day,
            is_estimated=listing.announced_on is None,
            announce_type=listing.announce_type.value,
            version=listing.version,
            seen_at=self.now,
        )

    def _store_readings(self, pairs: Pairs) -> None:
        stated: dict[tuple[int, str], Reading] = {
            (paper.pk, reading.kind.value): reading for listing, paper in pairs for reading in listing.readings
        }
        if not stated:
            return
        latest = _latest_readings({paper for paper, _ in stated}, self.now)
        signals = []
        for (paper, kind), reading in stated.items():
            value, observed_at = latest.get((paper, kind), (None, self.now))
            if value != reading.value:
                self.touched.add(paper)
            if value != reading.value or self.now - observed_at >= REPEATED_AFTER:
                signals.append(Signal(paper_id=paper, kind=kind, value=reading.value, observed_at=self.now))
        Signal.objects.bulk_create(signals, batch_size=1000, ignore_conflicts=True)


def _lacks_abstract(paper: Paper) -> bool:
    """Say whether a paper is news without an abstract, and nobody has been asked for it yet."""
    asked = paper.complete_attempts or paper.complete_due_at
    return not (paper.abstract or asked or paper.withdrawn_at) and paper.announced_on is not None


def _latest_readings(papers: Collection[int], now: datetime) -> dict[tuple[int, str], tuple[int, datetime]]:
    newest = Window(RowNumber(), partition_by=["paper", "kind"], order_by=F("observed_at").desc())
    rows = Signal.objects.filter(paper__in=papers, observed_at__lte=now).annotate(place=newest).filter(place=1)
    columns = rows.values_list("paper_id", "kind", "value", "observed_at")
    return {(paper, kind): (value, observed_at) for paper, kind, value, observed_at in columns}
