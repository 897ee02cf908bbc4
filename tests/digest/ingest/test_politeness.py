import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from digest.ingest import politeness
from digest.ingest.fetch import DEADLINE, FetchError
from digest.ingest.politeness import LEASE, enter, leave, politely
from digest.models import Host
from tests.digest.ingest.network import Names
from tests.make import NOON
from tests.redisserver import redis_server

pytestmark = pytest.mark.django_db
LANE = "journals.example.org"


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with redis_server(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture(autouse=True, params=["database", pytest.param("redis", marks=pytest.mark.redis)])
def kept_in(request: pytest.FixtureRequest, settings: Any) -> str:
    """Keep the lanes in either place."""
    settings.FETCH_ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
    settings.REDIS_URL = request.getfixturevalue("redis") if request.param == "redis" else ""
    if settings.REDIS_URL:
        settings.CACHES = {
            "default": {
                "BACKEND": "django.core.cache.backends.redis.RedisCache",
                "LOCATION": settings.REDIS_URL,
                "KEY_PREFIX": uuid4().hex,  # the server may be one that stays
            }
        }
    Host.objects.update_or_create(name="*", defaults={"gap_seconds": 0})
    return str(request.param)


def refused(url: str, **options: Any) -> FetchError:
    with pytest.raises(FetchError) as caught:
        politely(url, **options)
    return caught.value


# --- Lanes


def test_lane_is_entered_by_one_and_free_after_the_pause() -> None:
    Host.objects.create(name=LANE, gap_seconds=0.3)
    token = enter(LANE)
    assert token
    assert enter(LANE) is None
    left = time.monotonic()
    leave(LANE, token)
    while enter(LANE) is None:
        time.sleep(0.005)
    assert time.monotonic() - left >= 0.3


def test_lane_without_a_pause_of_its_own_has_the_one_of_any_host() -> None:
    Host.objects.filter(name="*").update(gap_seconds=60)
    token = enter(LANE)
    assert token
    leave(LANE, token)
    assert enter(LANE) is None


def test_lane_may_have_no_pause_at_all() -> None:
    for _ in range(3):
        token = enter(LANE)
        assert token
        leave(LANE, token)


def test_pause_that_nobody_can_have_meant_is_bounded() -> None:
    Host.objects.create(name=LANE, gap_seconds=1e300)
    token = enter(LANE)
    assert token
    leave(LANE, token)
    assert enter(LANE) is None


def test_closed_lane_is_not_entered() -> None:
    Host.objects.close(LANE, until=NOON + timedelta(minutes=10))
    with time_machine.travel(NOON) as clock:
        assert enter(LANE) is None
        clock.shift(timedelta(minutes=9))
        assert enter(LANE) is None
        clock.shift(timedelta(minutes=1))
        assert enter(LANE)


def test_closed_lane_closes_no_other() -> None:
    Host.objects.close(LANE, until=timezone.now() + timedelta(hours=1))
    assert enter("example.org")
    assert enter("a.journals.example.org")


def test_lease_is_longer_than_any_fetch() -> None:
    assert LEASE > DEADLINE


@pytest.mark.parametrize("kept_in", ["database"], indirect=True)
def test_queries_of_a_visit(django_assert_num_queries: Any, kept_in: str) -> None:
    Host.objects.create(name=LANE)
    with django_assert_num_queries(3):
        token = enter(LANE)
    assert token
    with django_assert_num_queries(3):
        leave(LANE, token)


# --- Fetching


def test_answer_is_fetched_with_the_settings(httpserver: HTTPServer, settings: Any) -> None:
    settings.USER_AGENT = "Broadsheet/0 (+https://papers.example.org)"
    httpserver.expect_request("/feed").respond_with_data(b"<rss/>")
    assert politely(httpserver.url_for("/feed"), etag='"1"', last_modified="then").body == b"<rss/>"
    [(request, _)] = httpserver.log
    assert request.headers["User-Agent"] == settings.USER_AGENT
    assert (request.headers["If-None-Match"], request.headers["If-Modified-Since"]) == ('"1"', "then")


def test_host_that_is_not_public_is_refused_unless_allowed(httpserver: HTTPServer, settings: Any) -> None:
    settings.FETCH_ALLOWED_HOSTS = []
    assert refused(httpserver.url_for("/feed")).kind == "refused_address"


def test_hosts_under_one_domain_share_its_pause(
    httpserver: HTTPServer, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    hosts = ["rss.arxiv.org", "export.arxiv.org", "arxiv.org"]
    settings.FETCH_ALLOWED_HOSTS = hosts
    Names(monkeypatch, {host: ["127.0.0.1"] for host in hosts})
    Host.objects.filter(name="arxiv.org").update(gap_seconds=0.3)
    came: list[float] = []

    def note(_: Request) -> Response:
        came.append(time.monotonic())
        return Response(b"<rss/>")

    httpserver.expect_request("/feed").respond_with_handler(note)
    for host in hosts:
        politely(f"http://{host}:{httpserver.port}/feed")
    assert came[1] - came[0] >= 0.3
    assert came[2] - came[1] >= 0.3


def test_lane_is_free_again_after_a_failure(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/feed").respond_with_data(status=500)
    assert [refused(httpserver.url_for("/feed"), patience=0).kind for _ in range(2)] == ["http_status"] * 2


def test_lane_is_held_while_fetching(httpserver: HTTPServer) -> None:
    seen: list[str | None] = []

    def note(_: Request) -> Response:
        return Response(b"<rss/>")

    def fetched(*_: Any, **__: Any) -> None:
        seen.append(enter("localhost"))
        raise FetchError("timeout", "no full answer")

    httpserver.expect_request("/feed").respond_with_handler(note)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(politeness, "fetch", fetched)
        assert refused(httpserver.url_for("/feed")).kind == "timeout"
    assert seen == [None]


def test_taken_lane_is_waited_for_as_long_as_there_is_patience(httpserver: HTTPServer) -> None:
    assert enter("localhost")
    error = refused(httpserver.url_for("/feed"), patience=0.3)
    assert (error.kind, str(error)) == ("busy", "localhost is being asked all the time: no turn within 0.3 seconds")
    assert error.retry_seconds is None
    assert httpserver.log == []


def test_closed_lane_is_not_waited_for_in_vain(httpserver: HTTPServer) -> None:
    Host.objects.close("localhost", until=NOON + timedelta(minutes=10))
    with time_machine.travel(NOON, tick=False):
        error = refused(httpserver.url_for("/feed"), patience=60)
    assert (error.kind, error.retry_seconds) == ("busy", 600)
    assert str(error) == "localhost asked to be left alone until 2026-03-04 12:10 UTC"
    assert httpserver.log == []


def test_lane_that_opens_soon_is_waited_for(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/feed").respond_with_data(b"<rss/>")
    Host.objects.close("localhost", until=timezone.now() + timedelta(seconds=0.4))
    assert politely(httpserver.url_for("/feed"), patience=30).body == b"<rss/>"


@pytest.mark.parametrize(("retry_after", "seconds"), [("120", 120), ("", politeness.LEFT_ALONE), ("0", None)])
def test_host_that_is_asked_too_often_is_left_alone(
    httpserver: HTTPServer, retry_after: str, seconds: int | None
) -> None:
    httpserver.expect_request("/feed").respond_with_data(status=429, headers={"Retry-After": retry_after})
    with time_machine.travel(NOON, tick=False):
        assert refused(httpserver.url_for("/feed")).kind == "rate_limited"
        again = refused(httpserver.url_for("/feed"))
    assert (again.kind, again.retry_seconds) == (("busy", seconds) if seconds else ("rate_limited", 0))


@pytest.mark.parametrize("url", ["", "file:///etc/passwd", "ftp://e.example/", "http://", "feed"])
def test_what_has_no_lane_is_not_fetched(url: str) -> None:
    names = set(Host.objects.values_list("name", flat=True))
    error = refused(url)
    assert (error.kind, str(error)) == ("scheme", f"not a web address: {url!r}")
    assert set(Host.objects.values_list("name", flat=True)) == names
