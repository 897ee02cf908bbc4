"""A relay 40 ms away: how much slower than one next door, where connections overlap and one round trip carries a mail.

Finished mails of 30 kB go through a proxy on loopback (`tests.delayproxy`, 20 ms each way or none) into the SMTP sink
of `../shared/tools`: on one connection step by step, as smtplib does it; on one with pipelining; and by the lines of
delivery, with all that a worker does for them but the database. Goal: the lines lose less than a third.
CONNECTIONS=32 tries another number of lines than MAIL_CONNECTIONS; MAILS=4000 is how many they carry.
"""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any
from uuid import UUID

from tests.benchmarks.delivering import PORT, sink
from tests.benchmarks.setting import report
from tests.delayproxy import delay_proxy

FAR = 0.02  # seconds, one way
MAILS = int(os.environ.get("MAILS", "4000"))
BYTES = 30_000
LINE = b"x" * 76 + b"\r\n"


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ["VAR_DIR"] = tempfile.mkdtemp(prefix="broadsheet-bench-")
    import django
    from django.conf import settings

    django.setup()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.MAIL_CONNECTIONS = int(os.environ.get("CONNECTIONS", settings.MAIL_CONNECTIONS))
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
    from digest.delivery.handover import Mail

    key = UUID(int=number).hex
    raw = f"From: digest@papers.example.org\r\nTo: ada@example.net\r\nMessage-ID: <{key}>\r\n\r\n".encode()
    raw += LINE * (BYTES // len(LINE))
    return Mail(key, "digest@papers.example.org", "ada@example.net", raw, lambda: None)  # type: ignore[arg-type,return-value]


@contextmanager
def connected() -> Iterator[Any]:
    from digest.delivery.smtp import SmtpTransport

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

    from digest.delivery.deliver import SLICE, connect
    from digest.delivery.journal import Journal
    from digest.delivery.lines import Errand, Lines

    lines = Lines(connect, timezone.now, settings.MAIL_CONNECTIONS)
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
