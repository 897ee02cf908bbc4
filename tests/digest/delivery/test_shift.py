from datetime import timedelta

from digest.delivery.shift import ENOUGH, Shift


def test_shift_calls_another_worker_once_it_has_delivered_enough_for_two() -> None:
    called: list[str] = []
    shift = Shift(lambda: called.append("one more"))
    assert [shift.goes_on(total) for total in (ENOUGH - 1, ENOUGH, 2 * ENOUGH, 3 * ENOUGH)] == [True] * 4
    assert called == ["one more"]


def test_shift_that_delivers_little_calls_nobody() -> None:
    called: list[str] = []
    assert Shift(lambda: called.append("one more")).goes_on(ENOUGH - 1)
    assert called == []


def test_shift_ends_and_has_called_who_goes_on() -> None:
    called: list[str] = []
    assert not Shift(lambda: called.append("one more"), lasts=timedelta(0)).goes_on(ENOUGH)
    assert called == ["one more"]
