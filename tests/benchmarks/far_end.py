"""A relay 40 ms away: how much slower than one next door, where connections overlap and one round trip carries a mail.

Finished mails of 30 kB go through a proxy on loopback (`tests.delayproxy`, 20 ms each way or none) into the SMTP sink
of `../shared/tools`: on one connection step by step, as smtplib does it; on one with pipelining; and by the lines of
delivery, with all that a worker does for them but the database. Then a worker process delivers an edition of READERS
readers, end to end. Goal: that loses less than a third (`kept` is at least 0.67).
MAIL_CONNECTIONS=32 tries another number of lines.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any
from uuid import UUID

from tests.benchmarks.day import FEED, forget_digests, make_day
from tests.benchmarks.delivering import PORT, deliver_with, sink
from tests.benchmarks.setting import report, set_up
from tests.delayproxy import delay_proxy

FAR = 0.02  # seconds, one way
READERS = int(os.environ.get("READERS", "5000"))
MAILS = 3000
BYTES = 30_000
LINE = b"x" * 76 + b"\r\n"


def main() -> None:
    set_up()
    from django.conf import settings

    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    ways: dict[str, tuple[Callable[[list[Any]], None], int]] = {
        "one_connection_step_by_step": (step_by_step, 50),
        "one_connection_pipelined": (pipelined, 100),
        "lines": (by_lines, MAILS),
    }
    with sink():
        for name, (hand_over, count) in ways.items():
            near, far = (rate(hand_over, count, delay) for delay in (0.0, FAR))
            lines = settings.MAIL_CONNECTIONS if name == "lines" else 1
            report(f"far_end_{name}", connections=lines, mails=count, near_per_s=near, far_per_s=far, kept=far / near)
        if FEED.exists():
            make_day(READERS)
            (near, near_ms), (far, far_ms) = edition(0.0), edition(FAR)
            report("far_end_edition", connections=settings.MAIL_CONNECTIONS, readers=READERS, near_per_s=near,
                   far_per_s=far, kept=far / near, near_processor_ms_each=near_ms, far_processor_ms_each=far_ms,
                   goal="kept >= 0.67")  # fmt: skip


def edition(delay: float) -> tuple[float, float]:
    """Return how many mails a second one worker process delivers, from what is due to what is recorded, and how many
    milliseconds of a processor each takes there.
    """
    from digest.models import Digest

    forget_digests()
    with delay_proxy(PORT, delay) as port:
        os.environ["EMAIL_URL"] = f"smtp://127.0.0.1:{port}"
        delivered = deliver_with(1)
    accepted = Digest.objects.by_state()["accepted"]
    return accepted / delivered.seconds, delivered.processor_seconds / accepted * 1000


def rate(hand_over: Callable[[list[Any]], None], count: int, delay: float) -> float:
    """Return how many mails a second arrive at a relay that is so far away."""
    from django.conf import settings

    mails = [make_mail(number) for number in range(count)]
    with delay_proxy(PORT, delay) as port:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        start = perf_counter()
        hand_over(mails)
        return count / (perf_counter() - start)


def make_mail(number: int) -> Any:
    from digest.delivery.wire.handover import Mail

    key = UUID(int=number).hex
    raw = f"From: digest@papers.example.org\r\nTo: ada@example.net\r\nMessage-ID: <{key}>\r\n\r\n".encode()
    raw += LINE * (BYTES // len(LINE))
    return Mail(key, "digest@papers.example.org", "ada@example.net", raw, lambda: None)  # type: ignore[arg-type,return-value]


@contextmanager
def connected() -> Iterator[Any]:
    from digest.delivery.wire.smtp import SmtpTransport

    way = SmtpTransport()
    way.open()
    yield way
    way.close()


def step_by_step(mails: list[Any]) -> None:
    with connected() as way:
        way.session.pipelining = False
        for mail in mails:
            assert way.send(mail).fate == "accepted"


def pipelined(mails: list[Any]) -> None:
    with connected() as way:
        for mail, then in zip(mails, [*mails[1:], None], strict=True):
            assert way.send(mail, then).fate == "accepted"


def by_lines(mails: list[Any]) -> None:
    """Hand over as a worker does: never more than two slices under way, and each dot and reply in a journal."""
    from datetime import timedelta
    from uuid import uuid4

    from django.conf import settings
    from django.utils import timezone

    from digest.delivery.deliver import SLICE
    from digest.delivery.journal import Journal
    from digest.delivery.lines import Errand, Lines
    from digest.delivery.wire.transport import transport

    lines = Lines(transport, timezone.now, settings.MAIL_CONNECTIONS)
    journal = Journal(uuid4(), timezone.now() + timedelta(hours=1))
    waiting = [Errand(mail, journal) for mail in mails]
    done = 0
    while done < len(mails):
        if waiting and lines.in_flight <= SLICE:
            lines.put(waiting[:SLICE])
            del waiting[:SLICE]
        results = lines.finished(1.0)
        assert all(outcome.fate == "accepted" for _, outcome in results), (results, lines.down)
        done += len(results)
    lines.close()
    journal.close(finished=True)


if __name__ == "__main__":
    main()
