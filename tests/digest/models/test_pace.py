from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from digest.models import Pace, PaceDomain
from digest.models.breaker import Heard
from tests.make import NOON, TODAY

pytestmark = pytest.mark.django_db
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)


def test_rows_that_come_with_the_installation_limit_nothing() -> None:
    assert Pace.objects.all_mail().name == "All mail"
    assert PaceDomain.objects.get(domain="googlemail.com").pace.name == "Gmail"
    assert [pace for pace in Pace.objects.all() if pace.is_limited(NOON)] == []


def test_clock_that_is_set_back_closes_no_pace() -> None:
    pace = Pace(name="A group", per_second=10)
    assert [pace.take(100, NOON), pace.take(100, NOON)] == [10, 0]
    hour_before = NOON - timedelta(hours=1)
    assert pace.opens_at(hour_before) <= hour_before + SECOND
    assert [pace.take(100, hour_before), pace.take(100, hour_before)] == [10, 0]
    assert pace.take(100, hour_before + SECOND) == 10


@pytest.mark.parametrize(
    "bad",
    [
        {"is_all_mail": True},
        {"per_second": 0},
        {"per_day": 0},
        {"warm_up_from": TODAY},
        {"warm_up_from": TODAY, "warm_up_first": 100, "warm_up_growth": 0.5},
        {"stopped_at": NOON, "stops": 1},
        {"is_trial": True},
        {"window_mails": 1, "window_refused": 2},
        {"name": "All mail"},
    ],
)
def test_pace_that_makes_no_sense_is_refused_by_the_database(bad: dict[str, Any]) -> None:
    Pace.objects.all_mail()
    with pytest.raises(IntegrityError), transaction.atomic():
        Pace.objects.create(**{"name": "A group"} | bad)


@pytest.mark.parametrize(
    ("per_day", "days", "limit"),
    [
        (None, -1, None),
        (None, 0, 100),
        (None, 1, 150),
        (None, 2, 225),
        (200, 2, 200),
        (200, -1, 200),
        (None, 10_000, 10**9),
    ],
)
def test_limit_of_a_day_grows_until_the_warm_up_is_over(per_day: int | None, days: int, limit: int | None) -> None:
    pace = Pace(per_day=per_day, warm_up_from=TODAY, warm_up_first=100, warm_up_growth=1.5)
    assert pace.limit_on(TODAY + timedelta(days=days)) == limit


def test_day_without_limits_has_none() -> None:
    assert (Pace().limit_on(TODAY), Pace(per_day=7).limit_on(date(2030, 1, 1))) == (None, 7)


@pytest.mark.parametrize("rate", [0.2, 1, 2.5, 5, 40])
def test_mails_of_a_minute_are_at_most_its_seconds_times_the_rate_and_one_burst(rate: float) -> None:
    pace, now, taken = Pace(per_second=rate), NOON, []
    while now <= NOON + MINUTE:
        taken.append(pace.take(100, now))
        now += SECOND / 4
    assert max(taken) <= max(1, rate)
    assert rate * 60 - 1 <= sum(taken) <= rate * 60 + max(1, rate) + 1


def test_there_is_room_again_when_it_opens_and_not_before() -> None:
    pace = Pace(per_second=0.5)
    assert pace.take(10, NOON) == 1
    opens = pace.opens_at(NOON)
    assert opens == NOON + 2 * SECOND
    assert pace.take(10, opens - SECOND / 100) == 0
    assert pace.take(10, opens) == 1


def test_day_is_full_until_the_next_begins() -> None:
    pace = Pace(per_day=150)
    assert [pace.take(100, NOON) for _ in range(3)] == [100, 50, 0]
    midnight = datetime(2026, 3, 5, tzinfo=UTC)
    assert pace.opens_at(NOON) == midnight
    assert pace.take(200, midnight) == 150


