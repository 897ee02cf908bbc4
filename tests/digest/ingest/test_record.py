from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from digest.ingest.record import MAX_PAGES, Visit, body_hash, record_failure, record_stored, record_unchanged
from digest.ingest.request import Request
from digest.ingest.store import Stored
from digest.models import Fetch, Gap, Host, Source
from digest.sources.listing import Parsed, Skipped
from tests.digest.ingest.make import make_fetched
from tests.make import NOON, TODAY, make_listing, make_source

pytestmark = pytest.mark.django_db

PARSED = Parsed(kind="feed", title="A journal", url="", listings=(make_listing(),), announced_on=TODAY)
NEW = Stored(new=1, sighted=1)


def make_visit(source: Source, **answer: Any) -> Visit:
    return Visit(source, Request(source.url), make_fetched(b"body", **answer))


def stored(
    source: Source, now: datetime = NOON, *, parsed: Parsed = PARSED, found: Stored = NEW, **answer: Any
) -> Fetch:
    record_stored(make_visit(source, **answer), parsed, found, now)
    source.refresh_from_db()
    return source.fetches.latest("pk")


def failed(source: Source, now: datetime = NOON, kind: str = "transport", **given: Any) -> Fetch:
    record_failure(Visit(source, Request(source.url)), now, kind, "no answer", **given)
    source.refresh_from_db()
    return source.fetches.latest("pk")


def test_stored_answer_is_remembered() -> None:
    source = make_source(kind="feed")
    skipped = tuple(Skipped(position, "front matter") for position in range(1, 31))
    fetch = stored(source, parsed=replace(PARSED, skipped=skipped), etag='"e"', last_modified="Wed", status=200)
    assert (source.etag, source.last_modified, source.body_hash) == ('"e"', "Wed", body_hash(b"body"))
    assert (source.last_checked_at, source.last_success_at, source.last_full_at, source.last_new_at) == (NOON,) * 4
    assert (fetch.status, fetch.bytes, fetch.milliseconds) == (200, 4, 12)
    assert (fetch.seen, fetch.new, fetch.updated, fetch.skipped, fetch.batch_on) == (31, 1, 0, 30, TODAY)
    assert fetch.reasons == [[position, "front matter"] for position in range(1, 21)]


def test_answer_without_news_leaves_the_time_of_the_last_news() -> None:
    source = make_source(kind="feed", last_new_at=NOON)
    stored(source, NOON + timedelta(days=3), found=Stored())
    assert source.last_new_at == NOON


def test_freshness_of_the_answer_puts_the_next_visit_off() -> None:
    source = make_source(kind="feed", check_minutes=60)
    stored(source, fresh_seconds=4 * 3600)
    assert source.next_check_at >= NOON + timedelta(hours=4)
    stored(source, parsed=replace(PARSED, ttl_minutes=600))
    assert source.next_check_at >= NOON + timedelta(hours=10)


def test_failures_count_until_a_visit_succeeds() -> None:
    source = make_source(kind="feed")
    failed(source)
    fetch = failed(source, NOON + timedelta(hours=1), "http_status", status=500)
    assert (source.failures, source.failing_since, source.last_error_kind) == (2, NOON, "http_status")
    assert (fetch.outcome, fetch.status, fetch.error_kind, fetch.message) == ("failed", 500, "http_status", "no answer")
    later = NOON + timedelta(hours=2)
    record_unchanged(make_visit(source, status=304), later, Fetch.Outcome.UNCHANGED)
    source.refresh_from_db()
    assert (source.failures, source.failing_since, source.last_error, source.healthy_since) == (0, None, "", later)


def test_address_that_is_gone_is_switched_off_at_once() -> None:
    source = make_source(kind="feed")
    failed(source, kind="gone", status=410)
    assert (source.is_active, source.disabled_at) == (False, NOON)
    assert source.disabled_reason == "The address is gone for good (410). Look for its new one, or remove it."


def fail_for_a_week(source: Source) -> None:
    for number in range(25):
        failed(source, NOON + timedelta(hours=number))
    assert source.is_active
    failed(source, NOON + timedelta(days=8))


def test_source_that_fails_for_a_week_is_switched_off_with_the_reason() -> None:
    make_source(kind="feed", last_success_at=NOON + timedelta(days=8))
    source = make_source(kind="feed")
    fail_for_a_week(source)
    assert not source.is_active
    assert source.disabled_reason == "26 visits in a row failed since 4 March 2026: no answer"


def test_source_that_fails_like_all_others_is_not_switched_off() -> None:
    make_source(kind="feed", last_success_at=NOON)
    source = make_source(kind="feed")
    fail_for_a_week(source)
    assert source.is_active


