"""Listings into rows: finds the paper that each listing speaks of, and stores what is new about it.

Storing the same listings again changes nothing. They come here cleaned; trend and matches come after (`rank`).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction

from digest.models import Paper, PaperIdentifier, Sighting, Signal, Source
from digest.sources.listing import Identifier, Listing, Reading, Scheme

PAPER_TEXT = ("title", "abstract", "authors", "categories", "venue", "url", "pdf_url", "submitted_at")


@dataclass(frozen=True, slots=True)
class Stored:
    """How many papers were new, and how many known ones learned something."""

    new: int = 0
    updated: int = 0


def store(listings: Sequence[Listing], *, source: Source, now: datetime) -> Stored:
    """Store `listings` as `source` stated them at `now`, in one transaction."""
    try:
        return _Batch(source, now).store(listings)
    except IntegrityError:
        # Another worker stored one of these papers at the same moment: now it is known, and the second try finds it.
        return _Batch(source, now).store(listings)


class _Batch:
    """One call of `store`: the papers it touches, by identifier, and the rows it will write."""

    def __init__(self, source: Source, now: datetime) -> None:
        self.source = source
        self.now = now
        self.papers: dict[Identifier, Paper] = {}
        self.new: list[Paper] = []
        self.changed: dict[int, Paper] = {}
        self.touched: set[int] = set()
        self.identifiers: list[PaperIdentifier] = []

    def store(self, listings: Sequence[Listing]) -> Stored:
        with transaction.atomic():
            self._load(listings)
            pairs = [(listing, self._paper(listing)) for listing in listings]
            Paper.objects.bulk_create(self.new, batch_size=500)
            Paper.objects.bulk_update(
                self.changed.values(),
                [*PAPER_TEXT, "version", "announced_on", "match_due_at"],
                batch_size=100,
            )
            PaperIdentifier.objects.bulk_create(self.identifiers, batch_size=2000)
            self._store_sightings(pairs)
            self._store_readings(pairs)
        fresh = {paper.pk for paper in self.new}
        return Stored(new=len(fresh), updated=len(self.touched - fresh))

    def _load(self, listings: Iterable[Listing]) -> None:
        by_scheme: dict[Scheme, set[str]] = defaultdict(set)
        for listing in listings:
            for identifier in listing.identifiers:
                by_scheme[identifier.scheme].add(identifier.value)
        owners: dict[Identifier, int] = {}
        for scheme, values in by_scheme.items():
            rows = PaperIdentifier.objects.filter(scheme=scheme, value__in=values).values_list("value", "paper_id")
            owners |= {Identifier(scheme, value): paper for value, paper in rows}
        papers = Paper.objects.in_bulk(set(owners.values()))
        self.papers = {identifier: papers[key] for identifier, key in owners.items()}

    def _paper(self, listing: Listing) -> Paper:
        """Return the paper that `listing` speaks of: its strongest known identifier decides."""
        known = [self.papers[identifier] for identifier in listing.identifiers if identifier in self.papers]
        paper = known[0] if known else self._new_paper(listing)
        if known and learn(paper, listing, self._announced_on(listing)):
            paper.match_due_at = self.now if paper.announced_on else None
            self._mark(paper, changed=True)
        for identifier in listing.identifiers:
            if identifier not in self.papers:
                self.papers[identifier] = paper
                self.identifiers.append(PaperIdentifier(paper=paper, scheme=identifier.scheme, value=identifier.value))
                self._mark(paper)
        return paper

    def _new_paper(self, listing: Listing) -> Paper:
        paper = Paper(
            **{field: getattr(listing, field) for field in PAPER_TEXT},
            version=listing.version,
            announced_on=self._announced_on(listing),
            created_at=self.now,
        )
        paper.match_due_at = self.now if paper.announced_on else None
        self.new.append(paper)
        return paper

    def _announced_on(self, listing: Listing) -> date | None:
        """Return when `listing` announces its paper: None for the replacement of a paper, which is no news."""
        return (listing.announced_on or self.now.date()) if listing.announce_type.is_announcement else None

    def _mark(self, paper: Paper, *, changed: bool = False) -> None:
        if paper.pk is not None:
            self.touched.add(paper.pk)
            if changed:
                self.changed[paper.pk] = paper

    def _store_sightings(self, pairs: Sequence[tuple[Listing, Paper]]) -> None:
        known = set(
            Sighting.objects.filter(source=self.source, paper__in={paper.pk for _, paper in pairs}).values_list(
                "paper_id", "announced_on", "announce_type"
            )
        )
        undated = {(paper, kind) for paper, _, kind in known}
        sightings = []
        for listing, paper in pairs:
            kind = listing.announce_type.value
            if listing.announced_on is None and (paper.pk, kind) in undated:
                continue
            seen: tuple[int, date, str] = (paper.pk, listing.announced_on or self.now.date(), kind)
            if seen not in known:
                known.add(seen)
                undated.add((paper.pk, kind))
                self.touched.add(paper.pk)
                sightings.append(self._sighting(seen, listing.version))
        Sighting.objects.bulk_create(sightings, batch_size=1000)

    def _sighting(self, seen: tuple[int, date, str], version: int) -> Sighting:
        paper, announced_on, kind = seen
        return Sighting(
            paper_id=paper,
            source=self.source,
            announced_on=announced_on,
            announce_type=kind,
            version=version,
            seen_at=self.now,
        )

    def _store_readings(self, pairs: Sequence[tuple[Listing, Paper]]) -> None:
        stated: dict[tuple[int, str], Reading] = {
            (paper.pk, reading.kind.value): reading for listing, paper in pairs for reading in listing.readings
        }
        latest = _latest_values({paper for paper, _ in stated}, self.now)
        signals = [
            Signal(paper_id=paper, kind=kind, value=reading.value, observed_at=self.now)
            for (paper, kind), reading in stated.items()
            if latest.get((paper, kind)) != reading.value
        ]
        self.touched |= {signal.paper_id for signal in signals}
        Signal.objects.bulk_create(signals, batch_size=1000, ignore_conflicts=True)


def _latest_values(papers: Collection[int], now: datetime) -> dict[tuple[int, str], int]:
    rows = Signal.objects.filter(paper__in=papers, observed_at__lte=now).order_by("observed_at")
    return {(paper, kind): value for paper, kind, value in rows.values_list("paper_id", "kind", "value")}


def learn(paper: Paper, listing: Listing, announced_on: date | None) -> bool:
    """Take over what `listing` knows better than `paper`; return whether anything changed.

    A later version replaces the text. At the same version the first source's text stands, and only gaps are filled, so
    that sources which spell a title differently do not take turns. Of two announcements the earlier one counts.
    """
    before = [getattr(paper, field) for field in (*PAPER_TEXT, "announced_on")]
    later = listing.version > paper.version
    for field in PAPER_TEXT:
        stated = getattr(listing, field)
        if stated and (later or not getattr(paper, field)):
            setattr(paper, field, list(stated) if isinstance(stated, tuple) else stated)
    if announced_on is not None and (listing.announced_on or paper.announced_on is None):
        paper.announced_on = min(announced_on, paper.announced_on or announced_on)
    changed = later or before != [getattr(paper, field) for field in (*PAPER_TEXT, "announced_on")]
    paper.version = max(paper.version, listing.version)
    return changed
