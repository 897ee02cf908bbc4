"""How long bringing the trends up to date takes, with PAPERS (15,000 unless the environment says more) that have votes.

The clock calls it each minute. `all new` finds every paper without a trend, `a minute later` next to nothing changes,
`ten hours later` every paper has new votes. Goal: below 10 seconds on PostgreSQL, of which no paper is held for 1.
"""

import os
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import TYPE_CHECKING

from tests.benchmarks.setting import report, set_up

if TYPE_CHECKING:
    from digest.models import Signal

PAPERS = int(os.environ.get("PAPERS", "") or 15_000)
NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
AGE = timedelta(days=13)
READ_EVERY = timedelta(hours=10)
MOMENTS = {"all new": NOW, "a minute later": NOW + timedelta(minutes=1), "ten hours later": NOW + READ_EVERY}


def fill(chance: random.Random) -> int:
    """Make the papers and their signals; return how many signals they have."""
    from django.db import connection, transaction

    from digest.management.bulk import reserve, write, write_new
    from digest.models import Paper

    with transaction.atomic():
        papers = [
            Paper(pk=key, title=f"Paper {key}", match_due_at=None, index_due_at=None, created_at=at, announced_on=at)
            for key in reserve(Paper, PAPERS)
            for at in [NOW - AGE * chance.random()]
        ]
        signals = [signal for paper in papers for signal in rising(paper.pk, paper.created_at, chance)]
        write(papers)
        write_new(signals)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return len(signals)


def rising(paper: int, since: datetime, chance: random.Random) -> "Iterator[Signal]":
    """Yield the votes of a paper; the last ones are read only after NOW."""
    from digest.models import Signal

    total, at = 0, since
    while at <= NOW + READ_EVERY:
        total += chance.randrange(1, 9)
        yield Signal(paper_id=paper, kind="upvotes", value=total, observed_at=at)
        at += READ_EVERY


def main() -> None:
    set_up()
    from django.db import connection

    from digest.ingest.rank import update_trends

    signals = fill(random.Random(1))  # noqa: S311 - the same votes on every run
    for moment, now in MOMENTS.items():
        start = perf_counter()
        changed = update_trends(now)
        seconds = perf_counter() - start
        report(f"trends {moment}", database=connection.vendor, signals=signals, changed=changed, seconds=seconds)


if __name__ == "__main__":
    main()