def test_switch_that_staff_set_meanwhile_stays() -> None:
    source = make_source(kind="feed")
    visit = make_visit(source)
    Source.objects.filter(pk=source.pk).update(is_active=False, name="Renamed")
    record_stored(visit, PARSED, NEW, NOON)
    source.refresh_from_db()
    assert (source.is_active, source.name) == (False, "Renamed")


def test_retry_after_holds_for_the_whole_host() -> None:
    source = make_source(kind="feed", url="https://a.example.org/1")
    neighbour = make_source(kind="feed", url="https://a.example.org/2", next_check_at=NOON)
    stranger = make_source(kind="feed", url="https://b.example.org/1", next_check_at=NOON)
    failed(source, kind="rate_limited", status=429, retry_seconds=7200)
    until = NOON + timedelta(hours=2)
    assert Host.objects.get(name="a.example.org").closed_until == until
    assert source.next_check_at >= until
    neighbour.refresh_from_db()
    stranger.refresh_from_db()
    assert (neighbour.next_check_at, stranger.next_check_at) == (until, NOON)


def test_retry_after_of_one_machine_holds_for_its_domain() -> None:
    source = make_source(kind="arxiv", url="https://rss.arxiv.org/rss/cs.CL")
    neighbour = make_source(kind="arxiv-api", url="https://export.arxiv.org/api/query?a=b", next_check_at=NOON)
    failed(source, kind="rate_limited", status=503, retry_seconds=3600)
    neighbour.refresh_from_db()
    assert neighbour.next_check_at == NOON + timedelta(hours=1)
    assert Host.objects.get(name="arxiv.org").closed_until == NOON + timedelta(hours=1)


def test_move_for_good_changes_the_address_and_host() -> None:
    source = make_source(kind="feed", url="https://old.example.org/feed")
    for number in range(5):
        stored(source, NOON + timedelta(hours=8 * number), moved_to="https://new.example.org/feed")
    assert (source.url, source.host) == ("https://new.example.org/feed", "new.example.org")
    assert source.fetches.latest("pk").message == "The address is now https://new.example.org/feed"


def test_further_page_is_due_at_once() -> None:
    source = make_source(kind="biorxiv")
    stored(source, parsed=replace(PARSED, next_url="https://api.example.org/2"), etag='"page one"')
    assert (source.page_url, source.pages, source.next_check_at) == ("https://api.example.org/2", 1, NOON)
    assert (source.etag, source.last_full_at) == ("", None)


def test_page_that_names_itself_as_the_next_one_is_the_last() -> None:
    source = make_source(kind="biorxiv")
    stored(source, parsed=replace(PARSED, next_url=source.url))
    assert (source.page_url, source.last_full_at) == ("", NOON)


def test_reading_of_pages_begins_anew_after_three_failures() -> None:
    source = make_source(kind="biorxiv", page_url="https://api.example.org/2", pages=1)
    failed(source)
    failed(source)
    assert source.page_url == "https://api.example.org/2"
    failed(source)
    assert (source.page_url, source.pages) == ("", 0)


@pytest.mark.parametrize(
    ("found", "known", "batch_on", "outcome"),
    [
        (date(2026, 3, 4), date(2026, 3, 3), date(2026, 3, 4), "stored"),
        (date(2026, 3, 3), date(2026, 3, 3), date(2026, 3, 3), "stale"),
        (date(2026, 3, 3), date(2026, 3, 2), date(2026, 3, 3), "stale"),
        (date(2026, 3, 3), None, date(2026, 3, 3), "stale"),
        (None, date(2026, 3, 3), date(2026, 3, 3), "stale"),
        (date(2027, 3, 4), date(2026, 3, 3), date(2026, 3, 3), "stale"),
    ],
)
def test_batch_of_an_arxiv_feed(found: date | None, known: date | None, batch_on: date, outcome: str) -> None:
    source = make_source(url="https://rss.arxiv.org/rss/cs.CL", batch_on=known)
    fetch = stored(source, parsed=replace(PARSED, kind="arxiv", announced_on=found), etag='"e"')
    assert (fetch.outcome, source.batch_on) == (outcome, batch_on)
    assert source.etag == ('"e"' if outcome == "stored" else "")
    assert not Gap.objects.exists()


def test_empty_feed_of_a_saturday_is_past_fridays_batch() -> None:
    saturday = datetime(2026, 3, 7, 15, tzinfo=UTC)
    source = make_source(url="https://rss.arxiv.org/rss/cs.CL")
    empty = Parsed(kind="arxiv", title="", url="", listings=(), announced_on=date(2026, 3, 7))
    assert stored(source, saturday, parsed=empty, found=Stored()).outcome == "stored"
    assert source.batch_on == date(2026, 3, 6)
    assert source.next_check_at >= datetime(2026, 3, 9, 4, 10, tzinfo=UTC)  # summer time has begun


