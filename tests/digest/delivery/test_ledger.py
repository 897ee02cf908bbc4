from datetime import datetime, timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from digest.delivery import ledger
from digest.delivery.editions import FRESHNESS, close
from digest.delivery.wire.handover import Fate, Outcome
from digest.models import Digest, Edition
from digest.models.claims import LEASE
from tests.make import NOON, make_digest, make_reader

pytestmark = pytest.mark.django_db
MORNING = NOON - timedelta(hours=5)


SAYS = {"subject": "Papers", "picks": [[1, 2]], "trending": []}


def begun(some: int = 1, now: datetime = MORNING) -> list[Digest]:
    for _ in range(some):
        make_digest(make_reader())
    claimed = ledger.claim(now, limit=some).digests
    assert ledger.begin([(digest, SAYS) for digest in claimed], now) == claimed
    return claimed


def fresh(digest: Digest) -> Digest:
    return Digest.objects.get(pk=digest.pk)


def test_claim_takes_each_digest_once() -> None:
    digests = [make_digest(make_reader()) for _ in range(3)]
    first, second, third = (ledger.claim(MORNING, limit=2) for _ in range(3))
    assert [first.digests, second.digests, third.digests] == [digests[:2], digests[2:], []]


def test_claim_that_runs_out_is_due_again() -> None:
    digest = make_digest(make_reader())
    ledger.claim(MORNING, limit=10)
    assert ledger.claim(MORNING + LEASE / 2, limit=10).digests == []
    assert ledger.claim(MORNING + LEASE, limit=10).digests == [digest]


def test_begin_writes_what_the_digest_says() -> None:
    [digest] = begun()
    digest.refresh_from_db()
    assert (digest.state, digest.attempts, digest.subject, digest.picks) == ("handing_over", 1, "Papers", [[1, 2]])


def test_begin_is_refused_where_another_worker_has_the_claim() -> None:
    digest = make_digest(make_reader())
    lost = ledger.claim(MORNING, limit=10)
    held = ledger.claim(MORNING + LEASE, limit=10)
    assert ledger.begin([(lost.digests[0], SAYS)], MORNING + LEASE) == []
    assert ledger.begin([(held.digests[0], SAYS)], MORNING + LEASE) == [digest]


@pytest.mark.parametrize("fate", [Fate.ACCEPTED, Fate.FAILED, Fate.UNCERTAIN])
def test_record_settles_the_digest(fate: Fate) -> None:
    [digest] = begun()
    ledger.record([(digest, Outcome(fate, 250, "said so"))], MORNING)
    digest.refresh_from_db()
    assert (digest.state, digest.code, digest.reason) == (fate.value, 250, "said so")
    assert (digest.settled_at, digest.next_attempt_at, digest.claim) == (MORNING, None, None)


def test_record_of_a_retry_waits_and_says_why() -> None:
    [digest] = begun()
    ledger.record([(digest, Outcome(Fate.RETRY, 451, "451 later"))], MORNING)
    digest.refresh_from_db()
    assert (digest.state, digest.code, digest.reason) == ("retry", 451, "451 later")
    assert digest.next_attempt_at == ledger.retry_at(digest, MORNING)


def test_wait_doubles_with_each_attempt_up_to_a_limit() -> None:
    digest = make_digest(make_reader())
    for attempts, minutes in ((1, 2), (2, 4), (3, 8), (6, 64), (7, 120), (20, 120)):
        digest.attempts = attempts
        assert 0.75 <= (ledger.retry_at(digest, NOON) - NOON) / timedelta(minutes=minutes) <= 1.25


def test_record_of_a_retry_past_the_freshness_limit_expires() -> None:
    [digest] = begun()
    late = digest.due_at + timedelta(hours=19, minutes=59)
    ledger.record([(digest, Outcome(Fate.RETRY, 451, "451 later"))], late)
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
    [digest] = begun()
    ledger.settle([digest], Digest.State.EMPTY, "nothing", MORNING)
    digest.refresh_from_db()
    assert digest.state == "handing_over"


