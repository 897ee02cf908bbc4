"""What it costs to find and open the readers of one hour among 1,000,000, beside the same where there are no others.

    DATABASE_URL=postgres://... python -m tests.benchmarks.due [READERS]

Needs PostgreSQL. Prints one JSON line each for the scan (its plan, pages read and time), opening slices of 500,
claiming digests, and what runs each minute beside them; first among everybody, then with that hour's readers alone.
"""

import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from tests.benchmarks.setting import report, set_up

READERS = 1_000_000
HOURS = 24
SLICES = 20


def main(readers: int) -> None:
    set_up()
    from django.utils import timezone

    now = timezone.now().replace(minute=30, second=0, microsecond=0)
    for hours, which in ((HOURS, f"among {readers:,}"), (1, "that hour alone")):
        _make(readers * hours // HOURS, now, hours)
        _measure(which, now)


def _make(readers: int, now: datetime, hours: int) -> None:
    """Make readers of so many hours, each a quarter of an hour wide, and a digest of yesterday for each of them."""
    from django.db import connection

    from accounts.models import Reader
    from digest.models import Digest, Edition
    from tests.many import analyze, multiply

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE accounts_reader, digest_edition CASCADE")
    reader = Reader.objects.create_user("model@example.org", state=Reader.State.ACTIVE)
    hour = (now - timedelta(minutes=30)).isoformat()
    at = f"'{hour}'::timestamptz + (n % {hours}) * interval '1 hour' + (n / {hours} % 900) * interval '1 second'"
    started = time.perf_counter()
    multiply(reader, readers, email="'r' || n || '@example.org'", next_digest_at=at)
    edition = Edition.objects.create(date=(now - timedelta(days=1)).date())
    digest = Digest.objects.create(reader=reader, edition=edition, due_at=now, state="accepted")
    multiply(digest, readers, key="gen_random_uuid()", reader_id=f"{reader.pk} + n")
    analyze(Reader, Digest, vacuum=True)
    report("rows made", readers=readers, seconds=round(time.perf_counter() - started, 1))


def _measure(which: str, now: datetime) -> None:
    """Report what the hour costs."""
    from accounts.models import Reader
    from digest.delivery import ledger, uncertain
    from digest.delivery.editions import SLICE, open_slice
    from digest.models import Digest, Letter

    due = Reader.objects.due(now)
    report("scan of one hour", where=which, due=due.count(), **_explained(due.values_list("pk")))
    report("scan of a slice", where=which, **_explained(due[:500]))
    started = time.perf_counter()
    opened = sum(open_slice(now) for _ in range(SLICES))
    seconds = time.perf_counter() - started
    report("opening", where=which, readers=opened, per_slice_ms=round(seconds / opened * SLICE * 1000, 1))
    report(
        "claiming",
        where=which,
        **_explained(Digest.objects.due(now)[:100]),
        claim_ms=_took(lambda: ledger.claim(now, limit=100)),
    )
    report(
        "each minute",
        where=which,
        sweep_ms=_took(lambda: ledger.sweep(now)),
        uncertain_ms=_took(lambda: uncertain.look_after_uncertain(now)),
        letters=_explained(Letter.objects.due(now)[:100]),
    )


def _took(work: Any) -> float:
    started = time.perf_counter()
    work()
    return round((time.perf_counter() - started) * 1000, 1)


def _explained(query: Any) -> dict[str, Any]:
    """Run the query as PostgreSQL explains it; return by which scans, how many pages and how long."""
    from django.db import connection

    sql, values = query.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", values)
        explained = cursor.fetchone()[0][0]
    plan = explained["Plan"]
    scans = [
        f"{step['Node Type']} {step.get('Index Name', '')}".strip()
        for step in _steps(plan)
        if "Scan" in step["Node Type"]
    ]
    pages = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    return {"scans": scans, "pages": pages, "ms": round(explained["Execution Time"], 1)}


def _steps(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", []):
        yield from _steps(part)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else READERS)
