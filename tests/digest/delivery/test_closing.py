from datetime import timedelta
from typing import Any

import pytest

from digest.delivery.closing import Verdict, check, who_got_nothing
from digest.delivery.editions import close
from digest.feedback.erase import erase_reader
from digest.models import Digest, Edition
from tests.make import NOON, make_digest, make_reader

pytestmark = pytest.mark.django_db
OVER = NOON + timedelta(days=3)
ENDS = ("accepted", "failed", "uncertain", "empty", "suppressed", "expired")


def make_edition(*states: str, reason: str = "because") -> Edition:
    for state in states:
        make_digest(make_reader(), state=state, reason="" if state == "accepted" else reason, next_attempt_at=None)
    return Edition.objects.get()


def closed(*states: str, **given: Any) -> Edition:
    edition = make_edition(*states, **given)
    assert close(edition, OVER)
    edition.refresh_from_db()
    return edition


def test_closed_edition_holds_and_says_its_equation_in_its_order() -> None:
    edition = closed(*ENDS, "accepted")
    equation = "7 eligible = 2 accepted + 1 failed + 1 uncertain + 1 empty + 1 suppressed + 1 expired"
    verdict = check(edition, OVER)
    assert (str(verdict.equation), verdict.problems, verdict.notes) == (equation, [], [])
    assert verdict.holds
    assert edition.counts == {"eligible": 7, "accepted": 2} | dict.fromkeys(ENDS[1:], 1)


def test_open_edition_says_what_waits_and_that_nothing_is_overdue() -> None:
    edition = make_edition("accepted")
    make_digest(make_reader(), next_attempt_at=NOON)
    verdict = check(edition, NOON)
    assert str(verdict.equation) == "2 eligible = 1 accepted + 1 waiting"
    assert verdict.holds
    assert verdict.notes == [
        "1 wait to be mailed.",
        "It is not closed yet: readers may be added whose hour is still to come.",
    ]


def test_overdue_digest_is_a_problem() -> None:
    make_digest(make_reader("ada@example.org"), next_attempt_at=NOON)
    edition, later = Edition.objects.get(), NOON + timedelta(minutes=31)
    assert check(edition, later).problems == ["1 are overdue: see that the workers run."]
    assert list(who_got_nothing(edition, later)) == [("ada@example.org", "pending", "due since 2026-03-04 12:00 UTC")]


def test_edition_that_should_have_closed_is_a_problem() -> None:
    edition = make_edition("accepted")
    late = edition.closes_at + timedelta(hours=3)
    assert check(edition, late).problems == ["It should have closed 3\xa0hours ago: see that the clock runs."]


def test_digest_that_ended_without_a_reason_is_a_problem() -> None:
    assert check(closed("failed", "empty", reason=""), OVER).problems == ["2 ended without a reason."]


def test_digest_that_moved_after_closing_is_a_problem() -> None:
    edition = closed("accepted", "uncertain")
    Digest.objects.filter(state="uncertain").update(state="accepted")
    assert check(edition, OVER).problems == ["2 are accepted now, and 1 were when it closed."]


def test_digest_that_came_after_closing_is_a_problem() -> None:
    edition = closed("accepted")
    make_digest(make_reader())
    assert check(edition, OVER).problems == ["1 were still waiting when it closed, or wait since."]


def test_stored_sum_that_is_wrong_is_a_problem() -> None:
    edition = closed("accepted")
    edition.counts["eligible"] = 3
    assert check(edition, OVER).problems == [
        "It closed with 3 eligible readers, and says of 1 what became of them.",
    ]


def test_readers_erased_after_closing_leave_the_equation_as_it_was_and_are_noted() -> None:
    edition = closed("accepted", "failed")
    erase_reader(edition.digests.get(state="failed").reader)
    verdict = check(edition, OVER)
    assert (str(verdict.equation), verdict.problems) == ("2 eligible = 1 accepted + 1 failed", [])
    assert verdict.notes == ["1 of its digests went with readers who were erased since."]


def test_digests_that_are_not_kept_any_longer_are_noted() -> None:
    edition = closed("accepted")
    Digest.objects.all().delete()
    assert check(edition, OVER + timedelta(days=90)).notes == ["1 of its digests are not kept any longer."]


def test_who_got_nothing_is_told_state_by_state_with_a_reason() -> None:
    for state, reason in (
        ("accepted", "250 ok"),
        ("failed", "550 no"),
        ("empty", "nothing was close"),
        ("expired", ""),
    ):
        make_digest(make_reader(f"{state}@example.org"), state=state, reason=reason, next_attempt_at=None)
    make_digest(make_reader("retry@example.org"), state="retry", reason="451 later", next_attempt_at=OVER)
    assert list(who_got_nothing(Edition.objects.get(), NOON)) == [
        ("empty@example.org", "empty", "nothing was close"),
        ("expired@example.org", "expired", "no reason was given"),
        ("failed@example.org", "failed", "550 no"),
        ("retry@example.org", "retry", "451 later"),
    ]


@pytest.mark.parametrize("count", [1, 10])
def test_check_asks_the_same_questions_for_any_number(count: int, django_assert_num_queries: Any) -> None:
    edition = closed(*ENDS * count)
    with django_assert_num_queries(2):
        verdict: Verdict = check(edition, OVER)
    with django_assert_num_queries(1):
        assert len(list(who_got_nothing(edition, OVER))) == 5 * count
    assert verdict.holds
