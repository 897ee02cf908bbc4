from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.models import Source
from digest.models.health import Health, Word, health
from tests.make import NOON, TODAY

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
YESTERDAY = TODAY - DAY  # a Tuesday
BORN = NOON - 100 * DAY

MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone


def source(**given: Any) -> Source:
    """Make a source that was read an hour ago and brought a paper."""
    visited = dict.fromkeys(("last_checked_at", "last_success_at", "last_new_at"), NOON - HOUR)
    stated = {"kind": "feed", "created_at": BORN, "healthy_since": NOON - 10 * DAY, "next_check_at": NOON + HOUR}
    return Source(**stated | visited | given)


def failing(**given: Any) -> Source:
    stated = {"failures": 1, "failing_since": NOON - HOUR, "last_error": "no full answer within 30 seconds"}
    return source(**stated | {"last_error_kind": "timeout"} | given)


def arxiv(**given: Any) -> Source:
    return source(**{"kind": "arxiv", "batch_on": TODAY} | given)


def eastern(text: str) -> datetime:
    """Return the moment, in UTC, at which clocks in New York show `text`."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("America/New_York")).astimezone(UTC)


def visited(at: datetime, **given: Any) -> Source:
    """Make an arXiv feed that answered at `at`, and is due again an hour later."""
    return arxiv(last_checked_at=at, last_success_at=at, last_new_at=at, next_check_at=at + HOUR, **given)


# ok


@pytest.mark.parametrize("kind", Source.Kind.values)
def test_source_that_brings_papers_is_ok_since_it_recovered(kind: str) -> None:
    assert health(source(kind=kind, batch_on=TODAY), NOON) == Health(Word.OK, NOON - 10 * DAY)


def test_source_whose_first_good_visit_is_not_known_is_ok_since_the_last() -> None:
    assert health(source(healthy_since=None), NOON) == Health(Word.OK, NOON - HOUR)


# disabled


def test_source_that_was_given_up_needs_a_person_and_says_why() -> None:
    given_up = source(is_active=False, disabled_at=NOON - DAY, disabled_reason="The address is gone for good (410).")
    expected = Health(Word.DISABLED, NOON - DAY, "The address is gone for good (410).", needs_person=True)
    assert health(given_up, NOON) == expected


def test_source_that_staff_switched_off_needs_nobody() -> None:
    assert health(source(is_active=False), NOON) == Health(Word.DISABLED, NOON - HOUR, "Switched off by staff.")


def test_source_that_was_never_visited_by_itself_is_read_by_hand() -> None:
    by_hand = Source(kind="topic-page", url="file:page.txt", is_active=False, created_at=BORN)
    assert health(by_hand, NOON) == Health(Word.DISABLED, BORN, "Read by hand only.")


def test_disabled_comes_before_failing() -> None:
    assert health(failing(is_active=False), NOON).word == "disabled"


# failing


def test_first_failure_is_told_and_needs_nobody() -> None:
    note = "The last visit failed: no full answer within 30 seconds."
    assert health(failing(), NOON) == Health(Word.FAILING, NOON - HOUR, note)


def test_failures_in_a_row_are_counted() -> None:
    found = health(failing(failures=1234, last_error="the server answers 500."), NOON)
    assert found.note == "1,234 visits in a row failed: the server answers 500."


@pytest.mark.parametrize(("since", "needs"), [(DAY, True), (DAY - timedelta(seconds=1), False)])
def test_failing_for_a_day_needs_a_person(since: timedelta, needs: bool) -> None:
    assert health(failing(failing_since=NOON - since), NOON).needs_person is needs


@pytest.mark.parametrize(
    ("kind", "advice"),
    [
        ("scheme", " Give it an address that begins with https."),
        ("refused_address", " If its host is in your own network, name it in FETCH_ALLOWED_HOSTS."),
        ("login", ""),
        ("challenge", ""),
    ],
)
def test_failure_that_only_a_person_can_mend_needs_one_at_once(kind: str, advice: str) -> None:
    found = health(failing(last_error_kind=kind), NOON)
    assert found.needs_person is True
    assert found.note == f"The last visit failed: no full answer within 30 seconds.{advice}"


@pytest.mark.parametrize("kind", ["tls", "not_a_feed"])
def test_failure_that_may_pass_needs_a_person_after_the_third(kind: str) -> None:
    found = [health(failing(last_error_kind=kind, failures=number), NOON) for number in (1, 2, 3)]
    assert [one.needs_person for one in found] == [False, False, True]
    assert found[0].note == "The last visit failed: no full answer within 30 seconds."
    assert found[2].note.startswith(
        "3 visits in a row failed: no full answer within 30 seconds. Open the address in a browser"
    )


def test_failing_comes_before_stale_and_quiet() -> None:
    assert health(failing(kind="arxiv", batch_on=None, last_new_at=None, quiet_days=1), NOON).word == "failing"


def test_failing_source_that_nobody_visits_says_so() -> None:
    found = health(failing(next_check_at=NOON - 3 * HOUR), NOON)
    assert found.needs_person is True
    assert found.note == (
        "The last visit failed: no full answer within 30 seconds. "
        "Nobody has come since it was due: see that celery beat runs, or manage.py run_due each minute."
    )


# stale: nobody visits


def test_source_that_nobody_visits_is_stale_and_needs_a_person() -> None:
    note = "Nobody has come since it was due: see that celery beat runs, or manage.py run_due each minute."
    late = source(next_check_at=NOON - 2 * HOUR - MINUTE)
    assert health(late, NOON) == Health(Word.STALE, NOON - 2 * HOUR - MINUTE, note, needs_person=True)
    assert health(source(next_check_at=NOON - 2 * HOUR), NOON).word == "ok"


def test_new_source_that_nobody_visits_is_stale_as_well() -> None:
    new = Source(kind="feed", created_at=NOON - DAY, next_check_at=NOON - DAY)
    assert (health(new, NOON).word, health(new, NOON).needs_person) == ("stale", True)


def test_source_whose_next_visit_is_far_away_is_stale_and_needs_a_person() -> None:
    """The machine's clock was wrong for a while: what was planned then would be waited for in silence."""
    astray = source(next_check_at=datetime(2062, 11, 3, tzinfo=UTC))
    note = "The next visit is planned for 3 November 2062 only: set the next check to today."
    assert health(astray, NOON) == Health(Word.STALE, NOON - HOUR, note, needs_person=True)


