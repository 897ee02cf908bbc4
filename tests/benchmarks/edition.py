"""A whole edition: READERS readers with 5 topics each over a day of PAPERS real papers, into an SMTP sink.

Two worker processes share it through row claims, and open, claim, compose, hand over and record. `share` is their rate
by that of a sender in C (`../shared/tools/smtp_limit.sh`), which knows its one mail beforehand, in the same run and
with mails of the same size. Goal: 0.3; at least 0.12. Beside it, of fewer mails: one process; making the mails alone;
handing over alone, of mails made before; and Django's own `send_messages` with the same mails, which is the baseline.
On SQLite, where DATABASE_URL names no other database. READERS=2000 PAPERS=400 is done in half a minute.
"""

import os
from collections.abc import Callable
from time import perf_counter, process_time
from typing import Any

from tests.benchmarks.day import FEED, NOW, forget_digests, make_day
from tests.benchmarks.delivering import PORT, Delivered, deliver_with, limit, sink
from tests.benchmarks.setting import report, set_up

READERS = int(os.environ.get("READERS", "20000"))
PAPERS = int(os.environ.get("PAPERS", "1500"))
SOME, SLICE, LIMIT_MAILS = min(READERS, 2000), 100, 4000
PEER = 50  # mails a second of the best known open peer that matches and mails, on the same kind of machine


def main() -> None:
    os.environ["EMAIL_URL"] = f"smtp://127.0.0.1:{PORT}"
    set_up()
    if not FEED.exists():
        report("edition", skipped="needs ../shared/data")
        return
    from digest.delivery.editions import open_due

    seconds = make_day(READERS, papers=PAPERS)
    open_due(NOW)
    with sink():
        made, parts = in_this_process()
        size = sum(len(finished.mail.raw) for finished in made) // len(made)
        fastest = limit(LIMIT_MAILS, size)
        forget_digests()
        two = deliver_with(2)
        told = _told(two)
        forget_digests()
        make_due(READERS // 2)
        one = _told(deliver_with(1))
        fastest = max(fastest, limit(LIMIT_MAILS, size))
    report_all(seconds, parts, told, one, fastest=fastest, size=size)


def report_all(seconds: dict[str, float], parts: dict[str, dict[str, float]], two: dict[str, Any], one: dict[str, Any],
               *, fastest: int, size: int) -> None:  # fmt: skip
    from django.db import connection

    from digest.models import Match, Topic

    common = {"database": connection.vendor, "mail_bytes": size, "limit_per_s": fastest}
    with_matching = two["accepted"] / (two["deliver_s"] + seconds["match_s"])
    report(
        "edition",
        **common,
        readers=READERS,
        papers=PAPERS,
        topics=Topic.objects.count(),
        matches=Match.objects.count(),
        processes=2,
        **seconds,
        **two,
        share=two["mails_per_s"] / fastest,
        times_django=two["mails_per_s"] / parts["django"]["mails_per_s"],
        mails_per_s_with_matching=with_matching,
        ratio_to_peer=with_matching / PEER,
        goal="share >= 0.3",
    )
    report(
        "edition_by_one",
        **common,
        **one,
        share=one["mails_per_s"] / fastest,
        two_processes_bring=two["mails_per_s"] / one["mails_per_s"],
    )
    for name, part in parts.items():
        report(f"edition_{name}", **common, **part, times_django=part["mails_per_s"] / parts["django"]["mails_per_s"])


def in_this_process() -> tuple[list[Any], dict[str, dict[str, float]]]:
    """Return some mails, and how fast they were made, handed over as they stood, and sent by Django."""
    from django.core.mail import get_connection

    made: list[Any] = []
    parts = {"compose_render_build": measured(lambda: made.extend(make_mails()))}
    mails = [finished.mail for finished in made]
    messages = [mail.message() for mail in mails]
    with get_connection() as connection:
        parts["django"] = measured(lambda: connection.send_messages(messages))
    parts["hand_over"] = measured(lambda: hand_over(mails))
    return made, parts


def make_mails() -> list[Any]:
    from digest.delivery.finished import finish
    from digest.models import Digest

    digests = list(Digest.objects.select_related("reader", "edition").order_by("pk")[:SOME])
    made: list[Any] = []
    pools: dict[Any, Any] = {}
    for first in range(0, len(digests), SLICE):
        made += finish(digests[first : first + SLICE], pools, lambda: NOW)
    return made


def hand_over(mails: list[Any]) -> None:
    from digest.delivery.wire.transport import transport

    way = transport()
    way.open()
    for mail, then in zip(mails, [*mails[1:], None], strict=True):
        way.send(mail, then)
    way.close()


def measured(work: Callable[[], object]) -> dict[str, float]:
    """Return how many of SOME mails a second, and the processor's time for each, which others' work disturbs less."""
    start, begun = perf_counter(), process_time()
    work()
    taken, busy = perf_counter() - start, process_time() - begun
    return {"mails": SOME, "mails_per_s": SOME / taken, "processor_ms_each": busy / SOME * 1000}


def make_due(count: int) -> None:
    """Leave only that many readers due."""
    from accounts.models import Reader

    last = Reader.objects.order_by("pk").values_list("pk", flat=True)[count]
    Reader.objects.filter(pk__gte=last).update(next_digest_at=None)


def _told(delivered: Delivered) -> dict[str, Any]:
    from digest.models import Digest

    counts = Digest.objects.by_state()
    return {
        **counts,
        "deliver_s": delivered.seconds,
        "mails_per_s": counts["accepted"] / delivered.seconds,
        "processor_ms_each": delivered.processor_seconds / counts["accepted"] * 1000,
        "peak_mb": delivered.peak_megabytes,
    }


if __name__ == "__main__":
    main()
