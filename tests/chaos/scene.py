"""The rows of a run: readers who are due, what they follow, and what the ledger says of them in the end.

Imports the project when called: Django is set up by then, on the run's own database.
"""

# ruff: noqa: PLC0415 - models come after the settings

import json
import os
from contextlib import suppress
from datetime import timedelta
from io import StringIO
from typing import Any

from tests.chaos.lapse import BEGINS
from tests.chaos.verdict import Entry

DOMAINS, TOPICS, PAPERS = 40, 10, 60
ABSTRACT = "What is learned from one task is carried over to another, and what is lost on the way is counted. " * 6


def begin(environ: dict[str, str]) -> None:
    """Start Django in this process on the run's database, and make its tables."""
    os.environ.update(environ)
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def make(count: int) -> None:
    """Make `count` readers whose digest is due, and enough papers for all."""
    from accounts.models import Reader
    from digest.models import Match, Paper, Subscription, Topic

    topics = [Topic.objects.named(f"subject {name}") for name in "abcdefghij"[:TOPICS]]
    day = BEGINS.date()
    papers = Paper.objects.bulk_create(
        Paper(title=f"Paper number {n}", abstract=ABSTRACT, announced_on=day, match_due_at=None) for n in range(PAPERS)
    )
    Topic.objects.update(match_due_at=None)
    Match.objects.bulk_create(
        Match(topic=topics[n % TOPICS], paper=paper, score=0.8, why="matches your topic", announced_on=day)
        for n, paper in enumerate(papers)
    )
    midnight = BEGINS.replace(hour=0, minute=0)
    readers = Reader.objects.bulk_create(
        Reader(email=f"reader{n}@d{n % DOMAINS}.example.org", state="active", password="!", papers=5)
        for n in range(count)
    )
    for reader in readers:
        reader.next_digest_at = reader.slot_after(midnight)
    Reader.objects.bulk_update(readers, ["next_digest_at"], batch_size=500)
    Subscription.objects.bulk_create(
        [
            Subscription(reader=reader, topic=topics[(n + k) % TOPICS])
            for n, reader in enumerate(readers)
            for k in (0, 3)
        ],
        batch_size=500,
    )


def settled() -> int | None:
    """Return how many digests have reached their end; None where the database cannot be asked just now."""
    from django.db import Error, connection

    from digest.models import Digest

    try:
        return Digest.objects.filter(settled_at__isnull=False).count()
    except Error:
        connection.close()
        return None


def ledger() -> list[Entry]:
    from digest.models import Digest

    rows = Digest.objects.order_by("pk").values_list("key", "reader__email", "state", "reason")
    return [Entry(key.hex, email, state, reason) for key, email, state, reason in rows]


def close_edition() -> dict[str, Any]:
    """Close the edition once its day is over everywhere; return what `manage.py check_edition` says of it then.

    `named` are the readers that the command names as those who got nothing.
    """
    from django.core.management import call_command

    from accounts.models import Reader
    from digest.delivery.editions import close_over

    Reader.objects.pause()  # of the next day's edition nobody waits to be opened
    close_over(BEGINS + timedelta(days=3))
    said = StringIO()
    with suppress(SystemExit):  # with 1, where it does not hold: `holds` says so too
        call_command("check_edition", f"{BEGINS:%Y-%m-%d}", json=True, stdout=said)
    found, *named = map(json.loads, said.getvalue().splitlines())
    return {**found, "named": len(named)}
