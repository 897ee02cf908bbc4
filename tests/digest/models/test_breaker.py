from datetime import datetime, timedelta

import pytest

from digest.models import Pace
from digest.models.breaker import TRIAL, Heard
from tests.make import NOON

MINUTE = timedelta(minutes=1)
SLOWED = Heard(retried=1, slowed=1, said="421 4.7.28 too fast")
REFUSED = Heard(failed=1, refused=1, said="550 5.7.1 bad reputation")
TAKEN = Heard(accepted=1)


def stopped() -> Pace:
    pace = Pace()
    assert pace.learn(Heard(accepted=40, failed=10, refused=10, said=REFUSED.said), NOON) is True
    return pace


def test_back_off_doubles_up_to_an_hour_and_halves_the_speed_each_time() -> None:
    pace, now, closed, rates = Pace(), NOON, [], []
    for _ in range(8):
        pace.learn(SLOWED, now)
        assert pace.closed_until is not None
        closed.append((pace.closed_until - now) / MINUTE)
        rates.append(pace.rate)
        now = pace.closed_until
    assert closed == [1, 2, 4, 8, 16, 32, 60, 60]
    assert rates == [32, 16, 8, 4, 2, 1, 1, 1]


def test_replies_to_what_was_under_way_close_it_no_longer() -> None:
    pace = Pace()
    for _ in range(5):
        pace.learn(SLOWED, NOON)
    assert (pace.closed_until, pace.backoffs) == (NOON + MINUTE, 1)


def test_success_halves_the_back_off_once_it_is_open_again() -> None:
    pace = Pace(backoffs=3, closed_until=NOON)
    pace.learn(TAKEN, NOON - MINUTE)
    assert pace.backoffs == 3
    backoffs = []
    for _ in range(4):
        pace.learn(TAKEN, NOON)
        backoffs.append(pace.backoffs)
    assert backoffs == [2, 1, 0, 0]
    assert pace.is_limited(NOON) is False


def test_slow_down_says_what_was_heard() -> None:
    pace = Pace()
    pace.learn(SLOWED, NOON)
    assert (pace.trouble, pace.trouble_at) == ("421 4.7.28 too fast", NOON)


@pytest.mark.parametrize(
    ("accepted", "refused", "stops"),
    [(47, 3, True), (46, 3, False), (96, 5, False), (95, 6, True), (0, 9, False), (0, 10, True), (1, 10, False)],
)
def test_mail_stops_where_too_many_are_refused(accepted: int, refused: int, stops: bool) -> None:
    pace = Pace()
    heard = Heard(accepted=accepted, failed=refused, refused=refused, said=REFUSED.said)
    assert (pace.learn(heard, NOON), pace.stopped_at is not None) == (stops, stops)


def test_refused_addresses_never_stop_mail() -> None:
    pace = Pace()
    assert pace.learn(Heard(failed=200), NOON) is False


def test_refusals_are_counted_over_the_last_thousand_mails() -> None:
    pace = Pace()
    for _ in range(100):
        pace.learn(Heard(accepted=1000), NOON)
    heard = Heard(failed=100, refused=100, said=REFUSED.said)
    assert pace.learn(heard, NOON) is True


def test_refusals_are_counted_over_the_last_hour() -> None:
    pace = Pace()
    pace.learn(Heard(accepted=44, failed=2, refused=2), NOON)
    pace.learn(Heard(accepted=44, failed=1, refused=1), NOON + 60 * MINUTE)
    assert (pace.window_mails, pace.window_refused) == (45, 1)


def test_stopped_mail_tries_a_few_and_goes_on_where_they_are_taken() -> None:
    pace = stopped()
    assert pace.take(100, NOON + 14 * MINUTE) == 0
    assert pace.take(100, NOON + 15 * MINUTE) == TRIAL
    assert pace.take(100, NOON + 16 * MINUTE) == 0
    pace.learn(Heard(accepted=TRIAL), NOON + 16 * MINUTE)
    assert pace.take(100, NOON + 16 * MINUTE) == 100


def test_trial_that_is_refused_stops_mail_for_twice_as_long() -> None:
    pace, now, waits = stopped(), NOON + 15 * MINUTE, []
    for _ in range(6):
        pace.take(100, now)
        assert pace.learn(REFUSED, now) is False  # no news
        assert pace.closed_until is not None
        waits.append((pace.closed_until - now) / MINUTE)
        now = pace.closed_until
    assert waits == [30, 60, 120, 240, 240, 240]


def test_trial_of_which_nobody_tells_is_made_again() -> None:
    pace = stopped()
    assert pace.take(100, NOON + 15 * MINUTE) == TRIAL
    assert pace.take(100, NOON + 25 * MINUTE) == TRIAL


def test_what_was_under_way_when_mail_stopped_decides_nothing() -> None:
    pace = stopped()
    pace.learn(TAKEN, NOON)
    pace.learn(REFUSED, NOON)
    assert (pace.stopped_at, pace.closed_until, pace.stops) == (NOON, NOON + 15 * MINUTE, 1)


def test_stop_soon_after_a_stop_is_no_news_and_one_long_after_is() -> None:
    def stop_again(taken_between: int) -> tuple[bool, datetime | None]:
        pace, later = stopped(), NOON + 15 * MINUTE
        pace.take(100, later)
        pace.learn(TAKEN, later)
        pace.learn(Heard(accepted=taken_between), later)
        news = pace.learn(Heard(failed=100, refused=100), later)
        return news, pace.closed_until

    assert stop_again(0) == (False, NOON + 45 * MINUTE)
    assert stop_again(100) == (True, NOON + 30 * MINUTE)


def test_going_on_by_hand_forgets_all_trouble() -> None:
    pace = stopped()
    pace.go_on()
    assert (pace.take(100, NOON), pace.stops, pace.backoffs) == (100, 0, 0)
