import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from digest.delivery.stopping import asked_to_stop


@pytest.fixture
def heard() -> Iterator[list[int]]:
    """Have what a process would do on SIGTERM noted instead."""
    told: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: told.append(number))
    yield told
    signal.signal(signal.SIGTERM, before)


def test_signal_is_heeded_once_the_run_is_over(heard: list[int]) -> None:
    with asked_to_stop() as asked:
        assert not asked.is_set()
        signal.raise_signal(signal.SIGTERM)
        assert (asked.is_set(), heard) == (True, [])
    assert heard == [signal.SIGTERM]


def test_second_signal_is_heeded_at_once(heard: list[int]) -> None:
    with asked_to_stop():
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)
        assert heard == [signal.SIGTERM]


def test_keyboard_ends_the_run_and_then_the_process() -> None:
    reached: list[str] = []

    def run() -> None:
        with asked_to_stop():
            signal.raise_signal(signal.SIGINT)
            reached.append("the end of the run")

    with pytest.raises(KeyboardInterrupt):
        run()
    assert reached == ["the end of the run"]


def test_without_a_signal_nothing_has_changed_afterwards(heard: list[int]) -> None:
    before = signal.getsignal(signal.SIGTERM)
    with asked_to_stop():
        assert signal.getsignal(signal.SIGTERM) != before
    assert (signal.getsignal(signal.SIGTERM), heard) == (before, [])


def test_thread_that_is_not_the_main_one_is_left_alone(heard: list[int]) -> None:
    def run() -> bool:
        with asked_to_stop() as asked:
            return asked.is_set()

    before = signal.getsignal(signal.SIGTERM)
    with ThreadPoolExecutor(1) as pool:
        assert not pool.submit(run).result()
    assert signal.getsignal(signal.SIGTERM) == before
