"""The most memory that a worker process takes for few and for many readers: READERS=2000,200000 (10,000 at first).

Once with the same topics for all numbers of readers, and once with as many topics more as there are more readers. One
worker, into the SMTP sink. Goal: within 20 % of one another. 200,000 readers take some minutes.
"""

import os

from tests.benchmarks.day import (
    FEED,
    READERS_PER_TOPIC,
    forget_digests,
    make_papers,
    make_readers,
    make_topics,
    match_all,
)
from tests.benchmarks.delivering import PORT, deliver_with, sink
from tests.benchmarks.setting import report, set_up

READERS = [int(count) for count in os.environ.get("READERS", "2000,10000").split(",")]
PAPERS = int(os.environ.get("PAPERS", "1500"))


def main() -> None:
    os.environ["EMAIL_URL"] = f"smtp://127.0.0.1:{PORT}"
    set_up()
    if not FEED.exists():
        report("memory", skipped="needs ../shared/data")
        return
    make_papers(PAPERS)
    few = READERS[0] // READERS_PER_TOPIC
    with sink():
        peaks = {"few": peak(READERS[0], few), "many": peak(READERS[-1], few)}
        peaks["many_of_more_topics"] = peak(READERS[-1], READERS[-1] // READERS_PER_TOPIC)
    report(
        "memory",
        readers=READERS,
        ratio=peaks["many"] / peaks["few"],
        ratio_with_more_topics=peaks["many_of_more_topics"] / peaks["few"],
        goal="both ratios <= 1.2",
    )


def peak(readers: int, topics: int) -> float:
    """Return the megabytes that one worker took at most to deliver to that many new readers."""
    from django.db import connection

    from accounts.models import Reader
    from digest.models import Digest

    forget_digests()
    Reader.objects.all().delete()
    make_readers(readers, make_topics(topics))
    match_s = match_all()
    delivered = deliver_with(1)
    counts = Digest.objects.by_state()
    report(
        "memory_of_worker",
        database=connection.vendor,
        readers=readers,
        topics=topics,
        **counts,
        match_s=match_s,
        mails_per_s=counts["accepted"] / delivered.seconds,
        peak_mb=delivered.peak_megabytes,
    )
    return delivered.peak_megabytes


if __name__ == "__main__":
    main()
