import socket
from datetime import timedelta
from email import message_from_bytes, policy
from itertools import pairwise
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from digest.delivery import letters, under_way, wording
from digest.delivery.letters import deliver_letters_due
from digest.delivery.wire.handover import Mail, MailSystemDown
from digest.models import Letter, Suppression
from tests.digest.delivery.runs import Failing
from tests.mailserver import mail_server
from tests.make import NOON, make_reader

pytestmark = pytest.mark.django_db


def post(address: str = "ada@example.net", kind: str = "code", **given: Any) -> Letter:
    stated: dict[str, Any] = {"now": NOON, "said": {"code": "ABC-DEF", "minutes": 15}}
    return Letter.objects.post(kind, address, **stated | given)


def run(moment: Any = NOON) -> int:
    return deliver_letters_due(clock=lambda: moment)


def states() -> dict[str, str]:
    return dict(Letter.objects.values_list("address", "state"))


def test_letter_is_mailed_recorded_and_its_secret_forgotten(settings: Any) -> None:
    letter = post(" Ada@Example.net ")
    with mail_server(settings) as recorder:
        assert run() == 1
    letter.refresh_from_db()
    assert (letter.state, letter.code, letter.attempts, letter.settled_at) == ("accepted", 250, 1, NOON)
    assert (letter.said, letter.next_attempt_at, letter.claim) == ({}, None, None)
    [(address, raw)] = recorder.received
    message = message_from_bytes(raw, policy=policy.default)
    assert (address, message["To"]) == ("ada@example.net", "ada@example.net")
    assert message["Message-ID"] == f"<letter-{letter.key.hex}@papers.example.org>"
    assert all("ABC-DEF" in part.get_content() for part in message.iter_parts())


def test_second_pass_sends_nothing_again(settings: Any) -> None:
    post()
    with mail_server(settings) as recorder:
        assert (run(), run(NOON + timedelta(hours=1))) == (1, 0)
    assert len(recorder.received) == 1


def test_one_refused_address_touches_nobody_else(settings: Any) -> None:
    for name in ("ada", "refuse", "later", "full", "cut-after-dot", "zoe"):
        post(f"{name}@example.net")
    with mail_server(settings) as recorder:
        run()
    assert states() == {
        "ada@example.net": "accepted",
        "refuse@example.net": "failed",
        "later@example.net": "waiting",
        "full@example.net": "waiting",
        "cut-after-dot@example.net": "uncertain",
        "zoe@example.net": "accepted",
    }
    assert len(recorder.received) == 3
    assert set(Letter.objects.exclude(said={}).values_list("state", flat=True)) == {"waiting"}


def test_letter_is_tried_again_ever_later_until_it_is_worthless(settings: Any) -> None:
    letter = post("later@example.net", lasts=timedelta(minutes=15))
    moment, tried = NOON, []
    with mail_server(settings):
        while letter.state == "waiting":
            assert letter.next_attempt_at
            moment = letter.next_attempt_at
            tried.append(round((moment - NOON).total_seconds() / 60))
            run(moment)
            letter.refresh_from_db()
    assert letter.state == "expired"
    assert letter.reason.startswith("not accepted in time: 451")
    assert letter.said == {}
    waits = [later - earlier for earlier, later in pairwise(tried)]
    assert len(waits) in (3, 4)
    assert waits == sorted(waits)


def test_letter_past_its_time_is_not_sent(settings: Any) -> None:
    letter = post(lasts=timedelta(minutes=15))
    with mail_server(settings) as recorder:
        run(NOON + timedelta(minutes=15))
    letter.refresh_from_db()
    assert (letter.state, letter.reason, letter.said) == ("expired", "it could not be sent in time", {})
    assert recorder.received == []


def test_mail_system_down_keeps_letters_due_and_says_why(settings: Any) -> None:
    for _ in range(2):
        post()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        settings.EMAIL_HOST, settings.EMAIL_PORT = unused.getsockname()
        run()
    for letter in Letter.objects.all():
        assert (letter.state, letter.attempts) == ("waiting", 1)
        assert letter.reason.startswith("the mail system cannot be reached: ")
    with mail_server(settings) as recorder:
        run(NOON + timedelta(minutes=2))
    assert len(recorder.received) == 2


def test_mail_system_that_breaks_off_at_every_mail_leaves_few_uncertain_and_the_rest_waiting(settings: Any) -> None:
    settings.MAIL_CONNECTIONS = 1
    for number in range(6):
        post(f"cut-after-dot@example{number}.net")
    with mail_server(settings) as recorder:
        run()
    assert list(Letter.objects.order_by("pk").values_list("state", flat=True)) == ["uncertain"] * 3 + ["waiting"] * 3
    assert len(recorder.received) == 3


