from datetime import datetime, timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest

from digest.delivery.checks import check_uncertain
from digest.delivery.deliver import deliver_due
from digest.delivery.uncertain import resend_uncertain
from digest.models import Digest, Edition, Suppression
from tests.mailserver import mail_server
from tests.make import NOON, make_digest, make_match, make_paper, make_reader, make_topic

pytestmark = pytest.mark.django_db
REASON = "uncertain for 30 minutes, so it is sent once more with the same Message-ID"


@pytest.fixture
def resend(settings: Any) -> None:
    settings.UNCERTAIN = "resend"


def make_uncertain(since: datetime = NOON - timedelta(minutes=30), **given: Any) -> Digest:
    given = {"state": "uncertain", "next_attempt_at": None, "settled_at": since, "attempts": 1} | given
    return make_digest(make_reader(), **given)


def test_uncertain_digest_is_held_by_default() -> None:
    make_uncertain()
    assert resend_uncertain(NOON) == 0
    assert Digest.objects.get().state == "uncertain"


@pytest.mark.usefixtures("resend")
def test_uncertain_digest_is_put_back_after_the_time_with_its_key_and_says_so() -> None:
    digest = make_uncertain()
    assert resend_uncertain(NOON - timedelta(seconds=1)) == 0
    assert resend_uncertain(NOON) == 1
    again = Digest.objects.get()
    assert (again.key, again.state, again.reason) == (digest.key, "retry", REASON)
    assert (again.next_attempt_at, again.resent_at, again.settled_at) == (NOON, NOON, None)


@pytest.mark.usefixtures("resend")
def test_refusal_of_the_second_copy_says_that_the_first_may_have_arrived(settings: Any) -> None:
    topic = make_topic()
    make_match(topic, make_paper())
    stated: dict[str, Any] = {"state": "uncertain", "next_attempt_at": None, "settled_at": NOON - timedelta(minutes=30)}
    make_digest(make_reader("refuse@example.net", topics=(topic,)), **stated)
    with mail_server(settings):
        deliver_due(clock=lambda: NOON)
    digest = Digest.objects.get()
    assert (digest.state, digest.reason) == (
        "failed",
        "its first copy may have arrived, and the second was refused: 550 5.1.1 no such mailbox",
    )
    assert Suppression.objects.get().address == "refuse@example.net"


@pytest.mark.usefixtures("resend")
def test_uncertain_digest_goes_out_once_more_at_most() -> None:
    make_uncertain(resent_at=NOON - timedelta(hours=1))
    assert resend_uncertain(NOON) == 0


@pytest.mark.usefixtures("resend")
def test_uncertain_digest_that_is_old_by_now_or_of_a_closed_edition_is_held() -> None:
    make_uncertain(due_at=NOON - timedelta(hours=20))
    assert resend_uncertain(NOON) == 0
    Digest.objects.update(due_at=NOON - timedelta(hours=19))
    Edition.objects.update(closed_at=NOON)
    assert resend_uncertain(NOON) == 0


@pytest.mark.usefixtures("resend")
def test_other_states_are_left_alone() -> None:
    for state in ("accepted", "failed", "empty", "suppressed", "expired"):
        make_uncertain(state=state)
    assert resend_uncertain(NOON) == 0


@pytest.mark.usefixtures("resend")
def test_cut_connection_brings_the_same_message_once_more_and_no_third_time(settings: Any) -> None:
    topic = make_topic()
    make_match(topic, make_paper())
    make_digest(make_reader("cut-after-dot@example.net", topics=(topic,)))
    with mail_server(settings) as recorder:
        for minutes in (0, 20, 40, 80, 120):
            deliver_due(clock=lambda moment=NOON + timedelta(minutes=minutes): moment)  # type: ignore[misc]
    ids = [message_from_bytes(raw, policy=policy.default)["Message-ID"] for _, raw in recorder.received]
    digest = Digest.objects.get()
    assert ids == [f"<digest-{digest.key.hex}@papers.example.org>"] * 2
    assert (digest.state, digest.attempts, digest.resent_at) == ("uncertain", 2, NOON + timedelta(minutes=40))


@pytest.mark.parametrize(("policy", "minutes", "ids"), [("resend", 30, []), ("ask", 30, ["broadsheet.E010"])])
def test_check_names_a_policy_that_is_none(settings: Any, policy: str, minutes: int, ids: list[str]) -> None:
    settings.UNCERTAIN, settings.UNCERTAIN_AFTER = policy, minutes
    assert [found.id for found in check_uncertain()] == ids
    assert resend_uncertain(NOON) == 0
