from datetime import timedelta

import pytest

from digest.delivery import ledger
from digest.delivery.handover import Fate, Outcome
from digest.models import Digest
from tests.make import NOON, make_digest, make_reader

pytestmark = pytest.mark.django_db
MORNING = NOON - timedelta(hours=5)


def begun() -> Digest:
    digest = make_digest(make_reader())
    claim = ledger.claim(MORNING, limit=10)
    assert ledger.begin(digest, claim.token, MORNING, subject="Papers", picks=[[1, 2]], trending=[])
    return digest


def test_claim_takes_each_digest_once() -> None:
    digests = [make_digest(make_reader()) for _ in range(3)]
    first, second, third = (ledger.claim(MORNING, limit=2) for _ in range(3))
    assert [first.digests, second.digests, third.digests] == [digests[:2], digests[2:], []]


def test_claim_that_runs_out_is_due_again() -> None:
    digest = make_digest(make_reader())
    ledger.claim(MORNING, limit=10)
    assert ledger.claim(MORNING + ledger.LEASE / 2, limit=10).digests == []
    assert ledger.claim(MORNING + ledger.LEASE, limit=10).digests == [digest]


def test_begin_writes_what_the_digest_says() -> None:
    digest = begun()
    digest.refresh_from_db()
    assert (digest.state, digest.attempts, digest.subject, digest.picks) == ("handing_over", 1, "Papers", [[1, 2]])


def test_begin_is_refused_where_another_worker_has_the_claim() -> None:
    digest = make_digest(make_reader())
    lost = ledger.claim(MORNING, limit=10)
    held = ledger.claim(MORNING + ledger.LEASE, limit=10)
    assert not ledger.begin(digest, lost.token, MORNING + ledger.LEASE)
    assert ledger.begin(digest, held.token, MORNING + ledger.LEASE)


@pytest.mark.parametrize("fate", [Fate.ACCEPTED, Fate.FAILED, Fate.UNCERTAIN])
def test_record_settles_the_digest(fate: Fate) -> None:
    digest = begun()
    ledger.record(digest, Outcome(fate, 250, "said so"), MORNING)
    digest.refresh_from_db()
    assert (digest.state, digest.code, digest.reason) == (fate.value, 250, "said so")
    assert (digest.settled_at, digest.next_attempt_at, digest.claim) == (MORNING, None, None)


def test_record_of_a_retry_waits_and_says_why() -> None:
    digest = begun()
    ledger.record(digest, Outcome(Fate.RETRY, 451, "451 later"), MORNING)
    digest.refresh_from_db()
    assert (digest.state, digest.code, digest.reason) == ("retry", 451, "451 later")
    assert digest.next_attempt_at == ledger.retry_at(digest, MORNING)


def test_wait_doubles_with_each_attempt_up_to_a_limit() -> None:
    digest = make_digest(make_reader())
    for attempts, minutes in ((1, 2), (2, 4), (3, 8), (6, 64), (7, 120), (20, 120)):
        digest.attempts = attempts
        assert 0.75 <= (ledger.retry_at(digest, NOON) - NOON) / timedelta(minutes=minutes) <= 1.25


def test_record_of_a_retry_past_the_freshness_limit_expires() -> None:
    digest = begun()
    ledger.record(digest, Outcome(Fate.RETRY, 451, "451 later"), digest.due_at + timedelta(hours=19, minutes=59))
    digest.refresh_from_db()
    assert (digest.state, digest.reason, digest.code) == ("expired", "not accepted in time: 451 later", 451)


def test_postpone_keeps_digests_due_and_says_why() -> None:
    digest = make_digest(make_reader())
    claim = ledger.claim(MORNING, limit=10)
    ledger.postpone(claim.digests, Outcome(Fate.RETRY, reason="the mail system is down"), MORNING)
    digest.refresh_from_db()
    assert (digest.state, digest.reason, digest.attempts) == ("retry", "the mail system is down", 1)
    assert ledger.claim(MORNING + timedelta(minutes=3), limit=10).digests == [digest]


def test_settle_leaves_digests_that_are_no_longer_waiting() -> None:
    digest = begun()
    ledger.settle([digest], Digest.State.EMPTY, "nothing", MORNING)
    digest.refresh_from_db()
    assert digest.state == "handing_over"


def test_sweep_calls_a_hand_over_that_was_never_recorded_uncertain() -> None:
    digest = begun()
    assert ledger.sweep(MORNING + ledger.LEASE / 2) == 0
    assert ledger.sweep(MORNING + ledger.LEASE * 2) == 1
    digest.refresh_from_db()
    assert digest.state == "uncertain"
    assert digest.reason == "the worker stopped between handing over and recording the reply"
