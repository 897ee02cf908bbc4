from datetime import datetime, timedelta
from threading import Event
from typing import Any

import pytest

from digest.delivery import pace
from digest.delivery.gate import Gate
from digest.delivery.wire.handover import Fate, Outcome, refused
from digest.models import Digest, Pace
from tests.make import NOON, TODAY, make_digest, make_reader

pytestmark = pytest.mark.django_db
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
TAKEN = Outcome(Fate.ACCEPTED, 250, "2.0.0 queued")


class Naps(Event):
    """Is asked to stop by nobody, and notes for how long it would have waited."""

    def __init__(self) -> None:
        super().__init__()
        self.naps: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.naps.append(round(timeout or 0, 3))
        return self.is_set()


@pytest.fixture
def asked_to_stop() -> Naps:
    return Naps()


@pytest.fixture
def gate(asked_to_stop: Naps) -> Gate:
    return Gate(asked_to_stop)


def limit(**limits: Any) -> None:
    Pace.objects.filter(pk=Pace.objects.all_mail().pk).update(**limits)


def claimed(*domains: str) -> list[Digest]:
    claim = "0" * 32
    digests = [make_digest(make_reader(f"reader{n}@{domain}"), claim=claim) for n, domain in enumerate(domains)]
    for digest in digests:
        digest.refresh_from_db()
    return digests


def test_mail_without_limits_costs_one_query_a_second(gate: Gate, django_assert_num_queries: Any) -> None:
    digests = claimed("gmail.com", "example.org")
    with django_assert_num_queries(1):
        for _ in range(5):
            assert gate.let_in(100, NOON) == 100
            assert gate.sort_out(digests, NOON) == digests
            gate.give_back(digests, {digest.key.hex for digest in digests}, NOON)


def test_what_did_not_begin_leaves_its_room_to_others(gate: Gate) -> None:
    limit(per_day=10)
    digests = claimed("example.org", "example.org")
    assert gate.let_in(100, NOON) == 10
    assert gate.sort_out(digests, NOON) == digests
    gate.give_back(digests, {digests[0].key.hex}, NOON)
    assert Pace.objects.all_mail().counted == 1


def test_held_digests_are_put_back_with_their_reason_and_no_attempt(gate: Gate) -> None:
    Pace.objects.filter(name="Gmail").update(per_second=1, free_at=NOON + MINUTE)
    digests = claimed("gmail.com", "example.org", "gmail.com")
    gate.let_in(100, NOON)
    assert gate.sort_out(digests, NOON) == [digests[1]]
    rows = Digest.objects.filter(claim=None).order_by("next_attempt_at")
    assert [(row.next_attempt_at, row.attempts, row.state, row.reason) for row in rows] == [
        (NOON + 61 * SECOND, 0, "pending", "Gmail gets no more mails a second"),
        (NOON + 62 * SECOND, 0, "pending", "Gmail gets no more mails a second"),
    ]


def test_digest_that_another_worker_took_over_is_not_put_back(gate: Gate) -> None:
    Pace.objects.filter(name="Gmail").update(is_paused=True)
    [digest] = claimed("gmail.com")
    Digest.objects.update(claim="1" * 32)
    gate.let_in(100, NOON)
    gate.sort_out([digest], NOON)
    digest.refresh_from_db()
    assert (digest.claim is None, digest.reason) == (False, "")


def test_digests_too_old_expire_where_there_is_no_room_for_long(gate: Gate) -> None:
    limit(per_day=1, counted=1, counted_on=TODAY + timedelta(days=1))
    make_digest(make_reader())
    moment = NOON + timedelta(hours=14, minutes=59)
    assert gate.let_in(100, moment) == 0
    assert Digest.objects.get().state == "pending"
    assert gate.let_in(100, moment + MINUTE) == 0
    digest = Digest.objects.get()
    reason = "not sent in time: as many mails as may go in a day had gone"
    assert (digest.state, digest.reason) == ("expired", reason)


def begin_one(gate: Gate, now: datetime) -> None:
    """Let one digest go, as a slice does."""
    gate.let_in(1, now)
    digest = make_digest(make_reader(), state="accepted", next_attempt_at=None)
    gate.give_back([digest], {digest.key.hex}, now)


def test_run_naps_until_there_is_room(gate: Gate, asked_to_stop: Naps) -> None:
    limit(per_second=0.5)
    begin_one(gate, NOON)
    assert gate.let_in(1, NOON) == 0
    assert gate.nap(NOON) is True
    assert asked_to_stop.naps == [2]


def test_run_ends_where_nothing_went_since_the_last_nap(gate: Gate) -> None:
    limit(per_second=1)
    begin_one(gate, NOON)
    gate.let_in(1, NOON)
    assert gate.nap(NOON) is True
    gate.let_in(1, NOON)
    assert gate.nap(NOON) is False


def test_run_that_comes_a_moment_too_early_waits_once(gate: Gate, asked_to_stop: Naps) -> None:
    limit(closed_until=NOON + 3 * SECOND)
    assert (gate.let_in(100, NOON), gate.nap(NOON)) == (0, True)
    assert (gate.let_in(100, NOON), gate.nap(NOON)) == (0, False)
    assert asked_to_stop.naps == [3]


@pytest.mark.parametrize("limits", [{}, {"per_second": 0.01}, {"per_day": 1}])
def test_run_ends_where_there_is_no_room_for_long_or_nothing_waits(gate: Gate, limits: dict[str, Any]) -> None:
    limit(**limits)
    begin_one(gate, NOON)
    gate.let_in(1, NOON)
    assert gate.nap(NOON) is False


def test_run_ends_when_it_has_napped_for_long_enough(gate: Gate, asked_to_stop: Naps) -> None:
    limit(per_second=0.2)
    now = NOON
    for _ in range(20):
        begin_one(gate, now)
        gate.let_in(1, now)
        if not gate.nap(now):
            break
        now += timedelta(seconds=asked_to_stop.naps[-1])
    assert asked_to_stop.naps == [5] * 8


def test_run_ends_when_it_is_asked_to(gate: Gate, asked_to_stop: Naps) -> None:
    limit(per_second=1)
    begin_one(gate, NOON)
    gate.let_in(1, NOON)
    asked_to_stop.set()
    assert gate.nap(NOON) is False


def test_run_naps_until_the_first_of_those_in_line_is_due(gate: Gate, asked_to_stop: Naps) -> None:
    Pace.objects.filter(name="Gmail").update(per_second=0.25)
    digests = claimed("gmail.com", "gmail.com")
    gate.let_in(100, NOON)
    going = gate.sort_out(digests, NOON)
    gate.give_back(going, {digest.key.hex for digest in going}, NOON)
    digests[0].delete()
    assert gate.nap(NOON) is True
    assert asked_to_stop.naps == [8]


def test_what_was_heard_is_told_once_a_second_and_trouble_at_once(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    [digest] = claimed("gmail.com")
    told: list[int] = []
    monkeypatch.setattr(pace, "told", lambda results, now: told.append(len(results)))
    for outcome in (TAKEN, TAKEN, TAKEN, refused(421, b"too fast"), TAKEN):
        gate.hear([(digest, outcome)])
        gate.tell(NOON)
    assert told == [1, 3]
    gate.tell(NOON, all_of_it=True)
    assert told == [1, 3, 1]
