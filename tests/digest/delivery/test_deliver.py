import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from email import message_from_bytes, policy
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import Reader
from digest.delivery import deliver, finished, pool, under_way
from digest.delivery.deliver import deliver_due
from digest.delivery.pool import CandidatePool
from digest.models import Digest, Letter, MailEvent, Suppression, Topic
from tests.digest.delivery.runs import run, states
from tests.mailserver import Recorder, mail_server
from tests.make import NOON, TODAY, make_digest, make_reader, make_topic

pytestmark = pytest.mark.django_db


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
