"""Runs in which something goes wrong: the mail system, the database, the disk, a mail, or the worker is to stop."""

import os
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError

from digest.delivery import compose, deliver, finished, ledger, patience
from digest.delivery.compose import wish
from digest.delivery.journal import Journal, Unwritable
from digest.delivery.render import render
from digest.delivery.wire.handover import BeforeDot, Mail, MailSystemDown, Outcome
from digest.models import Digest, Pace, Suppression, Topic
from tests.digest.delivery.runs import Failing, run, states
from tests.mailserver import Recorder, mail_server
from tests.make import NOON, make_digest, make_reader

pytestmark = pytest.mark.django_db


def test_mail_system_down_keeps_digests_due_and_says_why(topic: Topic, settings: Any) -> None:
    digests = [make_digest(make_reader(topics=(topic,))) for _ in range(2)]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        settings.EMAIL_HOST, settings.EMAIL_PORT = unused.getsockname()
        run()
    for digest in digests:
        digest.refresh_from_db()
        assert digest.state == "retry"
        assert digest.reason.startswith("the mail system cannot be reached: ")
    with mail_server(settings) as recorder:
        run(NOON + timedelta(minutes=3))
    assert set(states().values()) == {"accepted"}
    assert len(recorder.received) == 2


def test_mail_system_that_goes_down_midway_leaves_the_rest_waiting(
    topic: Topic, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.MAIL_CONNECTIONS = 1
    for _ in range(3):
        make_digest(make_reader(topics=(topic,)))
    monkeypatch.setattr(deliver, "transport", lambda before_dot: Failing(MailSystemDown("gone")))
    run()
    assert list(Digest.objects.order_by("pk").values_list("state", "reason", "attempts")) == [
        ("accepted", "", 1),
        ("retry", "gone", 1),
        ("retry", "gone", 1),
    ]


class Mistaken(Failing):
    """Like Failing, but that the error comes after the final dot."""

    def __init__(self, error: Exception, before_dot: BeforeDot) -> None:
        super().__init__(error)
        self.before_dot = before_dot

    def send(self, mail: Mail, then: Mail | None = None) -> Outcome:
        self.before_dot(mail)
        return super().send(mail, then)


def test_error_that_nobody_foresaw_is_never_taken_for_a_safe_retry(
    topic: Topic, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, settings: Any
) -> None:
    settings.MAIL_CONNECTIONS = 1
    for _ in range(6):
        make_digest(make_reader(topics=(topic,)))
    monkeypatch.setattr(deliver, "transport", lambda before_dot: Mistaken(RuntimeError("a mistake"), before_dot))
    run()
    assert list(Digest.objects.order_by("pk").values_list("state", "reason")) == [
        ("accepted", ""),
        *3 * [("uncertain", "it could not be handed over: a mistake")],
        *2 * [("retry", "the mail system broke off 3 times in a row: it could not be handed over: a mistake")],
    ]
    assert caplog.text.count("RuntimeError: a mistake") == 3


def test_digest_that_cannot_be_rendered_fails_alone(
    topic: Topic, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ada", "broken", "zoe"):
        make_digest(make_reader(f"{name}@example.net", topics=(topic,)))

    def sometimes(content: Any) -> Any:
        if content.email.startswith("broken@"):
            raise ValueError("no such fragment")
        return render(content)

    monkeypatch.setattr(finished, "render", sometimes)
    run()
    assert states() == {"ada@example.net": "accepted", "broken@example.net": "failed", "zoe@example.net": "accepted"}
    assert Digest.objects.get(state="failed").reason == "it could not be rendered: no such fragment"


def test_digest_that_cannot_be_composed_fails_alone(
    topic: Topic, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ada", "broken", "zoe"):
        make_digest(make_reader(f"{name}@example.net", topics=(topic,)))
    make_digest(make_reader("empty@example.net"))

    def sometimes(digest: Digest, *given: Any) -> Any:
        if digest.reader.email.startswith("broken@"):
            raise KeyError("no such topic")
        return wish(digest, *given)

    monkeypatch.setattr(compose, "wish", sometimes)
    run()
    assert states() == {
        "ada@example.net": "accepted",
        "broken@example.net": "failed",
        "zoe@example.net": "accepted",
        "empty@example.net": "empty",
    }
    assert Digest.objects.get(state="failed").reason == "it could not be composed: 'no such topic'"


def test_run_that_is_asked_to_stop_puts_back_the_rest_at_once(topic: Topic, settings: Any) -> None:
    for _ in range(3):
        make_digest(make_reader("slow@example.net" if not Digest.objects.exists() else "", topics=(topic,)))
    settings.MAIL_CONNECTIONS = 1
    before = signal.signal(signal.SIGTERM, lambda number, frame: None)
    with mail_server(settings) as recorder, ThreadPoolExecutor(1) as pool:
        pool.submit(stop_once_it_has_begun, recorder)
        run()
    signal.signal(signal.SIGTERM, before)
    assert list(Digest.objects.order_by("pk").values_list("state", "reason", "next_attempt_at", "claim")) == [
        ("accepted", "2.0.0 queued", None, None),
        *2 * [("retry", "the worker was stopped before it was sent", NOON, None)],
    ]
    assert list((Path(settings.VAR_DIR) / "journal").iterdir()) == []


def stop_once_it_has_begun(recorder: Recorder) -> None:
    while not recorder.ahead:
        time.sleep(0.01)
    os.kill(os.getpid(), signal.SIGTERM)


@pytest.mark.django_db(transaction=True)
def test_database_that_goes_away_costs_nothing_but_time(
    topic: Topic, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "PAUSES", (0, 0))
    digests = [make_digest(make_reader(topics=(topic,))) for _ in range(2)]
    away = iter([True, True, False])

    def record(*given: Any, **named: Any) -> Any:
        if next(away, False):
            raise OperationalError("gone")
        return write_down(*given, **named)

    write_down = ledger.record
    monkeypatch.setattr(ledger, "record", record)
    with mail_server(settings) as recorder:
        assert run() == 2
    assert (len(recorder.received), Digest.objects.by_state()) == (2, {"accepted": len(digests)})


@pytest.mark.django_db(transaction=True)
def test_database_that_stays_away_leaves_the_fates_to_the_journal(
    topic: Topic, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "PAUSES", (0, 0))
    for name in ("ada", "refuse"):
        make_digest(make_reader(f"{name}@example.net", topics=(topic,)))

    def record(*given: Any, **named: Any) -> Any:
        raise OperationalError("gone")

    write_down = ledger.record
    monkeypatch.setattr(ledger, "record", record)
    with mail_server(settings) as recorder:
        with pytest.raises(OperationalError):
            run()
        monkeypatch.setattr(ledger, "record", write_down)
        assert Digest.objects.by_state() == {"handing_over": 2}
        assert run() == 0
    assert states() == {"ada@example.net": "accepted", "refuse@example.net": "failed"}
    assert (len(recorder.received), Suppression.objects.get().address) == (1, "refuse@example.net")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is always full")
def test_full_disk_keeps_mail_waiting(
    topic: Topic, settings: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class FullJournal(Journal):
        def __init__(self, *given: Any) -> None:
            super().__init__(*given)
            full = os.open("/dev/full", os.O_WRONLY)
            os.dup2(full, self.file)
            os.close(full)

    monkeypatch.setattr(deliver, "Journal", FullJournal)
    make_digest(make_reader("ada@example.net", topics=(topic,)))
    with mail_server(settings) as recorder:
        run()
        digest = Digest.objects.get()
        assert (recorder.received, digest.state, digest.attempts) == ([], "retry", 0)
        assert "no digest goes out for now: the journal of deliveries cannot be written: " in caplog.text
        assert not Pace.objects.all_mail().is_closed(NOON)  # other machines have room
        monkeypatch.setattr(deliver, "Journal", Journal)
        run()
    assert states() == {"ada@example.net": "accepted"}


def test_disk_without_room_for_a_journal_keeps_mail_waiting_and_takes_nobody_the_room(
    topic: Topic, settings: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def no_journal(*given: Any) -> Journal:
        raise Unwritable(OSError("No space left on device"))

    monkeypatch.setattr(deliver, "Journal", no_journal)
    Pace.objects.filter(pk=Pace.objects.all_mail().pk).update(per_day=10)
    make_digest(make_reader("ada@example.net", topics=(topic,)))
    run()
    assert states() == {"ada@example.net": "pending"}
    assert "no digest goes out for now: the journal of deliveries cannot be written: No space left" in caplog.text
    assert Pace.objects.all_mail().left_today(NOON) == 10
