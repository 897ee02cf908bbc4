from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise
from threading import Event
from typing import Any

import pytest
import time_machine

from digest.ingest import sample
from digest.ingest.sample import Sample, samples
from digest.models import Paper
from tests.make import NOON, TODAY, make_paper

pytestmark = pytest.mark.django_db
PATIENCE = 20.0


@pytest.fixture(autouse=True)
def noon() -> Any:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Give the seconds that the process has run: a list of one number, to be moved."""
    now = [1000.0]
    monkeypatch.setattr(sample, "monotonic", lambda: now[0])
    return now


def current() -> Sample:
    """Return the sample after what was asked for is done."""
    samples.current(wait=PATIENCE)
    with samples._asking:
        held = samples._held
    assert held
    return held


def titles(of: Sample) -> list[str]:
    return [paper.title for paper in of.batch.documents]


def test_sample_holds_the_standing_papers_of_seven_days_most_trending_first() -> None:
    make_paper(title="today")
    make_paper(title="six days ago", announced_on=TODAY - timedelta(days=6), trend=2.0)
    make_paper(title="seven days ago", announced_on=TODAY - timedelta(days=7))
    make_paper(title="tomorrow", announced_on=TODAY + timedelta(days=1))
    make_paper(title="withdrawn", withdrawn_at=NOON)
    make_paper(title="hidden", hidden_at=NOON)
    make_paper(title="never announced", announced_on=None)
    assert titles(current()) == ["six days ago", "today"]
    assert (current().total, current().days) == (2, 7)


def test_sample_of_a_young_service_says_how_many_days_it_is_of() -> None:
    make_paper(announced_on=TODAY - timedelta(days=1))
    assert current().days == 2


def test_sample_of_no_papers_is_empty() -> None:
    assert (titles(current()), current().total, current().days) == ([], 0, 1)


def test_many_papers_are_stood_for_by_an_even_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample, "MOST_PAPERS", 4)
    for number in range(10):
        make_paper(title=str(number))
    assert len(titles(current())) == 4
    assert current().total == 10
    numbers = sorted(map(int, titles(current())))
    assert {later - earlier for earlier, later in pairwise(numbers)} <= {2, 3}


@pytest.mark.parametrize(
    ("seconds", "is_added", "seen"),
    [(59.0, True, 1), (61.0, True, 2), (61.0, False, 1), (599.0, False, 1), (601.0, False, 1)],
)
def test_sample_is_renewed_when_papers_were_added(
    clock: list[float], seconds: float, is_added: bool, seen: int
) -> None:
    make_paper()
    first = current()
    clock[0] += seconds
    if is_added:
        make_paper()
    current()
    second = current()
    assert len(titles(second)) == seen
    assert (second is first) is (seconds < 600 and seen == 1)


def test_one_renews_while_others_use_what_there_is(clock: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    make_paper(title="old")
    old = current()
    begun, go_on = Event(), Event()
    made = sample._made

    def slowly(*given: Any) -> Sample:
        begun.set()
        assert go_on.wait(PATIENCE)
        return made(*given)

    monkeypatch.setattr(sample, "_made", slowly)
    clock[0] += 61
    make_paper(title="new")
    assert samples.current(wait=PATIENCE) is old
    assert begun.wait(PATIENCE)
    assert samples.current(wait=PATIENCE) is old
    go_on.set()
    assert titles(current()) == ["old", "new"]


def test_first_sample_is_not_waited_for_longer_than_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = Event()
    made = sample._made

    def slowly(*given: Any) -> Sample:
        assert go_on.wait(PATIENCE)
        return made(*given)

    monkeypatch.setattr(sample, "_made", slowly)
    make_paper(title="only")
    assert samples.current(wait=0) is None
    go_on.set()
    assert titles(current()) == ["only"]


def test_failure_is_logged_and_tried_again(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(sample, "_made", lambda *_: 1 / 0)
        assert samples.current(wait=0) is None
        with samples._asking:
            pass
    assert "could not be made ready" in caplog.text
    make_paper(title="only")
    assert titles(current()) == ["only"]


def test_failure_to_read_lets_the_next_one_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(sample, "_read", broken)
        with pytest.raises(ConnectionError):
            samples.current(wait=0)
    assert titles(current()) == []


@pytest.mark.django_db(transaction=True)
def test_many_threads_make_one_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import connection  # noqa: PLC0415

    make_paper()
    calls: list[int] = []
    read = sample._read

    def counted() -> Any:
        calls.append(1)
        return read()

    monkeypatch.setattr(sample, "_read", counted)

    def ask(_: int) -> int:
        try:
            held = samples.current(wait=PATIENCE)
            return len(held.batch.documents) if held else 0
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as threads:
        assert list(threads.map(ask, range(12))) == [1] * 12
    assert calls == [1]
    assert Paper.objects.count() == 1