def test_weekly_source_is_not_far_away() -> None:
    assert health(source(check_minutes=7 * 24 * 60, next_check_at=NOON + 7.7 * DAY), NOON).word == "ok"


# stale: an old batch


def test_arxiv_that_still_shows_yesterday_is_stale_since_midnight_in_new_york() -> None:
    note = "The batch of 4 March 2026 has not come yet: nothing to do so far."
    assert health(arxiv(batch_on=YESTERDAY), NOON) == Health(Word.STALE, eastern("2026-03-04T00:00"), note)


def test_arxiv_that_is_two_batches_behind_needs_a_person() -> None:
    note = "2 batches are missing, from 3 March 2026 on: open the address and see what it shows."
    behind = arxiv(batch_on=TODAY - 2 * DAY)
    assert health(behind, NOON) == Health(Word.STALE, eastern("2026-03-03T00:00"), note, needs_person=True)


@pytest.mark.parametrize("batch_on", [TODAY, TODAY + DAY])
def test_arxiv_that_shows_the_batch_of_today_is_ok(batch_on: date) -> None:
    assert health(arxiv(batch_on=batch_on), NOON).word == "ok"


@pytest.mark.parametrize(
    ("now", "word"),
    [
        ("2026-03-04T00:09", "ok"),
        ("2026-03-04T00:30", "ok"),  # nobody has asked for the new batch yet
        ("2026-03-04T02:09", "ok"),
        ("2026-03-04T02:10", "stale"),  # somebody should have
    ],
)
def test_arxiv_that_was_not_asked_yet_is_not_stale_at_midnight(now: str, word: str) -> None:
    at = eastern(now)
    waiting = visited(eastern("2026-03-03T09:00"), batch_on=YESTERDAY)
    waiting.next_check_at = at + MINUTE
    assert health(waiting, at).word == word


def test_arxiv_that_was_asked_and_showed_the_old_batch_is_stale_at_once() -> None:
    at = eastern("2026-03-04T00:12")
    assert health(visited(at, batch_on=YESTERDAY), at).word == "stale"


