import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from digest.ingest.refresh import refresh_due
from digest.models import Fetch, Host, Paper, Signal, Source
from digest.models.health import health
from tests.digest.ingest.make import make_arxiv_item, make_arxiv_rss, make_daily, make_item, make_rss
from tests.feedserver import Answer, Asked, FeedServer, feed_server
from tests.make import NOON, make_source

pytestmark = pytest.mark.django_db

HOSTS = [f"127.0.3.{number}" for number in range(1, 41)]


@pytest.fixture
def feeds(settings: Any) -> Iterator[FeedServer]:
    settings.FETCH_ALLOWED_HOSTS = HOSTS
    Host.objects.update_or_create(name="*", defaults={"gap_seconds": 0})
    with feed_server() as server:
        yield server


def clock() -> datetime:
    return NOON


def make_due(feeds: FeedServer, path: str, answer: Any, *, host: str = HOSTS[0], **given: Any) -> Source:
    feeds.answers[path] = answer
    stated = {"kind": "feed", "url": feeds.url(path, host), "next_check_at": NOON - timedelta(minutes=1)}
    return make_source(**stated | given)


def visit(source: Source, at: datetime = NOON) -> Fetch:
    """Let a source that is not due yet be visited, and return what is recorded of it."""
    Source.objects.filter(pk=source.pk).update(next_check_at=at)
    assert refresh_due(lambda: at) == 1
    source.refresh_from_db()
    return source.fetches.latest("pk")


def test_due_source_is_visited_stored_and_planned_again(feeds: FeedServer) -> None:
    source = make_due(feeds, "/daily", Answer(make_daily()), kind="hf-daily")
    assert refresh_due(clock) == 1
    source.refresh_from_db()
    assert (source.last_success_at, source.healthy_since, source.failures) == (NOON, NOON, 0)
    assert NOON + timedelta(minutes=60) <= source.next_check_at <= NOON + timedelta(minutes=66)
    assert Paper.objects.count() == 1
    assert Signal.objects.exists()
    fetch = source.fetches.get()
    assert (fetch.outcome, fetch.status, fetch.seen, fetch.new, fetch.updated, fetch.skipped) == (
        ("stored", 200, 1, 1, 0, 0)
    )
    assert fetch.bytes == len(make_daily())
    assert refresh_due(clock) == 0


def test_nothing_due_visits_nobody(feeds: FeedServer) -> None:
    make_due(feeds, "/feed", Answer(make_rss()), next_check_at=NOON + timedelta(seconds=1))
    make_due(feeds, "/off", Answer(make_rss()), is_active=False)
    assert refresh_due(clock) == 0
    assert feeds.asked == []


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (Answer(b"<html><body>Moved</body></html>"), "not_a_feed", "not a feed"),
        (Answer(b""), "empty_body", "empty"),
        (Answer(b'{"error": "gone"}'), "not_a_feed", "gone"),
        (Answer(b"no", status=500), "http_status", "500"),
        (Answer(b"no", status=404), "http_status", "404"),
        (Answer(status=302, headers={"Location": "http://127.0.0.9/"}), "refused_address", "127.0.0.9"),
    ],
)
def test_answer_that_is_no_listing_is_an_error_and_never_nothing_new(
    feeds: FeedServer, answer: Answer, kind: str, words: str
) -> None:
    source = make_due(feeds, "/feed", answer)
    assert refresh_due(clock) == 1
    source.refresh_from_db()
    assert (source.last_success_at, source.failures, source.failing_since) == (None, 1, NOON)
    assert (source.last_error_kind, source.etag, source.body_hash) == (kind, "", "")
    assert words in source.last_error
    assert health(source, NOON).word == "failing"
    fetch = source.fetches.get()
    assert (fetch.outcome, fetch.error_kind, fetch.message) == ("failed", kind, source.last_error)


def test_charset_of_the_http_header_is_used(feeds: FeedServer) -> None:
    body = make_rss(make_item(title="Naïve papers"), declaration="").decode().encode("latin-1")
    make_due(feeds, "/feed", Answer(body, headers={"Content-Type": "application/rss+xml; charset=iso-8859-1"}))
    refresh_due(clock)
    assert Paper.objects.get().title == "Naïve papers"