def test_days_between_two_batches_are_noted_for_each_category() -> None:
    source = make_source(url="https://rss.arxiv.org/rss/cs.CL+cs.SD", batch_on=date(2026, 2, 26))
    stored(source, parsed=replace(PARSED, kind="arxiv", announced_on=TODAY))
    gaps = list(Gap.objects.order_by("category").values_list("category", "first", "last"))
    assert gaps == [(category, date(2026, 2, 27), date(2026, 3, 3)) for category in ("cs.CL", "cs.SD")]


def test_saturday_after_a_missed_friday_shows_the_gap() -> None:
    source = make_source(url="https://rss.arxiv.org/rss/cs.CL", batch_on=date(2026, 3, 5))
    empty = Parsed(kind="arxiv", title="", url="", listings=(), announced_on=date(2026, 3, 7))
    stored(source, datetime(2026, 3, 7, 15, tzinfo=UTC), parsed=empty, found=Stored())
    assert list(Gap.objects.values_list("first", "last")) == [(date(2026, 3, 6), date(2026, 3, 6))]


def test_page_that_is_gone_does_not_switch_its_source_off() -> None:
    source = make_source(kind="biorxiv", page_url="https://api.example.org/2", pages=1)
    record_failure(Visit(source, Request(source.page_url)), NOON, "gone", "no answer", status=410)
    source.refresh_from_db()
    assert (source.is_active, source.last_error_kind) == (True, "gone")


def test_validators_of_the_last_page_are_not_kept_for_the_first() -> None:
    source = make_source(kind="arxiv-api", page_url="https://api.example.org/2", pages=1, etag='"of before"')
    visit = Visit(source, Request(source.page_url), make_fetched(b"body", etag='"page two"', last_modified="Wed"))
    record_stored(visit, PARSED, NEW, NOON)
    source.refresh_from_db()
    assert (source.page_url, source.pages, source.last_full_at) == ("", 0, NOON)
    assert (source.etag, source.last_modified, source.body_hash) == ("", "", "")


def test_reading_that_begins_anew_counts_its_pages_anew() -> None:
    source = make_source(kind="biorxiv", page_url="https://api.example.org/old", pages=400)
    stored(source, parsed=replace(PARSED, next_url="https://api.example.org/2"))
    assert (source.page_url, source.pages) == ("https://api.example.org/2", 1)


def test_retry_after_of_a_host_does_not_hold_for_those_under_its_name() -> None:
    source = make_source(kind="feed", url="https://example.org/feed")
    tenant = make_source(kind="feed", url="https://somebody.example.org/feed", next_check_at=NOON)
    failed(source, kind="rate_limited", status=429, retry_seconds=7200)
    tenant.refresh_from_db()
    assert tenant.next_check_at == NOON


def test_visit_of_an_address_that_staff_have_changed_meanwhile_leaves_nothing() -> None:
    source = make_source(kind="biorxiv", next_check_at=NOON)
    visit = make_visit(source, etag='"of the old address"')
    Source.objects.filter(pk=source.pk).update(url="https://new.example.org/feed")
    record_stored(visit, replace(PARSED, next_url="https://old.example.org/2"), NEW, NOON + timedelta(minutes=1))
    source.refresh_from_db()
    assert (source.etag, source.page_url, source.last_checked_at, source.next_check_at) == ("", "", None, NOON)
    assert not Fetch.objects.exists()


@pytest.mark.parametrize(
    ("next_url", "pages", "told"),
    [
        ("https://api.example.org/" + "x" * 2048, 0, "There are more pages than can be asked for: 1 were read."),
        ("https://api.example.org/next", MAX_PAGES, "There are more pages than can be asked for: 501 were read."),
    ],
)
def test_pages_that_do_not_end_are_told_to_staff(next_url: str, pages: int, told: str) -> None:
    source = make_source(kind="biorxiv", page_url="https://api.example.org/this", pages=pages)
    visit = Visit(source, Request("https://api.example.org/this"), make_fetched(b"body"))
    record_stored(visit, replace(PARSED, next_url=next_url), NEW, NOON)
    source.refresh_from_db()
    assert (source.page_url, source.pages) == ("", 0)
    assert source.fetches.get().message == told


def test_feed_that_was_stale_is_healthy_since_its_batch_came() -> None:
    long_ago = NOON - timedelta(days=9)
    source = make_source(url="https://rss.arxiv.org/rss/cs.CL", batch_on=date(2026, 3, 3), healthy_since=long_ago)
    morning = NOON - timedelta(hours=5)
    stored(source, morning, parsed=replace(PARSED, kind="arxiv", announced_on=date(2026, 3, 3)))
    assert source.healthy_since == long_ago
    stored(source, NOON, parsed=replace(PARSED, kind="arxiv", announced_on=TODAY))
    assert source.healthy_since == NOON
    stored(source, NOON + timedelta(days=1), parsed=replace(PARSED, kind="arxiv", announced_on=date(2026, 3, 5)))
    assert source.healthy_since == NOON
