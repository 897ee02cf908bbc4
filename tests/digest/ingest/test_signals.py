import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db.models import Count

from digest.ingest import politeness, signals
from digest.ingest.fetch import Fetched, fetch
from digest.ingest.rank import update_trends
from digest.ingest.signals import DAYS, EVERY, refresh_signals
from digest.ingest.store import store
from digest.models import Fetch, Host, Paper, Signal, Source
from tests.digest.sources.make import make_daily_item
from tests.feedserver import Answer, Asked, FeedServer, feed_server
from tests.make import NOON, TODAY, make_source

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
YESTERDAY = TODAY - DAY


class Daily:
    """Daily lists as they stand: the papers of each day by number, with their upvotes. `failing` days are errors."""

    def __init__(self) -> None:
        self.votes: dict[date, dict[str, int]] = {}
        self.failing: dict[date, Answer] = {}

    def __call__(self, asked: Asked) -> Answer:
        query = {name: values[0] for name, values in parse_qs(urlsplit(asked.path).query).items()}
        assert query["limit"] == "100"
        day = date.fromisoformat(query["date"])
        listed_at = f"{day}T00:00:00.000Z"
        items = [
            make_daily_item(id=number, title=f"Paper {number}", upvotes=votes, submittedOnDailyAt=listed_at)
            for number, votes in self.votes.get(day, {}).items()
        ]
        return self.failing.get(day) or Answer(json.dumps(items).encode())


@pytest.fixture
def feeds(settings: Any) -> Iterator[FeedServer]:
    settings.FETCH_ALLOWED_HOSTS = ["127.0.0.1"]
    settings.REDIS_URL = ""
    Host.objects.update_or_create(name="*", defaults={"gap_seconds": 0})
    with feed_server() as server:
        yield server


@pytest.fixture
def daily(feeds: FeedServer) -> Daily:
    feeds.answers["/api/daily_papers"] = daily = Daily()
    return daily


@pytest.fixture
def source(feeds: FeedServer) -> Source:
    return make_source(kind="hf-daily", url=feeds.url("/api/daily_papers"), signals_due_at=NOON)


def asked_days(feeds: FeedServer) -> list[date]:
    return [date.fromisoformat(parse_qs(urlsplit(path).query)["date"][0]) for path in feeds.paths()]


def said_at(now: datetime) -> str:
    """Return the attention of the only paper after what is due at `now` is done."""
    refresh_signals(now)
    update_trends(now)
    return Paper.objects.get().attention.partition(";")[0]


def test_since_yesterday_is_true_day_after_day(source: Source, daily: Daily) -> None:
    told = []
    for days, votes in enumerate([53, 84, 84, 90, 90, 100], start=1):
        daily.votes[TODAY] = {"2603.00001": votes}
        told.append(said_at(NOON + days * DAY))
    assert told == [
        "53 upvotes",
        "84 upvotes, +31 since yesterday",
        "84 upvotes",
        "90 upvotes, +6 since yesterday",
        "90 upvotes",
        "100 upvotes, +10 since yesterday",
    ]


def test_total_that_stands_still_is_kept_once_a_day(source: Source, daily: Daily) -> None:
    daily.votes[TODAY] = {"2603.00001": 53}
    for hours in range(24, 73, 3):
        refresh_signals(NOON + timedelta(hours=hours))
    kept = Signal.objects.filter(kind="upvotes").order_by("pk").values_list("value", "observed_at")
    assert list(kept) == [(53, NOON + timedelta(hours=hours)) for hours in (24, 45, 66)]


def test_increase_of_days_that_nobody_read_is_not_called_yesterdays(source: Source, daily: Daily) -> None:
    daily.votes[TODAY] = {"2603.00001": 53}
    assert said_at(NOON + DAY) == "53 upvotes"
    daily.votes[TODAY] = {"2603.00001": 99}
    assert said_at(NOON + 4 * DAY) == "99 upvotes"


def test_the_last_days_are_read_the_latest_first(source: Source, daily: Daily, feeds: FeedServer) -> None:
    assert refresh_signals(NOON) == DAYS
    assert asked_days(feeds) == [TODAY - days * DAY for days in range(1, 8)]
    source.refresh_from_db()
    assert source.signals_due_at == NOON + EVERY
    assert refresh_signals(NOON + EVERY - timedelta(seconds=1)) == 0


def test_what_the_address_asks_for_stays(feeds: FeedServer, daily: Daily) -> None:
    address = feeds.url("/api/daily_papers?sort=trending&limit=50")
    make_source(kind="hf-daily", url=address, signals_due_at=NOON)
    refresh_signals(NOON)
    assert feeds.paths()[0] == f"/api/daily_papers?sort=trending&limit=100&date={YESTERDAY}"


def test_paper_of_a_day_that_was_missed_is_found_with_its_own_day(source: Source, daily: Daily) -> None:
    daily.votes[TODAY - 3 * DAY] = {"2603.00007": 12}
    refresh_signals(NOON)
    assert list(Paper.objects.values_list("title", "announced_on")) == [("Paper 2603.00007", TODAY - 3 * DAY)]


