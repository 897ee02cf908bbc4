"""A whole day for 1,000 readers with 5 topics each: a real arXiv day matched, chosen, rendered, into an SMTP sink.

Two processes share the delivery through row claims. Goal: at least 500 mails a second on two processes; the best known
open peer that matches and mails does 50 on the same kind of machine.
"""

import gzip
import multiprocessing
import os
import random
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing.synchronize import Barrier
from pathlib import Path
from socket import create_connection
from time import perf_counter, sleep

from tests.benchmarks.setting import DATA, SHARED, report, set_up

PROCESSES, READERS, TOPICS_EACH, DISTINCT, PORT = 2, 1000, 5, 600, 2526
NOW = datetime(2025, 5, 6, 12, tzinfo=UTC)
FEED = DATA / "arxiv_feeds" / "2025-05-06__csCL+4.rss.xml.gz"
PEER = 50  # mails a second


@contextmanager
def sink() -> Iterator[None]:
    """Run the C sink of postfix, which takes far more than any sender here gives."""
    command = ["bash", str(SHARED / "tools" / "smtp_limit.sh"), "sink"]
    with subprocess.Popen(command, env={**os.environ, "PORT": str(PORT)}) as process:
        try:
            _wait_for_port()
            yield
        finally:
            process.terminate()


def _wait_for_port() -> None:
    for _ in range(100):
        try:
            create_connection(("127.0.0.1", PORT)).close()
        except OSError:
            sleep(0.05)
        else:
            return
    raise SystemExit("no sink: run ../shared/tools/setup.sh once")


def deliver(ready: Barrier) -> None:
    """Be one of the worker processes: start up, wait for the others, deliver."""
    import django

    django.setup()
    from digest.delivery.deliver import deliver_due

    ready.wait()
    deliver_due(clock=lambda: NOW)


def make_readers(number: int) -> None:
    """Give each reader topics that are neighbouring words of the day's own titles: each brings a few papers."""
    from accounts.models import Reader
    from digest.models import Paper, Subscription, Topic
    from digest.ranking.query import QueryError

    dice = random.Random(20250506)  # noqa: S311 - the same readers on every run
    topics: dict[int, Topic] = {}
    titles = list(Paper.objects.order_by("pk").values_list("title", flat=True))
    while len(topics) < DISTINCT:
        words = re.findall(r"[A-Za-z]{4,}", dice.choice(titles))
        start = dice.randrange(max(1, len(words) - 1))
        try:
            topic = Topic.objects.named(" ".join(words[start : start + 2]))
        except QueryError:
            continue
        topics[topic.pk] = topic
    readers = Reader.objects.bulk_create(
        Reader(email=f"reader{place}@example.org", state="active", next_digest_at=NOW) for place in range(number)
    )
    Subscription.objects.bulk_create(
        Subscription(reader=reader, topic=topic)
        for reader in readers
        for topic in dice.sample(list(topics.values()), TOPICS_EACH)
    )


def make_day(feed: Path, readers: int) -> dict[str, float]:
    """Ingest the feed, make the readers, match; return the seconds of ingest and matching."""
    from digest.ingest.by_hand import Document, ingest
    from digest.ingest.rank import match_due
    from digest.models import Topic

    start = perf_counter()
    ingest(Document(gzip.decompress(feed.read_bytes())), now=NOW)
    ingested = perf_counter()
    make_readers(readers)
    Topic.objects.update(match_due_at=None)  # only the new papers are due, as on any day
    matching = perf_counter()
    match_due(NOW)
    return {"ingest_s": ingested - start, "match_s": perf_counter() - matching}


def main() -> None:
    os.environ["EMAIL_URL"] = f"smtp://127.0.0.1:{PORT}"
    set_up()
    from django.db import connection

    from digest.models import Digest, Match, Paper

    if not FEED.exists():
        report("whole_day", skipped="needs ../shared/data")
        return
    seconds = make_day(FEED, READERS)
    connection.close()
    with sink():
        seconds["deliver_s"] = deliver_with(PROCESSES)
    counts = Digest.objects.by_state()
    with_matching = counts["accepted"] / (seconds["deliver_s"] + seconds["match_s"])
    report(
        "whole_day",
        database=connection.vendor,
        processes=PROCESSES,
        papers=Paper.objects.count(),
        matches=Match.objects.count(),
        **counts,
        **seconds,
        mails_per_s=counts["accepted"] / seconds["deliver_s"],
        mails_per_s_with_matching=with_matching,
        ratio_to_peer=with_matching / PEER,
        goal="mails_per_s >= 500",
    )


def deliver_with(processes: int) -> float:
    spawn = multiprocessing.get_context("spawn")
    ready = spawn.Barrier(processes + 1)
    workers = [spawn.Process(target=deliver, args=(ready,)) for _ in range(processes)]
    for worker in workers:
        worker.start()
    ready.wait()
    start = perf_counter()
    for worker in workers:
        worker.join()
    return perf_counter() - start


if __name__ == "__main__":
    main()
