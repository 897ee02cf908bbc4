"""How often the API may be asked: who is counted as one, what each answer tells, and what happens without Redis."""

import re
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.test import Client
from huggingface_hub.utils._http import parse_ratelimit_headers

from digest.web.api import limits
from digest.web.limits import counter
from tests.make import NOON
from tests.redisserver import free_port, redis_server

pytestmark = pytest.mark.django_db

ADDRESS = "/api/topics"


@pytest.fixture(autouse=True)
def counted(settings: Any) -> None:
    """Count in this process, from nothing: the counts of each test are its own."""
    settings.API_RATE = "3/minute,2/second"
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 0


def ask(client: Client, path: str = ADDRESS, **given: Any) -> int:
    return client.get(path, **given).status_code


def test_each_answer_tells_what_is_agreed_and_what_is_left(client: Client, settings: Any) -> None:
    settings.API_RATE = "120/minute"
    answer = client.get(ADDRESS)
    assert (answer["RateLimit-Policy"], answer["RateLimit"]) == ('"minute";q=120;w=60', '"minute";r=119;t=60')
    assert not answer.has_header("Retry-After")


def test_rate_that_is_nearest_its_end_comes_first(client: Client) -> None:
    answer = client.get(ADDRESS)
    assert answer["RateLimit-Policy"] == '"minute";q=3;w=60, "second";q=2;w=1'
    assert answer["RateLimit"] == '"second";r=1;t=1, "minute";r=2;t=60'


def test_who_asks_too_often_is_told_to_wait_and_may_ask_again_after_that(client: Client, noon: Any) -> None:
    assert [ask(client), ask(client)] == [200, 200]
    refused = client.get(ADDRESS)
    assert (refused.status_code, refused["Retry-After"], refused["Cache-Control"]) == (429, "1", "no-store")
    assert refused.json() == {"error": "You ask more often than is agreed. Wait a little."}
    noon.shift(2)
    assert ask(client) == 200
    refused = client.get(ADDRESS)
    assert (refused.status_code, refused["Retry-After"]) == (429, "58")
    noon.shift(59)
    assert ask(client) == 200


def test_client_of_hugging_face_understands_what_it_is_told(client: Client) -> None:
    for _ in range(3):
        answer = client.get(ADDRESS)
    told = parse_ratelimit_headers(answer.headers)
    assert told
    assert (told.resource_type, told.remaining, told.reset_in_seconds, told.limit) == ("second", 0, 1, 3)


@pytest.mark.parametrize(
    ("path", "status"),
    [("/api/daily_papers?date=x", 400), ("/api/nothing", 404), ("/api/papers/1", 404), ("/api/openapi.json", 200)],
)
def test_every_answer_of_the_api_counts_and_tells(client: Client, path: str, status: int) -> None:
    answers = [client.get(path) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [status, status, 429]
    assert all(answer.has_header("RateLimit") for answer in answers)


def test_answer_that_has_not_changed_counts_too(client: Client) -> None:
    etag = client.get(ADDRESS)["ETag"]
    assert [ask(client, headers={"if-none-match": etag}) for _ in range(2)] == [304, 429]


def test_question_whether_other_sites_may_read_does_not_count(client: Client) -> None:
    asked = {"origin": "https://other.example.org", "access-control-request-method": "GET"}
    assert [client.options(ADDRESS, headers=asked).status_code for _ in range(4)] == [200] * 4
    assert ask(client) == 200


def test_pages_are_not_counted(client: Client) -> None:
    assert [ask(client, "/api/docs") for _ in range(4)] == [200] * 4


def test_empty_setting_lets_everybody_ask(client: Client, settings: Any) -> None:
    settings.API_RATE = ""
    answers = [client.get(ADDRESS) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200] * 5
    assert not answers[0].has_header("RateLimit")


def test_mistake_in_the_setting_shows_when_the_process_starts(settings: Any) -> None:
    settings.API_RATE = "often"
    with pytest.raises(ImproperlyConfigured, match=re.escape("API_RATE is 'often'; write it like 120/minute")):
        limits.limits(lambda request: HttpResponse())


# --- Who is one


def test_each_address_is_counted_for_itself(client: Client) -> None:
    for address in ("192.0.2.1", "192.0.2.2"):
        assert [ask(client, REMOTE_ADDR=address) for _ in range(3)] == [200, 200, 429], address


def test_network_of_one_household_is_one(client: Client) -> None:
    homes = ["2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:2:3:4:5:6", "2001:db8:1:3::1"]
    assert [ask(client, REMOTE_ADDR=address) for address in homes] == [200, 200, 429, 200]


def test_proxies_of_ours_tell_who_asks(client: Client, settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for told in ("192.0.2.1", "forged, 192.0.2.2"):
        assert [ask(client, headers={"x-forwarded-for": told}) for _ in range(3)] == [200, 200, 429], told


@pytest.mark.parametrize("told", ["", "192.0.2.1", "x" * 3000, "\udcff"])
def test_word_of_strangers_on_who_they_are_does_not_count(client: Client, told: str, settings: Any) -> None:
    for number in range(3):
        status = ask(client, headers={"x-forwarded-for": f"{number}{told}".encode("latin-1", "replace").decode()})
        assert status == (200 if number < 2 else 429)


def test_fewer_proxies_than_set_are_no_error(client: Client, settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 3
    assert [ask(client, headers={"x-forwarded-for": "192.0.2.1"}) for _ in range(3)] == [200, 200, 429]
    assert ask(client, REMOTE_ADDR="") == 200


# --- Where it is counted


@pytest.mark.redis
def test_processes_count_together_in_redis(client: Client, settings: Any, tmp_path: Path) -> None:
    with redis_server(tmp_path) as settings.COUNTED_IN, time_machine.travel(NOON, tick=True):
        found: list[int] = []
        for _ in range(3):
            counter.cache_clear()  # as another process, which knows nothing
            found.append(ask(client))
        assert found == [200, 200, 429]


def test_redis_that_is_away_lets_everybody_ask(client: Client, settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.COUNTED_IN = f"redis://127.0.0.1:{free_port()}/0"
    answers = [client.get(ADDRESS) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200] * 5
    assert not answers[0].has_header("RateLimit")
    told = [record for record in caplog.records if record.name == "digest.web.limits"]
    assert len(told) == 1  # it is not asked again at once


def test_redis_that_is_back_is_asked_again(client: Client, settings: Any, tmp_path: Path) -> None:
    port = free_port()
    settings.COUNTED_IN = f"redis://127.0.0.1:{port}/0"
    assert ask(client) == 200
    with redis_server(tmp_path, port):
        counter(settings.COUNTED_IN).away_until = 0
        assert client.get(ADDRESS).has_header("RateLimit")


def test_request_that_is_refused_goes_no_further(settings: Any) -> None:
    asked: list[HttpRequest] = []

    def view(request: HttpRequest) -> HttpResponse:
        asked.append(request)
        return HttpResponse()

    ask_once = limits.limits(view)
    request = HttpRequest()
    request.path_info, request.META = ADDRESS, {"REMOTE_ADDR": "192.0.2.1"}
    assert [ask_once(request).status_code for _ in range(3)] == [200, 200, 429]
    assert len(asked) == 2
