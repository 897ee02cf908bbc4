import socket
from datetime import date, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from digest.delivery import deliver, finished, pool
from digest.delivery.deliver import deliver_due
from digest.delivery.handover import BeforeDot, Fate, Mail, MailSystemDown, Outcome
from digest.delivery.pool import CandidatePool
from digest.delivery.render import render
from digest.models import Digest, MailEvent, Suppression, Topic
from tests.mailserver import mail_server
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
    topic: Topic, monkeypatch: pytest.MonkeyPatch
) -> None:
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
    topic: Topic, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
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
