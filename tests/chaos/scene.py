"""The rows of a run: readers who are due, what they follow, and what the ledger says of them in the end.

Imports the project when called: Django is set up by then, on the run's own database.
"""

# ruff: noqa: PLC0415 - models come after the settings

import json
import os
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from io import StringIO
from typing import Any
from uuid import UUID

from tests.chaos.lapse import BEGINS
from tests.chaos.verdict import Entry

DOMAINS, TOPICS, PAPERS = 40, 10, 60
LETTER_MINUTES = 10
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


def post(count: int) -> None:
    """Post `count` letters, to people who are no readers: one falls due in each of their minutes, again and again."""
    from digest.models import Letter

    Letter.objects.bulk_create(
        Letter(
            kind=Letter.Kind.UNKNOWN,
            address=f"guest{n}@d{n % DOMAINS}.example.org",
            posted_at=BEGINS,
            next_attempt_at=BEGINS + timedelta(minutes=n % LETTER_MINUTES),
            expires_at=BEGINS + timedelta(days=1),
        )
        for n in range(count)
    )


def settled() -> int | None:
    """Return how many mails have reached their end; None where the database cannot be asked just now."""
    from django.db import Error, connection

    from digest.models import Digest, Letter

    try:
        return sum(model.objects.filter(settled_at__isnull=False).count() for model in (Digest, Letter))
    except Error:
        connection.close()
        return None


def digests() -> list[Entry]:
    from digest.models import Digest

    return _entries(Digest.objects.values_list("key", "reader__email", "state", "reason"))


def letters() -> list[Entry]:
    from digest.models import Letter

    return _entries(Letter.objects.values_list("key", "address", "state", "reason"))


def _entries(rows: Iterable[tuple[UUID, str, str, str]]) -> list[Entry]:
    return [Entry(key.hex, address, state, reason) for key, address, state, reason in rows]


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