@pytest.mark.parametrize("now", ["2026-03-07T12:00", "2026-03-08T23:00", "2026-03-09T00:05"])
def test_arxiv_is_ok_all_weekend_with_fridays_batch(now: str) -> None:
    at = eastern(now)
    assert health(visited(at, batch_on=date(2026, 3, 6)), at).word == "ok"
    assert health(visited(at, batch_on=date(2026, 3, 5)), at).since == eastern("2026-03-06T00:00")


def test_weekend_counts_for_no_batch() -> None:
    at = eastern("2026-03-09T12:00")
    found = health(visited(at, batch_on=date(2026, 3, 5)), at)
    assert found.note == "2 batches are missing, from 6 March 2026 on: open the address and see what it shows."


@pytest.mark.parametrize(
    ("first_visit", "word"),
    [("2026-03-07T12:00", "ok"), ("2026-03-06T12:00", "stale")],  # a Saturday's feed is empty, a Friday's is not
)
def test_new_arxiv_source_misses_the_batches_since_it_is_here(first_visit: str, word: str) -> None:
    at = eastern(first_visit)
    new = visited(at, batch_on=None, created_at=at - 300 * DAY, healthy_since=at)
    assert health(new, at).word == word
    assert health(new, at).needs_person is False


def test_other_kinds_follow_no_calendar() -> None:
    assert health(source(kind="arxiv-api", batch_on=date(2026, 1, 1)), NOON).word == "ok"


# quiet


def test_source_without_a_new_paper_for_longer_than_usual_is_quiet() -> None:
    silent = source(last_new_at=NOON - 31 * DAY, quiet_days=30)
    note = "No new paper for 31 days, though it can be read."
    assert health(silent, NOON) == Health(Word.QUIET, NOON - 31 * DAY, note)
    assert health(source(last_new_at=NOON - 30 * DAY, quiet_days=30), NOON).word == "ok"


def test_source_that_never_brought_a_paper_is_quiet_from_its_first_good_visit_on() -> None:
    silent = source(last_new_at=None, healthy_since=NOON - DAY, quiet_days=30)
    note = "It can be read, and has brought no paper so far."
    assert health(silent, NOON) == Health(Word.QUIET, NOON - DAY, note)


def test_source_that_was_never_visited_is_quiet_since_it_was_made() -> None:
    new = Source(kind="arxiv", created_at=NOON - MINUTE, next_check_at=NOON)
    assert health(new, NOON) == Health(Word.QUIET, NOON - MINUTE, "Not read yet.")


@pytest.mark.parametrize("last_success_at", [None, NOON - 9 * DAY])
def test_source_that_was_switched_on_again_is_quiet_until_its_next_visit(last_success_at: datetime | None) -> None:
    mended = failing(last_success_at=last_success_at, failing_since=NOON - DAY, failures=40, kind="arxiv")
    mended.disable(NOON - 2 * HOUR, "it failed")
    mended.enable(NOON)
    note = "Not read yet since it was switched on again."
    assert health(mended, NOON) == Health(Word.QUIET, NOON - HOUR, note)


# at any moment


@given(
    st.sampled_from(Source.Kind.values),
    MOMENTS,
    st.lists(st.none() | MOMENTS, min_size=6, max_size=6),
    st.none() | st.dates(date(2026, 1, 1), date(2026, 12, 31)),
)
def test_health_can_be_told_of_any_row_at_any_moment(
    kind: str, now: datetime, moments: list[datetime | None], batch_on: date | None
) -> None:
    names = ("last_checked_at", "last_success_at", "last_new_at", "healthy_since", "failing_since", "disabled_at")
    row = source(kind=kind, batch_on=batch_on, **dict(zip(names, moments, strict=True)))
    row.failures = 3 if row.failing_since else 0
    row.is_active = row.disabled_at is None
    row.disabled_reason = "it failed" if row.disabled_at else ""
    found = health(row, now)
    assert (found.word == "disabled") is (row.disabled_at is not None)
    assert bool(found.note) is (found.word != "ok")
    assert found.since.tzinfo is not None


def test_health_tells_the_truth_while_nobody_visits() -> None:
    """A month passes over a source that is due and never visited."""
    row = source(next_check_at=NOON)
    words = [health(row, NOON + hours * HOUR).word for hours in (0, 2, 3, 24, 30 * 24)]
    assert words == ["ok", "ok", "stale", "stale", "stale"]
