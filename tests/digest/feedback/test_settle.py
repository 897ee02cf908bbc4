from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.delivery import ledger
from digest.delivery.editions import close
from digest.delivery.ledger import begin, claim
from digest.delivery.uncertain import look_after_uncertain
from digest.feedback import settle
from digest.feedback.bounces import take
from digest.feedback.report import Report
from digest.models import Digest, Edition, MailEvent
from tests.make import NOON, TODAY, make_digest, make_reader

pytestmark = pytest.mark.django_db
Kind = MailEvent.Kind
LATER = NOON + timedelta(days=4)


def make_uncertain(**given: Any) -> Digest:
    given = {"state": "uncertain", "next_attempt_at": None, "settled_at": NOON, "attempts": 1} | given
    return make_digest(make_reader(), **given)


def hear(kind: MailEvent.Kind, digest: Digest, key: str = "") -> bool:
    key = key or f"{kind} {digest.pk}"
    return take(Report("Postmark", key, kind, digest.reader.email, NOON, said="the words", digest=digest.key))


def fate(digest: Digest) -> tuple[str, str]:
    digest.refresh_from_db()
    return digest.state, digest.reason


@pytest.mark.parametrize("kind", sorted(settle.LEFT))
def test_report_of_what_became_of_a_mail_settles_that_it_left(kind: MailEvent.Kind) -> None:
    digest = make_uncertain(reason="lost")
    assert hear(kind, digest)
    assert fate(digest) == ("accepted", f"Postmark reported: {kind.label}")
    assert digest.settled_at == NOON


def test_report_that_it_was_not_sent_settles_that_it_failed() -> None:
    digest = make_uncertain()
    hear(Kind.REJECTED, digest)
    assert fate(digest) == ("failed", "not sent by the provider, as it reported: Postmark. the words")


def test_first_copy_that_arrived_settles_what_was_refused_when_it_went_once_more() -> None:
    digest = make_uncertain(state="failed", resent_at=NOON)
    hear(Kind.HARD_BOUNCE, digest)
    assert fate(digest)[0] == "failed"
    hear(Kind.DELIVERED, digest)
    assert fate(digest) == ("accepted", "Postmark reported: delivered")


@pytest.mark.parametrize("state", ["accepted", "failed", "empty", "suppressed", "expired"])
@pytest.mark.parametrize("kind", [Kind.DELIVERED, Kind.REJECTED])
def test_report_about_a_digest_whose_fate_is_known_changes_nothing(state: str, kind: MailEvent.Kind) -> None:
    digest = make_uncertain(state=state, reason="as it was")
    hear(kind, digest)
    assert fate(digest) == (state, "as it was")


def test_report_settles_what_waits_to_be_sent_once_more_and_then_it_is_not_sent() -> None:
    digest = make_uncertain(state="retry", next_attempt_at=NOON, settled_at=None, resent_at=NOON)
    held = claim(NOON, limit=1).digests
    hear(Kind.DELIVERED, digest)
    assert begin([(held[0], {"subject": "s", "picks": [], "trending": []})], NOON) == []
    assert fate(digest)[0] == "accepted"
    assert (digest.next_attempt_at, digest.claim) == (None, None)


def test_report_leaves_alone_an_ordinary_retry_and_a_newer_attempt_under_way() -> None:
    retry = make_uncertain(state="retry", next_attempt_at=NOON, settled_at=None)
    under_way = make_uncertain(state="handing_over", next_attempt_at=NOON, settled_at=None, resent_at=NOON)
    for digest, state in ((retry, "retry"), (under_way, "handing_over")):
        hear(Kind.DELIVERED, digest)
        assert fate(digest)[0] == state


def test_report_about_a_mail_that_staff_have_sent_anew_settles_nothing() -> None:
    digest = make_uncertain()
    ledger.send_again(Digest.objects.all(), NOON)
    hear(Kind.DELIVERED, digest)
    assert fate(digest)[0] == "pending"


@pytest.mark.parametrize("kinds", list(permutations([Kind.REJECTED, Kind.DEFERRED, Kind.DELIVERED])))
@pytest.mark.parametrize("is_closed", [False, True])
def test_reports_in_any_order_end_alike(kinds: tuple[MailEvent.Kind, ...], is_closed: bool) -> None:
    digest = make_uncertain()
    if is_closed:
        assert close(digest.edition, LATER)
    for kind in (*kinds, *kinds):
        hear(kind, digest)
    assert fate(digest)[0] == "accepted"
    assert Edition.objects.get().counts == ({"eligible": 1, "accepted": 1} if is_closed else {})


def test_report_after_the_edition_closed_moves_what_it_closed_with() -> None:
    digests = [make_uncertain() for _ in range(3)]
    make_uncertain(state="accepted")
    close(digests[0].edition, LATER)
    hear(Kind.DELIVERED, digests[0])
    hear(Kind.REJECTED, digests[1])
    assert Edition.objects.get().counts == {"eligible": 4, "accepted": 2, "failed": 1, "uncertain": 1}


def test_report_of_a_mended_address_settles_all_the_same() -> None:
    digest = make_uncertain()
    MailEvent.objects.create(
        provider="broadsheet",
        event_key="m",
        kind="delivered",
        address=digest.reader.email,
        at=NOON + timedelta(hours=1),
    )
    hear(Kind.HARD_BOUNCE, digest)
    assert fate(digest)[0] == "accepted"


def test_report_that_came_before_the_worker_was_missed_settles_afterwards() -> None:
    digest = make_uncertain(state="handing_over", next_attempt_at=NOON, settled_at=None)
    hear(Kind.DELIVERED, digest)
    assert fate(digest)[0] == "handing_over"
    ledger.sweep(NOON + timedelta(minutes=10))
    assert fate(digest)[0] == "uncertain"
    assert look_after_uncertain(NOON + timedelta(minutes=10)) == 1
    assert fate(digest) == ("accepted", "Postmark reported: delivered")


def test_by_hand_settles_uncertain_digests_alone() -> None:
    uncertain, failed = make_uncertain(), make_uncertain(state="failed")
    close(uncertain.edition, LATER)
    assert settle.by_hand(Digest.objects.all(), NOON) == [uncertain]
    assert fate(uncertain) == ("accepted", "it arrived, as staff found out")
    assert fate(failed)[0] == "failed"
    assert Edition.objects.get().counts == {"eligible": 2, "accepted": 1, "failed": 1}


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(told=st.lists(st.tuples(st.integers(0, 3), st.sampled_from([*sorted(settle.LEFT), Kind.REJECTED])), max_size=12))
def test_any_reports_after_closing_keep_the_equation(told: list[tuple[int, MailEvent.Kind]]) -> None:
    Digest.objects.all().delete()
    Edition.objects.all().delete()
    digests = [make_uncertain(state=state) for state in ("uncertain", "uncertain", "accepted", "failed")]
    close(digests[0].edition, LATER)
    for number, kind in told:
        hear(kind, digests[number])
    edition = Edition.objects.get(date=TODAY)
    assert edition.closed_with == edition.digests.by_state()
    assert edition.counts["eligible"] == sum(edition.closed_with.values()) == 4