def test_validators_are_sent_as_they_came_once_the_answer_is_stored(feeds: FeedServer) -> None:
    dated = {"ETag": 'W/"a b"', "Last-Modified": "Wed, 04 Mar 2026 05:00:00 GMT"}

    def conditional(asked: Asked) -> Answer:
        known = asked.headers.get("If-None-Match") == dated["ETag"]
        assert known == (asked.headers.get("If-Modified-Since") == dated["Last-Modified"])
        return Answer(status=304, headers=dated) if known else Answer(make_rss(make_item()), headers=dated)

    source = make_due(feeds, "/feed", conditional)
    assert visit(source).outcome == "stored"
    assert (source.etag, source.last_modified) == tuple(dated.values())
    later = NOON + timedelta(hours=2)
    assert visit(source, later).outcome == "unchanged"
    assert (source.last_success_at, source.last_full_at) == (later, NOON)
    assert visit(source, NOON + timedelta(hours=25)).outcome == "stored"  # asked for in full once a day


def test_validators_of_what_could_not_be_read_are_not_kept(feeds: FeedServer) -> None:
    dated = {"ETag": '"one"'}
    source = make_due(feeds, "/feed", Answer(b"<html></html>", headers=dated))
    visit(source)
    assert source.etag == ""
    cut = make_rss(make_item(1), make_item(2)).rpartition(b"<description>")[0]
    feeds.answers["/feed"] = Answer(cut, headers=dated)
    fetch = visit(source)
    assert (fetch.outcome, fetch.error_kind, fetch.new) == ("cut-off", "truncated", 1)
    assert (source.etag, source.body_hash, source.failures) == ("", "", 2)
    assert Paper.objects.count() == 1


def test_same_bytes_again_are_not_read_again(feeds: FeedServer) -> None:
    source = make_due(feeds, "/feed", Answer(make_rss(make_item())))
    assert visit(source).outcome == "stored"
    Paper.objects.all().delete()
    assert visit(source, NOON + timedelta(hours=2)).outcome == "same"
    assert not Paper.objects.exists()
    feeds.answers["/feed"] = Answer(make_rss(make_item(2)))
    assert visit(source, NOON + timedelta(hours=4)).new == 1


def test_one_failing_source_stops_no_other(feeds: FeedServer) -> None:
    broken = make_due(feeds, "/broken", Answer(b"no", status=500))
    make_due(feeds, "/daily", Answer(make_daily()), kind="hf-daily")
    make_due(feeds, "/feed", Answer(make_rss(make_item())), host=HOSTS[1])
    assert refresh_due(clock) == 3
    broken.refresh_from_db()
    assert "500" in broken.last_error
    assert Paper.objects.count() == 2


