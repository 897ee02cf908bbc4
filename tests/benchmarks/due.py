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
    _make(readers, now)
    alone = _measure(f"among {readers:,}", now, undo=True)
    _leave_one_hour(now)
    _measure("that hour alone", now, undo=False)
    report("due", readers=readers, due=alone)


def _make(readers: int, now: datetime) -> None:
    """Make readers of 24 hours, a quarter of an hour wide each, and a digest of yesterday for each."""
    from accounts.models import Reader
    from digest.models import Digest, Edition
    from tests.many import analyze, multiply

    reader = Reader.objects.create_user("model@example.org", state=Reader.State.ACTIVE)
    hour = (now - timedelta(minutes=30)).isoformat()
    at = f"'{hour}'::timestamptz + (n % {HOURS}) * interval '1 hour' + (n / {HOURS} % 900) * interval '1 second'"
    started = time.perf_counter()
    multiply(reader, readers, email="'r' || n || '@example.org'", next_digest_at=at)
    edition = Edition.objects.create(date=(now - timedelta(days=1)).date())
    digest = Digest.objects.create(reader=reader, edition=edition, due_at=now, state="accepted")
    multiply(digest, readers, key="gen_random_uuid()", reader_id=f"{reader.pk} + n")
    analyze(Reader, Digest, vacuum=True)
    report("rows made", readers=readers, seconds=round(time.perf_counter() - started, 1))


def _leave_one_hour(now: datetime) -> None:
    from django.db import connection

    from accounts.models import Reader
    from digest.models import Digest
    from tests.many import analyze

    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM digest_digest USING accounts_reader AS reader "
            "WHERE reader_id = reader.id AND (reader.next_digest_at > %s OR reader.next_digest_at IS NULL)",
            [now],
        )
        cursor.execute("DELETE FROM accounts_reader WHERE next_digest_at > %s OR next_digest_at IS NULL", [now])
        cursor.execute("VACUUM FULL accounts_reader")
        cursor.execute("VACUUM FULL digest_digest")
    analyze(Reader, Digest, vacuum=True)


def _measure(which: str, now: datetime, *, undo: bool) -> int:
    """Report what the hour costs; with `undo` its readers are due again afterwards."""
    from django.db import transaction

    from accounts.models import Reader
    from digest.delivery import ledger, uncertain
    from digest.delivery.editions import open_slice
    from digest.models import Digest, Letter

    due: int = Reader.objects.due(now).count()
    report("scan of one hour", where=which, due=due, **_explained(Reader.objects.due(now).values_list("pk")))
    report("scan of a slice", where=which, **_explained(Reader.objects.due(now)[:500]))
    with transaction.atomic():
        started = time.perf_counter()
        opened = sum(open_slice(now) for _ in range(SLICES))
        seconds = time.perf_counter() - started
        report("opening", where=which, readers=opened, per_slice_ms=round(seconds / SLICES * 1000, 1))
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
        transaction.set_rollback(undo)
    return due


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
