from datetime import timedelta
from typing import Any

import pytest

from accounts.consent import CONSENT
from accounts.models import Reader
from digest.feedback.signup import AccountClosed, ask, ask_again, confirm
from digest.models import Letter, Signup, Suppression
from digest.ranking.query import parse_query
from tests.make import NOON, make_reader, make_topic

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(minutes=5)


def asked(address: str = "ada@example.org", *topics: str, **given: Any) -> Signup:
    wish: dict[str, Any] = {"time_zone": "Asia/Kathmandu", "now": NOON} | given
    ask(address, topics or ("moths", "cat:cs.CL"), **wish)
    return Signup.objects.get(address=address)


def followed(reader: Reader) -> list[str]:
    return list(reader.subscriptions.active().order_by("pk").values_list("topic__query", flat=True))


def letters() -> list[tuple[str, str]]:
    return list(Letter.objects.order_by("pk").values_list("kind", "address"))


def test_ask_posts_one_mail_that_names_the_topics() -> None:
    signup = asked("ada@example.org", "moths", "cat:cs.CL", 'author:"Jane Doe"')
    letter = Letter.objects.get()
    assert (letter.kind, letter.address, letter.reader_id) == ("confirm", "ada@example.org", None)
    assert letter.said["topics"] == ["moths", "cs.CL", "papers by Jane Doe"]
    assert letter.said["url"].startswith(f"https://papers.example.org/confirm/{signup.pk}.")
    assert letter.expires_at == NOON + timedelta(days=7)
    assert Reader.objects.count() == 0


def test_ask_again_on_the_same_day_keeps_the_newer_wish_and_posts_nothing() -> None:
    asked()
    assert not ask("ada@example.org", ["bees"], time_zone="UTC", now=NOON + timedelta(hours=23))
    assert Signup.objects.get().topics == ["bees"]
    assert ask("ada@example.org", ["bees"], time_zone="UTC", now=NOON + timedelta(hours=24))
    assert len(letters()) == 2


def test_confirm_makes_a_reader_with_the_record_of_consent() -> None:
    confirmed = confirm(asked().pk, LATER)
    reader = Reader.objects.get()
    assert (confirmed.reader, confirmed.again) == (reader, False)
    assert (reader.email, reader.state, reader.time_zone) == ("ada@example.org", "active", "Asia/Kathmandu")
    assert (reader.consent_text, reader.consent_version) == (CONSENT.text, CONSENT.version)
    assert (reader.consented_at, reader.confirmed_at) == (NOON, LATER)
    assert not reader.has_usable_password()
    assert reader.next_digest_at is not None
    assert followed(reader) == [parse_query("moths").canonical, "cat:cs.CL"]
    assert letters() == [("confirm", "ada@example.org"), ("welcome", "ada@example.org")]


def test_confirm_twice_is_harmless() -> None:
    signup = asked()
    confirm(signup.pk, LATER)
    before = Reader.objects.values().get()
    assert confirm(signup.pk, LATER + timedelta(days=1)).again
    assert Reader.objects.values().get() == before
    assert len(letters()) == 2


def test_confirm_again_does_not_bring_back_who_left_since() -> None:
    signup = asked()
    confirm(signup.pk, LATER).reader.leave()
    assert confirm(signup.pk, LATER).again
    assert Reader.objects.get().state == "left"


@pytest.mark.parametrize("state", ["left", "paused", "pending"])
def test_confirm_brings_back_whoever_gets_no_digests(state: str) -> None:
    reader = make_reader("ada@example.org", state=state, topics=(make_topic("bees"),), left_at=NOON)
    confirm(asked("ada@example.org", "cat:cs.CL").pk, LATER)
    reader.refresh_from_db()
    assert (reader.state, reader.left_at, reader.confirmed_at) == ("active", None, LATER)
    assert reader.time_zone == ("Asia/Kathmandu" if state == "pending" else "UTC")
    assert len(followed(reader)) == 2


def test_confirm_by_an_active_reader_adds_topics_and_leaves_the_clock() -> None:
    reader = make_reader("ada@example.org", topics=(make_topic("bees"),), delivery_hour=18, time_zone="Europe/Berlin")
    due = reader.next_digest_at
    confirm(asked("ada@example.org", "cat:cs.CL", "bees").pk, LATER)
    reader.refresh_from_db()
    assert (reader.delivery_hour, reader.time_zone, reader.next_digest_at) == (18, "Europe/Berlin", due)
    assert len(followed(reader)) == 2


def test_confirm_hears_a_muted_topic_again() -> None:
    reader = make_reader("ada@example.org", topics=(make_topic("cat:cs.CL"),))
    reader.subscriptions.update(is_muted=True)
    confirm(asked("ada@example.org", "cat:cs.CL").pk, LATER)
    assert followed(reader) == ["cat:cs.CL"]


@pytest.mark.parametrize(("reason", "kept"), [("hard bounce", 0), ("complaint", 0), ("erased", 0), ("staff", 1)])
def test_confirm_lifts_every_suppression_but_that_of_staff(reason: str, kept: int) -> None:
    Suppression.objects.suppress("ada@example.org", reason)
    confirm(asked().pk, LATER)
    assert Suppression.objects.of("ada@example.org").count() == kept


def test_confirm_does_not_open_an_account_that_staff_closed() -> None:
    reader = make_reader("ada@example.org", state="left", is_active=False)
    with pytest.raises(AccountClosed):
        confirm(asked().pk, LATER)
    reader.refresh_from_db()
    assert (reader.state, reader.is_active) == ("left", False)


def test_confirm_of_a_forgotten_sign_up_raises() -> None:
    with pytest.raises(Signup.DoesNotExist):
        confirm(1_000_000, LATER)


def test_asking_again_for_an_imported_reader_names_what_staff_entered() -> None:
    reader = make_reader("ada@example.org", state="pending", topics=(make_topic("cat:cs.CL"),), time_zone="Asia/Tokyo")
    assert ask_again(reader, NOON)
    assert not ask_again(reader, LATER)
    confirm(Signup.objects.get().pk, LATER)
    reader.refresh_from_db()
    assert (reader.state, reader.time_zone, followed(reader)) == ("active", "Asia/Tokyo", ["cat:cs.CL"])
