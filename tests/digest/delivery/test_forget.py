from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Session
from digest.delivery import forget as forgetting
from digest.delivery.forget import (
    KEPT_DIGESTS,
    KEPT_LETTERS,
    KEPT_MAIL_EVENTS,
    KEPT_MATCHES,
    KEPT_SIGNALS,
    KEPT_SIGNUPS,
    KEPT_TOPIC_DAYS,
    KEPT_VISITS,
    forget,
)
from digest.models import Change, Digest, Fetch, Gap, Letter, MailEvent, Match, Signal, Signup, TopicDay
from tests.make import NOON, TODAY, make_digest, make_match, make_paper, make_reader, make_source, make_topic

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_forget_drops_what_is_past_its_time_and_nothing_else() -> None:
    topic, reader = make_topic(), make_reader()
    for kept in (TODAY - KEPT_MATCHES, TODAY - KEPT_MATCHES - DAY):
        make_match(topic, make_paper(announced_on=kept))
    for day in (TODAY - KEPT_DIGESTS, TODAY - KEPT_DIGESTS - DAY):
        make_digest(reader, day, state="accepted", next_attempt_at=None)
    for moment in (NOON - KEPT_SIGNALS, NOON - KEPT_SIGNALS - DAY):
        Signal.objects.create(paper=make_paper(), kind="votes", value=1, observed_at=moment)
    assert forget(NOON) == 3
    assert list(Match.objects.values_list("announced_on", flat=True)) == [TODAY - KEPT_MATCHES]
    assert list(Digest.objects.values_list("edition__date", flat=True)) == [TODAY - KEPT_DIGESTS]
    assert list(Signal.objects.values_list("observed_at", flat=True)) == [NOON - KEPT_SIGNALS]
    assert forget(NOON) == 0


def test_pages_are_made_anew_where_anything_was_forgotten(django_capture_on_commit_callbacks: Any) -> None:
    make_match(make_topic(), make_paper(announced_on=TODAY - KEPT_MATCHES - DAY))
    numbers = []
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            forget(NOON)
        numbers.append(Change.objects.latest_number())
    assert numbers == [1, 1]


def test_digest_whose_fate_is_open_is_not_forgotten() -> None:
    make_digest(make_reader(), TODAY - KEPT_DIGESTS - DAY)
    assert forget(NOON) == 0


def test_history_of_sources_is_kept_for_two_months() -> None:
    source = make_source()
    for moment in (NOON - KEPT_VISITS, NOON - KEPT_VISITS - DAY):
        Fetch.objects.create(source=source, at=moment, outcome="stored")
    for category, last in (("cs.CL", TODAY - KEPT_VISITS), ("cs.LG", TODAY - KEPT_VISITS - DAY)):
        Gap.objects.create(source=source, category=category, first=last, last=last)
    assert forget(NOON) == 2
    assert Fetch.objects.get().at == NOON - KEPT_VISITS
    assert Gap.objects.get().category == "cs.CL"


def test_counts_of_topics_are_kept_for_a_year() -> None:
    topic = make_topic()
    for day in (TODAY - KEPT_TOPIC_DAYS, TODAY - KEPT_TOPIC_DAYS - DAY):
        TopicDay.objects.create(topic=topic, day=day, papers=7)
    assert forget(NOON) == 1
    assert TopicDay.objects.get().day == TODAY - KEPT_TOPIC_DAYS


def test_gap_that_is_still_open_is_not_forgotten() -> None:
    day = TODAY - 2 * KEPT_VISITS
    Gap.objects.create(source=make_source(), category="cs.CL", first=day, last=day, next_attempt_at=NOON)
    assert forget(NOON) == 0


def test_forget_goes_piece_by_piece(monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any) -> None:
    monkeypatch.setattr(forgetting, "PIECE", 2)
    source = make_source()
    rows = [Fetch(source=source, at=NOON - 2 * KEPT_VISITS, outcome="stored") for _ in range(5)]
    Fetch.objects.bulk_create(rows)
    with django_assert_num_queries(16):  # ten times nothing left, and three pieces, each read and dropped
        assert forget(NOON) == 5


def test_letters_and_sign_ups_are_forgotten_in_time() -> None:
    for posted in (NOON - KEPT_LETTERS, NOON - KEPT_LETTERS - DAY):
        Letter.objects.post("code", "ada@example.net", now=posted)
    Letter.objects.update(state="accepted", next_attempt_at=None, settled_at=NOON)
    Letter.objects.post("code", "open@example.net", now=NOON - KEPT_LETTERS - DAY)
    for name, asked, confirmed in (
        ("new", NOON - KEPT_SIGNUPS, None),
        ("old", NOON - KEPT_SIGNUPS - DAY, None),
        ("done", NOON - KEPT_SIGNUPS - DAY, NOON),
    ):
        Signup.objects.create(address=f"{name}@example.net", asked_at=asked, confirmed_at=confirmed)
    assert forget(NOON) == 3
    assert list(Letter.objects.order_by("pk").values_list("address", flat=True)) == [
        "ada@example.net",
        "open@example.net",
    ]
    assert Signup.objects.get().address == "new@example.net"


def test_mail_events_are_kept_for_half_a_year() -> None:
    for moment in (NOON - KEPT_MAIL_EVENTS, NOON - KEPT_MAIL_EVENTS - DAY):
        MailEvent.objects.create(provider="smtp", event_key=str(moment), kind="delivered", address="a@b.org", at=moment)
    assert forget(NOON) == 1
    assert MailEvent.objects.get().at == NOON - KEPT_MAIL_EVENTS


def test_sessions_are_forgotten_once_they_have_ended() -> None:
    for moment in (NOON, NOON - DAY):
        Session.objects.create(session_key=str(moment), session_data="", expire_date=moment)
    assert forget(NOON) == 1
    assert Session.objects.get().expire_date == NOON