def test_failure_in_storing_is_that_sources_own(feeds: FeedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    from digest.ingest import refresh  # noqa: PLC0415

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("no such luck")

    monkeypatch.setattr(refresh, "store", fail)
    source = make_due(feeds, "/feed", Answer(make_rss(make_item())))
    assert refresh_due(clock) == 1
    source.refresh_from_db()
    assert (source.last_error_kind, source.last_error) == ("error", "RuntimeError: no such luck")


def test_hosts_are_visited_side_by_side_and_one_host_in_turn(feeds: FeedServer) -> None:
    at_once: Counter[str] = Counter()
    most: Counter[str] = Counter()
    lock = threading.Lock()
    gathered = threading.Barrier(3)  # three hosts must be asked at the same time for it to open

    def answer(asked: Asked) -> Answer:
        with lock:
            at_once[asked.host] += 1
            most[asked.host] = max(most[asked.host], at_once[asked.host])
        if asked.path == "/0":
            gathered.wait(timeout=20)
        time.sleep(0.01)
        with lock:
            at_once[asked.host] -= 1
        return Answer(make_rss(make_item()))

    for host in HOSTS[:3]:
        for number in range(3):
            make_due(feeds, f"/{number}", answer, host=host)
    assert refresh_due(clock) == 9
    assert most == Counter(dict.fromkeys(HOSTS[:3], 1))
    assert set(Fetch.objects.values_list("outcome", flat=True)) == {"stored"}


def test_sources_that_failed_last_time_come_last(feeds: FeedServer) -> None:
    make_due(feeds, "/failing", Answer(make_rss()), failures=2, failing_since=NOON)
    make_due(feeds, "/well", Answer(make_rss()))
    assert refresh_due(clock) == 2
    assert feeds.paths() == ["/well", "/failing"]


def make_api_page(start: int) -> bytes:
    entries = "".join(
        f"<entry><id>http://arxiv.org/abs/2603.0000{number}v1</id><title>Paper {number}</title>"
        f"<summary>What it says.</summary><published>2026-03-03T10:00:00Z</published></entry>"
        for number in (start + 1, start + 2)
    )
    return (
        f'<feed xmlns="http://www.w3.org/2005/Atom" xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">'
        f"<id>http://arxiv.org/api/x</id><title>arXiv Query</title>"
        f"<opensearch:totalResults>6</opensearch:totalResults><opensearch:startIndex>{start}</opensearch:startIndex>"
        f"<opensearch:itemsPerPage>2</opensearch:itemsPerPage>{entries}</feed>"
    ).encode()


def test_pages_are_read_one_by_one_and_gone_on_with_where_they_failed(feeds: FeedServer) -> None:
    starts: list[int] = []

    def page(asked: Asked) -> Answer:
        start = int(asked.path.partition("start=")[2][:1] or 0)
        starts.append(start)
        return Answer(status=500) if starts == [0, 2] else Answer(make_api_page(start))

    source = make_due(feeds, "/api/query?search_query=cat:cs.CL&max_results=2", None, kind="arxiv-api")
    feeds.answers["/api/query"] = page
    assert refresh_due(clock) == 2
    source.refresh_from_db()
    assert (source.pages, source.last_full_at, source.last_error_kind) == (1, None, "http_status")
    later = NOON + timedelta(hours=1)
    assert visit_pages(source, later) == 2
    assert (source.page_url, source.pages, source.last_full_at) == ("", 0, later)
    assert Paper.objects.count() == 6
    assert starts == [0, 2, 2, 4]


def visit_pages(source: Source, at: datetime) -> int:
    visits = refresh_due(lambda: at)
    source.refresh_from_db()
    return visits


def test_two_workers_never_fetch_a_source_twice(feeds: FeedServer, transactional_db: None) -> None:
    for number, host in enumerate(HOSTS[:20]):
        make_due(feeds, f"/{number}", Answer(make_rss(make_item(number)), seconds=0.02), host=host)
    counts: list[int] = []

    def work() -> None:
        counts.append(refresh_due(clock))
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(counts) == 20
    assert Counter(feeds.paths()) == Counter(f"/{number}" for number in range(20))


def test_queries_of_a_visit_do_not_grow_with_its_papers(feeds: FeedServer) -> None:
    visit(make_due(feeds, "/first", Answer(make_rss())))  # the lane has its row from now on
    counts = []
    for papers in (1, 3):
        make_due(feeds, f"/{papers}", Answer(make_rss(*(make_item(10 * papers + place) for place in range(papers)))))
        with CaptureQueriesContext(connection) as queries:
            assert refresh_due(clock) == 1
        counts.append(len(queries))
    assert Paper.objects.count() == 4
    assert counts == [counts[0]] * 2


def test_arxiv_feed_waits_for_the_next_batch(feeds: FeedServer) -> None:
    source = make_due(feeds, "/rss/cs.CL", Answer(make_arxiv_rss(make_arxiv_item())), kind="arxiv")
    fetch = visit(source)
    assert (fetch.outcome, fetch.batch_on, source.batch_on) == ("stored", date(2026, 3, 4), date(2026, 3, 4))
    assert source.next_check_at.astimezone().date() == date(2026, 3, 5)


def test_yesterdays_batch_is_stale_and_asked_for_again_soon(feeds: FeedServer) -> None:
    source = make_due(feeds, "/rss/cs.CL", Answer(make_arxiv_rss(make_arxiv_item())), kind="arxiv")
    visit(source)
    morning = NOON + timedelta(days=1, hours=-6)
    fetch = visit(source, morning)
    assert fetch.outcome == "same"
    assert health(source, morning).word == "stale"
    feeds.answers["/rss/cs.CL"] = Answer(make_arxiv_rss(make_arxiv_item(), description="Built again."))
    assert visit(source, morning + timedelta(hours=1)).outcome == "stale"
    assert source.next_check_at <= morning + timedelta(hours=2)
    assert source.etag == ""


def test_host_that_wants_to_be_left_alone_is_not_waited_for(feeds: FeedServer) -> None:
    until = timezone.now() + timedelta(hours=2)
    source = make_due(feeds, "/feed", Answer(make_rss()))
    other = make_due(feeds, "/feed", Answer(make_rss()), host=HOSTS[1])
    Host.objects.create(name=HOSTS[0], closed_until=until)
    assert refresh_due(clock) == 1
    source.refresh_from_db()
    other.refresh_from_db()
    assert (source.next_check_at, source.failures, other.last_success_at) == (until, 0, NOON)
