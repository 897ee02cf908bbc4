from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from digest.delivery.editions import close
from digest.delivery.tally import DAYS, OLD, bring_up_to_date, count_now, standing
from digest.models import DayTally, Digest, Letter, MailEvent, Signup, Suppression, Tally
from tests.make import NOON, TODAY, make_digest, make_reader

pytestmark = pytest.mark.django_db

YESTERDAY = TODAY - timedelta(days=1)


def settled(state: str, day: object = TODAY) -> Digest:
    return make_digest(make_reader(), day, state=state, next_attempt_at=None)  # type: ignore[arg-type]


def report(kind: str, **given: object) -> MailEvent:
    key = str(MailEvent.objects.count())
    stated = {"provider": "p", "event_key": key, "address": "a@example.org", "at": NOON, "kind": kind}
    return MailEvent.objects.create(**stated | given)


def test_bring_up_to_date_counts_digests_by_the_day_of_their_edition() -> None:
    settled("accepted")
    settled("accepted")
    settled("failed", YESTERDAY)
    make_digest(make_reader(), YESTERDAY)
    assert bring_up_to_date(NOON) == 4 + 4
    days = dict(DayTally.objects.filter(day__gte=YESTERDAY).values_list("day", "counts"))
    assert days == {TODAY: {"accepted": 2}, YESTERDAY: {"failed": 1, "pending": 1}}


def test_bring_up_to_date_takes_a_closed_edition_as_it_closed() -> None:
    digest = settled("accepted")
    close(digest.edition, NOON)
    Digest.objects.all().delete()
    bring_up_to_date(NOON)
    assert DayTally.objects.get(day=TODAY).counts == {"accepted": 1}


def test_bring_up_to_date_counts_trouble_on_the_day_it_was_reported() -> None:
    for kind in ("hard bounce", "complaint", "complaint", "delivered", "deferred"):
        report(kind)
    report("soft bounce", at=NOON - timedelta(days=1))
    bring_up_to_date(NOON)
    assert DayTally.objects.get(day=TODAY).counts == {"hard bounce": 1, "complaint": 2}
    assert DayTally.objects.get(day=YESTERDAY).counts == {"soft bounce": 1}


def test_bring_up_to_date_counts_days_gone_by_once_and_the_last_ones_again() -> None:
    bring_up_to_date(NOON)
    assert DayTally.objects.count() == DAYS
    settled("accepted", TODAY - timedelta(days=20))
    settled("accepted", YESTERDAY)
    bring_up_to_date(NOON)
    assert DayTally.objects.get(day=TODAY - timedelta(days=20)).counts == {}
    assert DayTally.objects.get(day=YESTERDAY).counts == {"accepted": 1}


def test_count_now_names_what_waits_and_what_failed() -> None:
    make_reader(state="pending")
    make_digest(make_reader(), next_attempt_at=NOON - timedelta(hours=1))
    Suppression.objects.suppress("gone@example.org", "hard bounce")
    Suppression.objects.suppress("erased@example.org", "staff")
    Suppression.objects.filter(address="erased@example.org").update(reason="erased", address="")
    late = Letter.objects.post("code", "a@example.org", now=NOON - timedelta(hours=1))
    Letter.objects.filter(pk=late.pk).update(state="failed", next_attempt_at=None, settled_at=NOON)
    Letter.objects.post("code", "b@example.org", now=NOON - timedelta(hours=1))
    Letter.objects.post("code", "c@example.org", now=NOON)
    for days in (0, 2, 9):
        asked = NOON - timedelta(days=days)
        Signup.objects.ask(f"{days}@example.org", [], time_zone="UTC", consent=("1", "yes"), now=asked)
    assert count_now(NOON) == {
        "readers": 2,
        "pending": 1,
        "active": 1,
        "suppressed": 1,
        "letters": 3,
        "letters failed": 1,
        "letters late": 1,
        "digests late": 1,
        "sign-ups": 2,
        "sign-ups waiting": 1,
    }


def test_standing_reads_what_was_kept_while_it_is_fresh() -> None:
    bring_up_to_date(NOON)
    make_reader()
    kept = standing(NOON + OLD / 2)
    assert (kept.is_old, kept.taken_at, kept.now["readers"], len(kept.days)) == (False, NOON, 0, DAYS)


def test_standing_says_that_what_was_kept_is_old() -> None:
    bring_up_to_date(NOON)
    make_reader()
    kept = standing(NOON + OLD)
    assert (kept.is_old, kept.taken_at, kept.now["readers"]) == (True, NOON, 0)


def test_standing_counts_and_keeps_nothing_where_nobody_has_ever_counted() -> None:
    make_reader()
    live = standing(NOON)
    assert (live.is_old, live.taken_at, live.now["readers"]) == (True, NOON, 1)
    assert not Tally.objects.exists()


def test_standing_asks_as_many_questions_for_much_mail_as_for_none(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    bring_up_to_date(NOON)
    with django_assert_num_queries(2):
        standing(NOON)
    for _ in range(3):
        settled("accepted")
    bring_up_to_date(NOON)
    with django_assert_num_queries(2):
        standing(NOON)