def test_sweep_calls_a_hand_over_that_was_never_recorded_uncertain() -> None:
    [digest] = begun()
    assert ledger.sweep(MORNING + LEASE / 2) == 0
    assert ledger.sweep(MORNING + LEASE * 2) == 1
    digest.refresh_from_db()
    assert digest.state == "uncertain"
    assert digest.reason == "the worker stopped between handing over and recording the reply"


def test_record_of_another_attempt_is_not_overwritten() -> None:
    [late] = begun()
    ledger.record([(late, Outcome(Fate.RETRY, 451, "451 later"))], MORNING)
    assert ledger.record([(late, Outcome(Fate.ACCEPTED, 250, ""))], MORNING) == []
    [again] = ledger.claim(NOON, limit=10).digests
    assert ledger.begin([(again, SAYS)], NOON) == [again]
    assert ledger.record([(late, Outcome(Fate.FAILED, 550, "550 no"))], NOON) == []
    assert (fresh(late).state, fresh(late).attempts) == ("handing_over", 2)


def test_record_twice_is_written_once() -> None:
    results = [(digest, Outcome(Fate.ACCEPTED, 250, "")) for digest in begun(2)]
    assert ledger.record(results, MORNING) == results
    assert ledger.record(results, NOON) == []
    assert set(Digest.objects.values_list("settled_at", flat=True)) == {MORNING}


def test_record_settles_what_was_given_up_as_uncertain() -> None:
    [digest] = begun()
    ledger.sweep(MORNING + LEASE * 2)
    accepted = [(digest, Outcome(Fate.ACCEPTED, 250, "250 OK"))]
    assert ledger.record(accepted, MORNING + LEASE * 3) == accepted
    assert (fresh(digest).state, fresh(digest).claim) == ("accepted", None)
    assert ledger.record([(digest, Outcome(Fate.FAILED, 550, ""))], MORNING + LEASE * 3) == []


def test_record_leaves_what_staff_sent_again() -> None:
    [digest] = begun()
    ledger.sweep(MORNING + LEASE * 2)
    ledger.send_again(Digest.objects.all(), NOON)
    assert ledger.record([(digest, Outcome(Fate.ACCEPTED, 250, ""))], NOON) == []
    assert fresh(digest).state == "pending"


def test_record_keeps_words_that_no_row_could_hold() -> None:
    [digest] = begun()
    ledger.record([(digest, Outcome(Fate.FAILED, 550, "550 \0 no \udcff" + "x" * 400))], MORNING)
    assert fresh(digest).reason == ("550  no ?" + "x" * 400)[:299]


def test_put_back_makes_what_was_not_sent_due_at_once() -> None:
    [digest] = begun()
    ledger.put_back([digest], "stopped", MORNING)
    assert (fresh(digest).state, fresh(digest).reason, fresh(digest).attempts) == ("retry", "stopped", 0)
    assert ledger.claim(MORNING, limit=10).digests == [digest]


def test_put_off_counts_no_attempt_and_keeps_the_state() -> None:
    make_digest(make_reader())
    [digest] = ledger.claim(MORNING, limit=10).digests
    ledger.put_off([digest], NOON, "its mail system asks for a pause")
    kept = fresh(digest)
    assert (kept.state, kept.reason, kept.attempts) == ("pending", "its mail system asks for a pause", 0)
    assert (kept.next_attempt_at, kept.claim) == (NOON, None)


def test_settle_leaves_what_another_worker_holds() -> None:
    make_digest(make_reader())
    [lost] = ledger.claim(MORNING, limit=10).digests
    ledger.claim(MORNING + LEASE, limit=10)
    ledger.settle([lost], Digest.State.EMPTY, "nothing", MORNING)
    ledger.put_off([lost], NOON, "later")
    ledger.postpone([lost], Outcome(Fate.RETRY, reason="down"), MORNING)
    assert (fresh(lost).state, fresh(lost).reason) == ("pending", "")


