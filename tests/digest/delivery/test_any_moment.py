"""Blows at any moment of a run: before and after each statement, each commit, each line of a journal.

The worker is killed there, or its database goes away there; and the next run ends what it began: each reader has the
mail once. Only a mail whose final dot was noted and whose reply was not may be uncertain.
"""

import os
import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from itertools import count
from pathlib import Path
from threading import Lock
from typing import Any

import pytest
from django.db import OperationalError, connection, connections

from accounts.models import Reader
from digest.delivery import patience
from digest.delivery.deliver import deliver_due
from digest.delivery.journal import UNFINISHED, Journal
from digest.models import Digest, Letter
from tests.mailserver import Recorder, mail_server
from tests.make import NOON, make_match, make_paper, make_reader, make_topic

pytestmark = pytest.mark.django_db(transaction=True)

NO_DOT = "the worker was stopped between the final dot and the reply"
KILLED = 9
STEP = 17


class Moments:
    """Counts the moments of a run, and deals its blow at one of them."""

    def __init__(self, fatal: int, blow: Callable[[], None]) -> None:
        self.fatal, self.blow = fatal, blow
        self.passed = 0
        self.lock = Lock()

    def pass_one(self) -> None:
        with self.lock:
            self.passed += 1
            is_fatal = self.passed == self.fatal
        if is_fatal:
            self.blow()

    def around(self, step: Callable[..., Any]) -> Callable[..., Any]:
        def stepped(*given: Any, **named: Any) -> Any:
            self.pass_one()
            done = step(*given, **named)
            self.pass_one()
            return done

        return stepped

    def statement(self, execute: Callable[..., Any], *given: Any) -> Any:
        if given[0].startswith("BEGIN"):  # a transaction that has begun and is not heard of ends with its connection
            return execute(*given)
        return self.around(execute)(*given)

    @contextmanager
    def of_the_database(self) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch, connection.execute_wrapper(self.statement):
            patch.setattr(connection, "commit", self.around(connection.commit))
            yield

    @contextmanager
    def of_the_journal(self) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Journal, "_write", self.around(Journal._write))
            patch.setattr(Journal, "close", self.around(Journal.close))
            yield


@pytest.fixture
def recorder(settings: Any) -> Iterator[Recorder]:
    settings.MAIL_CONNECTIONS = 1
    topic = make_topic()
    make_match(topic, make_paper())
    for name in ("ada", "ben", "cleo"):
        make_reader(f"{name}@example.net", topics=(topic,))
    make_reader("dora@example.net", topics=(topic,), state=Reader.State.PAUSED)
    with mail_server(settings) as recorder:
        yield recorder


def begin_anew(recorder: Recorder) -> None:
    """Let the readers' hour come, as if nothing had been mailed yet; and post a letter."""
    recorder.received.clear()
    Digest.objects.all().delete()
    Letter.objects.all().delete()
    Reader.objects.active().update(next_digest_at=NOON - timedelta(hours=5), last_edition_on=None)
    dora = Reader.objects.get(email="dora@example.net")
    Letter.objects.post("welcome", dora.email, now=NOON, reader=dora.pk)


def run() -> int:
    return deliver_due(clock=lambda: NOON)


def check(recorder: Recorder, *, most_uncertain: int) -> None:
    """Hold what the mail system has received against what the rows say."""
    mails = Counter(address for address, _ in recorder.received)
    assert max(mails.values()) == 1, mails
    fates = {*Digest.objects.values_list("reader__email", "state", "reason")}
    fates |= {*Letter.objects.values_list("address", "state", "reason")}
    assert {address for address, _, _ in fates} == {f"{name}@example.net" for name in ("ada", "ben", "cleo", "dora")}
    unknown = {(address, reason) for address, state, reason in fates if state == "uncertain"}
    assert {reason for _, reason in unknown} <= {NO_DOT}
    assert len(unknown) <= most_uncertain
    known = fates - {(address, "uncertain", reason) for address, reason in unknown}
    assert {state for _, state, _ in known} == {"accepted"}, fates
    assert {address for address, _, _ in known} <= set(mails)


def killed_at(moment: int) -> bool:
    """Let another process run, and kill it at a moment; return whether it came so far."""
    connections.close_all()
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == KILLED
    try:
        moments = Moments(moment, lambda: os._exit(KILLED))
        with moments.of_the_database(), moments.of_the_journal():
            run()
    finally:
        os._exit(0)


def journals(settings: Any) -> list[Path]:
    """Return the journals that are left, but for those that were not begun: they are removed when they are old."""
    return [path for path in (Path(settings.VAR_DIR) / "journal").iterdir() if path.suffix != UNFINISHED]


def some_moments() -> Iterator[int]:
    """Yield moments in steps from a random one on, and all of them where MOMENTS=all."""
    step = 1 if os.environ.get("MOMENTS") == "all" else STEP
    return count(random.randint(1, step), step)  # noqa: S311 - any will do


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_worker_that_is_killed_at_any_moment_neither_loses_nor_repeats(recorder: Recorder, settings: Any) -> None:
    for moment in some_moments():
        begin_anew(recorder)
        was_killed = killed_at(moment)
        run()
        check(recorder, most_uncertain=1)
        assert journals(settings) == []
        if not was_killed:
            break
    assert moment > 100


def test_database_that_goes_away_at_any_moment_costs_nobody_the_mail(
    recorder: Recorder, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def go_away() -> None:
        raise OperationalError("the database is gone")

    monkeypatch.setattr(patience, "PAUSES", (0, 0))
    for moment in some_moments():
        begin_anew(recorder)
        moments = Moments(moment, go_away)
        with moments.of_the_database(), ExitStack() as expected:
            expected.push(lambda kind, error, trace: kind is OperationalError)
            run()
        run()
        check(recorder, most_uncertain=0)
        assert journals(settings) == []
        if moments.passed < moment:
            break
    assert moment > 80
