import os
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from email import message_from_bytes, policy
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from pytest_django import DjangoAssertNumQueries

from accounts.models import Reader
from digest.delivery import compose, deliver, finished, ledger, patience, pool, under_way
from digest.delivery.compose import wish
from digest.delivery.deliver import deliver_due
from digest.delivery.journal import Journal, Unwritable
from digest.delivery.pool import CandidatePool
from digest.delivery.render import render
from digest.delivery.wire.handover import BeforeDot, Fate, Mail, MailSystemDown, Outcome
from digest.models import Digest, Letter, MailEvent, Pace, Suppression, Topic
from tests.mailserver import Recorder, mail_server
from tests.make import NOON, TODAY, make_digest, make_match, make_paper, make_reader, make_topic

pytestmark = pytest.mark.django_db


@pytest.fixture
def topic() -> Topic:
    topic = make_topic()
    make_match(topic, make_paper(title="Paper one"))
    return topic


def run(moment: Any = NOON) -> int:
    return deliver_due(clock=lambda: moment)


def states() -> dict[str, str]:
    return dict(Digest.objects.values_list("reader__email", "state"))


def test_digest_is_mailed_and_recorded(topic: Topic, settings: Any) -> None:
    digest = make_digest(make_reader("ada@example.net", topics=(topic,)))
    with mail_server(settings) as recorder:
        assert run() == 1
    digest.refresh_from_db()
    assert (digest.state, digest.code, digest.attempts, digest.settled_at) == ("accepted", 250, 1, NOON)
    assert [pick[1] for pick in digest.picks] == [topic.pk]
    [(address, raw)] = recorder.received
    message = message_from_bytes(raw, policy=policy.default)
    assert (address, message["To"], message["Subject"]) == ("ada@example.net", "ada@example.net", digest.subject)
    assert message["Message-ID"] == f"<digest-{digest.key.hex}@papers.example.org>"


def test_second_pass_sends_nothing_again(topic: Topic, settings: Any) -> None:
    make_digest(make_reader(topics=(topic,)))
    with mail_server(settings) as recorder:
        run()
        assert run(NOON + timedelta(hours=1)) == 0
    assert len(recorder.received) == 1


def test_one_refused_address_touches_nobody_else(topic: Topic, settings: Any) -> None:
    for name in ("ada", "refuse", "later", "full", "cut-after-dot", "zoe"):
        make_digest(make_reader(f"{name}@example.net", topics=(topic,)))
    with mail_server(settings) as recorder:
        run()
    assert states() == {
        "ada@example.net": "accepted",
        "refuse@example.net": "failed",
        "later@example.net": "retry",
        "full@example.net": "retry",
        "cut-after-dot@example.net": "uncertain",
        "zoe@example.net": "accepted",
    }
    assert len(recorder.received) == 3


def test_retry_is_sent_when_the_mail_system_takes_it(topic: Topic, settings: Any) -> None:
    digest = make_digest(make_reader("later@example.net", topics=(topic,)))
    with mail_server(settings):
        run()
    digest.reader.email = "ada@example.net"
    digest.reader.save()
    with mail_server(settings) as recorder:
        assert run(NOON + timedelta(minutes=1)) == 0
        assert run(NOON + timedelta(minutes=3)) == 1
    digest.refresh_from_db()
    assert (digest.state, digest.attempts, len(recorder.received)) == ("accepted", 2, 1)


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


class Failing:
    """A way to a mail system that takes one mail, and then does what it is told."""

    def __init__(self, error: Exception) -> None:
        self.error, self.taken = error, 0

    def open(self) -> None: ...

    def close(self) -> None: ...

    def send(self, mail: Mail, then: Mail | None = None) -> Outcome:
        self.taken += 1
        if self.taken > 1:
            raise self.error
        return Outcome(Fate.ACCEPTED)


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


def test_address_that_takes_long_to_be_refused_delays_nobody(topic: Topic, settings: Any) -> None:
    for address in ("slow-refuse@example.net", "ada@example.net", "slow-refuse@example.org", "zoe@example.net"):
        make_digest(make_reader(address, topics=(topic,)))
    with mail_server(settings) as recorder:
        recorder.stall = 3
        begins = time.monotonic()
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(arrived, recorder, 2)
            run()
            assert waiting.result() < begins + recorder.stall
    assert states() == {
        "slow-refuse@example.net": "failed",
        "ada@example.net": "accepted",
        "slow-refuse@example.org": "failed",
        "zoe@example.net": "accepted",
    }


def arrived(recorder: Recorder, count: int) -> float:
    """Return when so many mails have come."""
    while len(recorder.received) < count:
        time.sleep(0.01)
    return time.monotonic()