def test_room_that_was_not_used_is_given_to_others_the_same_day_only() -> None:
    pace = Pace(per_day=100, per_second=1000)
    pace.take(100, NOON)
    pace.give_back(30, NOON)
    assert pace.take(100, NOON) == 30
    late = datetime(2026, 3, 4, 23, 59, tzinfo=UTC)
    after_midnight = late + 2 * MINUTE
    pace.take(100, after_midnight)
    pace.give_back(30, after_midnight)
    assert pace.take(100, after_midnight) == 0


def test_refused_and_later_leave_room_in_the_day() -> None:
    pace = Pace(per_day=100)
    pace.take(100, NOON)
    pace.learn(Heard(accepted=80, failed=5, retried=10, uncertain=5), NOON)
    assert pace.left_today(NOON) == 15


def test_day_without_a_limit_counts_what_was_sent() -> None:
    pace = Pace()
    pace.learn(Heard(accepted=80, failed=5, retried=10, uncertain=5), NOON)
    pace.learn(Heard(accepted=1), NOON, took_room=False)
    assert pace.counted_on_day(TODAY) == 86
    assert (pace.accepted_total, pace.failed_total, pace.retried_total, pace.uncertain_total) == (81, 5, 10, 5)


def test_letters_count_beyond_the_limit_of_the_day() -> None:
    pace = Pace(per_day=100)
    pace.take(100, NOON)
    pace.learn(Heard(accepted=7), NOON, took_room=False)
    assert (pace.counted, pace.left_today(NOON)) == (107, 0)


def test_line_goes_evenly_from_when_it_opens() -> None:
    pace = Pace(closed_until=NOON + MINUTE, per_second=2)
    first, second = pace.line_up(3, NOON), pace.line_up(1, NOON)
    assert [at - NOON - MINUTE for at in first + second] == [SECOND * n / 2 for n in (1, 2, 3, 4)]


def test_line_that_is_too_long_begins_anew() -> None:
    pace = Pace(per_second=1)
    pace.line_up(4000, NOON)
    assert pace.line_up(1, NOON) == [NOON + SECOND]


def test_paused_pace_lets_nothing_go_until_it_goes_on() -> None:
    pace = Pace(is_paused=True)
    assert (pace.take(1, NOON), pace.opens_at(NOON)) == (0, NOON + timedelta(hours=1))
    pace.go_on()
    assert pace.take(1, NOON) == 1


def test_changes_are_kept_and_cost_the_same_for_one_row_as_for_many(django_assert_num_queries: Any) -> None:
    keys = [Pace.objects.create(name=f"Group {n}").pk for n in range(3)]
    for some in (keys[:1], keys):
        with django_assert_num_queries(4), Pace.objects.changing(some) as rows:
            for pace in rows:
                pace.counted += 1
    assert list(Pace.objects.filter(pk__in=keys).order_by("pk").values_list("counted", flat=True)) == [2, 1, 1]


def test_nothing_is_written_where_nothing_changed(django_assert_num_queries: Any) -> None:
    pace = Pace.objects.create(name="Group")
    with django_assert_num_queries(3), Pace.objects.changing([pace.pk]):
        pass


@pytest.mark.parametrize(
    ("pace", "reason"),
    [
        (Pace(is_all_mail=True, is_paused=True), "staff paused mail"),
        (Pace(name="Gmail", is_paused=True), "staff paused mail to Gmail"),
        (Pace(name="Gmail", stopped_at=NOON), "Gmail refused too many mails"),
        (Pace(is_all_mail=True, stopped_at=NOON), "the mail system refused too many mails"),
        (Pace(name="Gmail", closed_until=NOON + MINUTE), "Gmail wanted to be left alone for a while"),
        (
            Pace(is_all_mail=True, per_day=5, counted=5, counted_on=TODAY),
            "as many mails as may go in a day had gone",
        ),
        (Pace(name="Gmail", per_second=5), "Gmail gets no more mails a second"),
    ],
)
def test_reason_says_what_holds(pace: Pace, reason: str) -> None:
    assert pace.holds_because(NOON) == reason