def test_each_day_leaves_a_row(source: Source, daily: Daily) -> None:
    daily.votes[YESTERDAY] = {"2603.00001": 12, "2603.00002": 0}
    refresh_signals(NOON)
    assert list(source.fetches.order_by("-batch_on").values_list("at", "purpose", "outcome", "status", "seen", "new"))[
        :2
    ] == [
        (NOON, "signals", "stored", 200, 2, 2),
        (NOON, "signals", "stored", 200, 0, 0),
    ]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(b"no", status=500), "http_status"),
        (Answer(b"<html></html>"), "not_a_feed"),
        (Answer(b'{"error": "not yet"}'), "not_a_feed"),
    ],
)
def test_day_that_fails_does_not_stop_the_others(source: Source, daily: Daily, answer: Answer, kind: str) -> None:
    daily.failing[YESTERDAY] = answer
    daily.votes[YESTERDAY - DAY] = {"2603.00001": 12}
    assert refresh_signals(NOON) == DAYS - 1
    assert Paper.objects.count() == 1
    assert source.fetches.get(batch_on=YESTERDAY).error_kind == kind
    source.refresh_from_db()
    assert (source.failures, source.signals_due_at) == (0, NOON + EVERY)


def test_host_that_has_had_enough_is_left_alone(source: Source, daily: Daily, feeds: FeedServer) -> None:
    daily.failing[YESTERDAY] = Answer(status=429, headers={"Retry-After": "3600"})
    assert refresh_signals(NOON) == 0
    assert asked_days(feeds) == [YESTERDAY]
    assert Host.objects.filter(closed_until__isnull=False).exists()
    assert refresh_signals(NOON + EVERY) == 0
    assert asked_days(feeds) == [YESTERDAY]
    assert list(Fetch.objects.order_by("pk").values_list("error_kind", flat=True)) == ["rate_limited", "busy"]


def test_sources_that_are_off_or_have_no_signals_are_not_asked(feeds: FeedServer) -> None:
    make_source(kind="hf-daily", url=feeds.url("/off"), signals_due_at=NOON, is_active=False)
    make_source(url=feeds.url("/feed"))
    assert refresh_signals(NOON) == 0
    assert feeds.asked == []


def test_host_that_does_not_answer_is_not_waited_for_seven_times(
    source: Source, daily: Daily, feeds: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(politeness, "fetch", partial(fetch, deadline=0.2))
    daily.failing[YESTERDAY] = Answer(seconds=5)
    assert refresh_signals(NOON) == 0
    assert asked_days(feeds) == [YESTERDAY]
    assert list(Fetch.objects.values_list("error_kind", flat=True)) == ["timeout"]


def test_day_that_cannot_be_stored_does_not_stop_the_others(
    source: Source, daily: Daily, monkeypatch: pytest.MonkeyPatch
) -> None:

    def fails_once(*given: Any, **named: Any) -> Any:
        monkeypatch.setattr(signals, "store", store)
        raise RuntimeError("no such luck")

    monkeypatch.setattr(signals, "store", fails_once)
    assert refresh_signals(NOON) == DAYS - 1
    assert list(Fetch.objects.exclude(error_kind="").values_list("batch_on", "error_kind", "message")) == [
        (YESTERDAY, "error", "RuntimeError: no such luck")
    ]
    source.refresh_from_db()
    assert source.signals_due_at == NOON + EVERY


def test_source_that_is_deleted_meanwhile_stops_no_other(
    daily: Daily, feeds: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    doomed = make_source(kind="hf-daily", url=feeds.url("/api/daily_papers?sort=x"), signals_due_at=NOON - DAY)
    other = make_source(kind="hf-daily", url=feeds.url("/api/daily_papers"), signals_due_at=NOON)

    def deleted_and_stored(*given: Any, **named: Any) -> Any:
        Source.objects.filter(pk=doomed.pk).delete()
        return store(*given, **named)

    monkeypatch.setattr(signals, "store", deleted_and_stored)
    refresh_signals(NOON)
    assert list(Fetch.objects.values_list("source").annotate(Count("pk"))) == [(other.pk, DAYS)]


def test_no_source_is_held_while_another_is_read(
    daily: Daily, feeds: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_source(kind="hf-daily", url=feeds.url("/api/daily_papers?sort=x"), signals_due_at=NOON - DAY)
    waiting = make_source(kind="hf-daily", url=feeds.url("/api/daily_papers"), signals_due_at=NOON)
    held_until = []

    def look(url: str) -> Fetched:
        held_until.append(Source.objects.get(pk=waiting.pk).signals_due_at)
        return politeness.politely(url)

    monkeypatch.setattr(signals, "politely", look)
    assert refresh_signals(NOON) == 2 * DAYS
    assert held_until[:DAYS] == [NOON] * DAYS
