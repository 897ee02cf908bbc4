"""How the sources are, for people and for monitoring: those that need a person come first and set the exit code."""

import sys
from collections import Counter
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.core.management.base import CommandParser
from django.db.models import Prefetch, Q
from django.utils import timezone
from django.utils.timesince import timesince, timeuntil

from digest.management.output import DataCommand, add_json_option, print_json
from digest.models import Gap, Source
from digest.models.health import FARTHEST, Health, Word, health

LONGEST_NAME = 40
DAY = timedelta(days=1)
AGO = timedelta(days=30)  # what is longer ago is shown by its date
GAP_ATTEMPTS = 5  # that failed, until a person should look
ORDER = (Word.FAILING, Word.STALE, Word.QUIET, Word.OK, Word.DISABLED)  # what is not even read comes last


class Row(NamedTuple):
    source: Source
    health: Health
    gaps: list[Gap]

    @property
    def needs_person(self) -> bool:
        return self.health.needs_person or any(gap.attempts >= GAP_ATTEMPTS for gap in self.gaps)


class Command(DataCommand):
    help = "Print how each source is; exit with 1 where one needs a person, so that monitoring can call it."

    def add_arguments(self, parser: CommandParser) -> None:
        add_json_option(parser)

    def handle(self, *args: Any, json: bool, **options: Any) -> None:
        now = timezone.now()
        rows = _rows(now)
        for row in rows if json else ():
            print_json(self, _as_json(row))
        if not json:
            self._print(rows, now)
        if any(row.needs_person for row in rows):
            sys.exit(1)  # a CommandError would add a line about an error, where the command did its work

    def _print(self, rows: list[Row], now: datetime) -> None:
        if not rows:
            self.stdout.write("No sources yet. Add one with manage.py add_source.")
            return
        names = _names([row.source for row in rows])
        cells = [[name, *_cells(row, now)] for name, row in zip(names, rows, strict=True)]
        lines = _table([["NAME", "HEALTH", "SINCE", "LAST VISIT", "NOTE"], *cells])
        self.stdout.write(lines[0])
        for row, line in zip(rows, lines[1:], strict=True):
            self.stdout.write(self.style.ERROR(line) if row.needs_person else line)
            for gap in row.gaps:
                self.stdout.write(f"  {_gap_note(gap)}")
        self.stdout.write(_closing(rows))


def _rows(now: datetime) -> list[Row]:
    """Return all sources, those that need a person first."""
    unfilled = Gap.objects.filter(Q(next_attempt_at__isnull=False) | Q(attempts__gt=0)).order_by("first", "pk")
    sources = Source.objects.prefetch_related(Prefetch("gaps", unfilled))
    rows = [Row(source, health(source, now), list(source.gaps.all())) for source in sources]
    return sorted(
        rows, key=lambda row: (not row.needs_person, ORDER.index(row.health.word), row.source.name, row.source.pk)
    )


def _as_json(row: Row) -> dict[str, Any]:
    source, found = row.source, row.health
    return {
        "source": source.name,
        "kind": source.kind,
        "url": source.url,
        "health": found.word,
        "since": found.since.isoformat(),
        "last_visit": source.last_checked_at.isoformat() if source.last_checked_at else None,
        "note": found.note,
        "gaps": [_gap_note(gap) for gap in row.gaps],
        "needs_person": row.needs_person,
    }


def _names(sources: list[Source]) -> list[str]:
    """Return the names, with the host where others have the name too, or with the address where the host is theirs."""
    names = [_cut(source.name) for source in sources]
    hosts = [f"{name} ({_cut(source.host or source.url)})" for name, source in zip(names, sources, strict=True)]
    seen = Counter(names) + Counter(hosts)
    return [
        name if seen[name] == 1 else host if seen[host] == 1 else f"{name} ({_printable(source.url)})"
        for name, host, source in zip(names, hosts, sources, strict=True)
    ]


def _cut(text: str) -> str:
    text = _printable(text)
    return text if len(text) <= LONGEST_NAME else f"{text[: LONGEST_NAME - 1]}…"


def _cells(row: Row, now: datetime) -> list[str]:
    visited = row.source.last_checked_at
    return [
        row.health.word,
        _when(row.health.since, now),
        _when(visited, now) if visited else "never",
        " ".join(filter(None, (_printable(row.health.note), _next_visit(row.source, now)))),
    ]


def _next_visit(source: Source, now: datetime) -> str:
    """Say when the next visit is where that is far, and no mistake, which its health would tell."""
    ahead = source.next_check_at - now
    if not source.is_active or not DAY < ahead <= FARTHEST:
        return ""
    return f"Next visit in {timeuntil(source.next_check_at, now, depth=1)}.".replace("\xa0", " ")


def _printable(text: str) -> str:
    """Return `text` as one line: names and errors may hold what servers say, and that may steer a terminal."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def _when(moment: datetime, now: datetime) -> str:
    if now - moment > AGO:
        return f"{moment:%Y-%m-%d}"
    if now - moment < timedelta(minutes=1):
        return "just now"
    return f"{timesince(moment, now, depth=1)} ago".replace("\xa0", " ")


def _gap_note(gap: Gap) -> str:
    days = f"{gap.first}" if gap.first == gap.last else f"the days from {gap.first} to {gap.last}"
    state = "being caught up" if gap.next_attempt_at else "given up"
    failures = f", {gap.attempts} failed so far ({_printable(gap.note)})" if gap.attempts else ""
    return f"{gap.category} misses {days}: {state}{failures}"


def _table(rows: list[list[str]]) -> list[str]:
    """Return lines with columns as wide as they need; the last one ends where it ends."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]


def _closing(rows: list[Row]) -> str:
    counts = Counter(row.health.word for row in rows)
    words = ", ".join(f"{counts[word]:,} {word}" for word in Word if counts[word])
    needed = sum(row.needs_person for row in rows)
    needing = f"{needed or 'None'} {'need' if needed > 1 else 'needs'} you."
    return f"{len(rows):,} {'source' if len(rows) == 1 else 'sources'}: {words}. {needing}"