def test_renewed_hand_over_is_not_swept() -> None:
    [digest] = begun()
    assert digest.claim
    ledger.renew([digest.claim], MORNING + LEASE / 2)
    assert ledger.sweep(MORNING + LEASE * 1.4) == 0
    assert ledger.sweep(MORNING + LEASE * 1.6) == 1


def test_slice_costs_as_many_statements_for_ten_as_for_one(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for some in (1, 10):
        for _ in range(some):
            make_digest(make_reader())
        with django_assert_num_queries(5):  # two for the claim, within a transaction, and one to read it
            claimed = ledger.claim(MORNING, limit=10).digests
        with django_assert_num_queries(1):
            ledger.begin([(digest, SAYS) for digest in claimed], MORNING)
        with django_assert_num_queries(1):
            ledger.record([(digest, Outcome(Fate.ACCEPTED, 250, f"queued as {digest.pk}")) for digest in claimed], NOON)


def settled(state: str, **given: Any) -> Digest:
    stated = {"state": state, "next_attempt_at": None, "settled_at": MORNING, "code": 250, "attempts": 2}
    return make_digest(make_reader(), **stated | {"subject": "Papers", "picks": [[1, 2]]} | given)


@pytest.mark.parametrize("state", ["accepted", "failed", "uncertain"])
def test_send_again_makes_a_mailed_digest_due_as_a_new_mail(state: str) -> None:
    digest = settled(state)
    assert ledger.send_again(Digest.objects.filter(pk=digest.pk), NOON) == [digest]
    again = Digest.objects.get(pk=digest.pk)
    assert again.key != digest.key
    assert (again.state, again.attempts, again.code, again.subject, again.picks) == ("pending", 0, None, "", [])
    assert (again.next_attempt_at, again.settled_at, again.due_at) == (NOON, None, digest.due_at)
    assert ledger.claim(NOON, limit=10).digests == [again]


@pytest.mark.parametrize("state", ["empty", "suppressed", "expired", "pending", "retry", "handing_over"])
def test_send_again_leaves_what_was_not_mailed(state: str) -> None:
    is_open = state in ("pending", "retry", "handing_over")
    digest = settled(state, next_attempt_at=MORNING if is_open else None)
    assert ledger.send_again(Digest.objects.filter(pk=digest.pk), NOON) == []
    assert Digest.objects.get(pk=digest.pk).key == digest.key


def test_send_again_leaves_what_is_too_old() -> None:
    digest = settled("accepted")
    late = digest.due_at + FRESHNESS
    assert ledger.send_again(Digest.objects.filter(pk=digest.pk), late) == []


def test_send_again_leaves_a_closed_edition_as_it_closed() -> None:
    digest = settled("accepted")
    assert close(digest.edition, NOON)
    assert ledger.send_again(Digest.objects.filter(pk=digest.pk), NOON) == []


def test_equation_closes_after_a_digest_was_sent_again() -> None:
    digest, other = settled("accepted"), settled("failed")
    ledger.send_again(Digest.objects.filter(pk=digest.pk), NOON)
    assert not close(digest.edition, NOON)
    claim = ledger.claim(NOON, limit=10)
    assert ledger.begin([(claim.digests[0], SAYS)], NOON) == claim.digests
    ledger.record([(claim.digests[0], Outcome(Fate.ACCEPTED, 250, ""))], NOON)
    assert close(digest.edition, NOON)
    assert Edition.objects.get(pk=other.edition_id).counts == {"eligible": 2, "accepted": 1, "failed": 1}


def test_send_again_asks_as_many_questions_for_three_as_for_one(
    django_assert_num_queries: DjangoAssertNumQueries, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    one = settled("accepted")
    with django_assert_max_num_queries(6) as asked:
        assert ledger.send_again(Digest.objects.filter(pk=one.pk), NOON) == [one]
    keys = [settled("accepted").pk for _ in range(3)]
    with django_assert_num_queries(len(asked)):
        assert len(ledger.send_again(Digest.objects.filter(pk__in=keys), NOON)) == 3