def test_mail_system_that_goes_down_midway_leaves_the_rest_waiting(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.MAIL_CONNECTIONS = 1
    for _ in range(3):
        post()
    monkeypatch.setattr(letters, "transport", lambda before_dot: Failing(MailSystemDown("gone")))
    run()
    assert list(Letter.objects.order_by("pk").values_list("state", "reason", "attempts")) == [
        ("accepted", "", 1),
        ("waiting", "gone", 1),
        ("waiting", "gone", 1),
    ]


def test_mistake_of_ours_is_that_letters_alone(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.MAIL_CONNECTIONS = 1
    for _ in range(2):
        post()
    monkeypatch.setattr(letters, "transport", lambda before_dot: Failing(RuntimeError("a mistake")))
    run()
    assert list(Letter.objects.order_by("pk").values_list("state", "reason")) == [
        ("accepted", ""),
        ("waiting", "it could not be handed over: a mistake"),
    ]
    monkeypatch.undo()
    with mail_server(settings) as recorder:
        run(NOON + timedelta(minutes=2))
    assert len(recorder.received) == 1


def test_letter_that_takes_long_holds_up_no_other(settings: Any) -> None:
    for address in ("slow@example.net", "slow-refuse@example.net", "ada@example.net", "zoe@example.net"):
        post(address)
    with mail_server(settings) as recorder:
        recorder.stall = 2
        run()
    assert [address for address, _ in recorder.received] == ["ada@example.net", "zoe@example.net", "slow@example.net"]


def test_letter_whose_claim_was_lost_is_not_sent(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    letter = post()

    def slowly(claimed: Letter, now: Any) -> Mail:
        Letter.objects.filter(pk=letter.pk).update(claim="00112233445566778899aabbccddeeff")
        return wording.write(claimed, now)

    monkeypatch.setattr(letters, "write", slowly)
    with mail_server(settings) as recorder:
        run()
    assert (states(), recorder.received) == ({"ada@example.net": "waiting"}, [])


def test_letter_that_cannot_be_written_fails_alone(settings: Any) -> None:
    post("broken@example.net", "farewell")
    post("ada@example.net")
    with mail_server(settings):
        run()
    assert states() == {"broken@example.net": "failed", "ada@example.net": "accepted"}
    failed = Letter.objects.get(state="failed")
    assert failed.reason == "it could not be written: a letter of the kind “farewell” needs a reader"


@pytest.mark.parametrize(
    ("reason", "kind", "state"),
    [
        ("staff", "code", "failed"),
        ("staff", "farewell", "failed"),
        ("hard bounce", "code", "accepted"),
        ("complaint", "code", "accepted"),
        ("erased", "code", "accepted"),
        ("hard bounce", "farewell", "failed"),
        ("complaint", "welcome", "failed"),
        ("soft bounces", "notice", "failed"),
    ],
)
def test_suppressed_address_gets_only_what_its_owner_asks_for(
    settings: Any, reason: str, kind: str, state: str
) -> None:
    reader = make_reader("ada@example.net")
    Suppression.objects.suppress("ada@example.net", reason)
    letter = post(kind=kind, reader=reader.pk)
    with mail_server(settings):
        run()
    letter.refresh_from_db()
    assert letter.state == state
    if state == "failed":
        assert letter.reason == f"not sent, the address: {Suppression.Reason(reason).label}"


def test_slice_of_letters_takes_as_many_queries_for_ten_as_for_one(
    monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    monkeypatch.setattr(under_way, "LONGEST", 60)
    asked = []
    for some in (1, 10):
        for _ in range(some):
            post()
        with django_assert_max_num_queries(30) as queries:
            assert run() == some
        asked.append(len(queries))
    assert asked[0] == asked[1]


def test_mail_goes_to_files_when_embedded(settings: Any) -> None:
    letter = post()
    run()
    assert [path.name for path in settings.EMAIL_FILE_PATH.iterdir()] == [f"{letter.key.hex}.eml"]


def test_letter_to_a_mailbox_that_is_not_there_stops_mail_to_it(settings: Any) -> None:
    letter = post(address="refuse@example.net", reader=make_reader("refuse@example.net").pk)
    with mail_server(settings):
        run()
    letter.refresh_from_db()
    assert (letter.state, letter.reason) == ("failed", "550 5.1.1 no such mailbox")
    assert Suppression.objects.among(["refuse@example.net"]) == {"refuse@example.net": "hard bounce"}