def test_digest_that_becomes_due_while_a_slow_mail_is_waited_for_goes_out(
    topic: Topic, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliver, "LOOK", 0.05)
    make_digest(make_reader("slow@example.net", topics=(topic,)))
    later = make_reader(topics=(topic,))
    looks = count()

    def look_for_readers(now: datetime) -> int:
        if next(looks) == 1:
            make_digest(later)
        return 0

    monkeypatch.setattr(deliver, "open_slice", look_for_readers)
    with mail_server(settings) as recorder:
        assert run() == 2
    assert [address for address, _ in recorder.received] == [later.email, "slow@example.net"]


def test_reader_without_new_papers_gets_no_mail(settings: Any) -> None:
    make_digest(make_reader(topics=(make_topic("a topic nobody writes about"),)))
    with mail_server(settings) as recorder:
        run()
    assert (list(states().values()), recorder.received) == (["empty"], [])


def test_memory_is_bounded_whatever_the_number_of_topics(monkeypatch: pytest.MonkeyPatch, topic: Topic) -> None:
    monkeypatch.setattr(pool, "MOST_TOPICS", 1)
    monkeypatch.setattr(deliver, "SLICE", 1)
    made: list[date] = []

    class CountedPool(CandidatePool):
        def __init__(self, day: date) -> None:
            made.append(day)
            super().__init__(day)

    monkeypatch.setattr(finished, "CandidatePool", CountedPool)
    for _ in range(3):
        make_digest(make_reader(topics=(topic,)))
    run()
    assert set(states().values()) == {"accepted"}
    assert made == [TODAY, TODAY, TODAY]


def test_slice_costs_as_many_statements_for_a_hundred_as_for_ten(
    topic: Topic, django_assert_max_num_queries: DjangoAssertNumQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(under_way, "LONGEST", 60)
    asked = []
    for some in (10, 100):
        for _ in range(some):
            make_digest(make_reader(topics=(topic,)))
        with django_assert_max_num_queries(60) as queries:
            assert run() == some
        asked.append(len(queries))
    assert asked[0] == asked[1]


def test_readers_are_opened_when_no_digest_waits(topic: Topic, settings: Any) -> None:
    reader = make_reader("ada@example.net", topics=(topic,))
    Reader.objects.filter(pk=reader.pk).update(next_digest_at=NOON)
    make_digest(make_reader("zoe@example.net", topics=(topic,)))
    assert run() == 2
    assert states() == {"ada@example.net": "accepted", "zoe@example.net": "accepted"}


def test_letters_do_not_wait_for_the_end_of_a_run(topic: Topic, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliver, "SLICE", 1)
    for name in ("one", "two", "three"):
        make_digest(make_reader(f"{name}@example.net", topics=(topic,)))
    Letter.objects.post("unknown", "nobody@example.net", now=NOON)
    with mail_server(settings) as recorder:
        run()
    assert [address.partition("@")[0] for address, _ in recorder.received] == ["nobody", "one", "two", "three"]


def test_run_ends_after_the_slice_when_told_to(topic: Topic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliver, "SLICE", 2)
    for _ in range(9):
        make_digest(make_reader(topics=(topic,)))
    told: list[int] = []

    def go_on(total: int) -> bool:
        told.append(total)
        return False

    handled = deliver_due(clock=lambda: NOON, go_on=go_on)
    assert told[0] in (2, 4, 6)
    assert Digest.objects.by_state() == {"accepted": handled, "pending": 9 - handled}


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


def test_mail_goes_to_files_when_embedded(topic: Topic, settings: Any) -> None:
    digest = make_digest(make_reader(topics=(topic,)))
    run()
    assert [path.name for path in Path(settings.EMAIL_FILE_PATH).iterdir()] == [f"{digest.key.hex}.eml"]


def test_address_that_the_mail_system_does_not_know_is_mailed_no_more(topic: Topic, settings: Any) -> None:
    for name in ("ada", "refuse", "refuse-and-close", "later", "zoe"):
        make_digest(make_reader(f"{name}@example.net", topics=(topic,)))
    with mail_server(settings):
        run()
    assert list(MailEvent.objects.values_list("provider", "kind", "address", "said", "digest__state")) == [
        ("smtp", "hard bounce", "refuse@example.net", "550 5.1.1 no such mailbox", "failed")
    ]
    # The one that was refused for another reason (5.7.1) says nothing about the address.
    assert list(Suppression.objects.values_list("address", "reason")) == [("refuse@example.net", "hard bounce")]
