"""Limits on sign-up and login hold across processes, whether they share a Redis or the database alone."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.core.cache import cache
from django.test import Client

from tests.config.installation import database_url, environment
from tests.redisserver import redis_server

REDIS = "django.core.cache.backends.redis.RedisCache"
ASK = """
import django; django.setup()
from allauth.core import context, ratelimit
from django.test import RequestFactory
request = RequestFactory().post("/sign-up", REMOTE_ADDR="192.0.2.1")
with context.request_context(request):
    print(sum(ratelimit.consume(request, action="signup") for _ in range(8)))
"""


def allowed(given: dict[str, str]) -> int:
    """Return how many of eight sign-ups from one place are let through, in a process of its own."""
    environ = given | {"DJANGO_SETTINGS_MODULE": "config.settings"}
    command = [sys.executable, "-c", ASK]
    done = subprocess.run(
        command, cwd=project.BASE_DIR, env=environ, capture_output=True, text=True, check=True, timeout=60
    )
    return int(done.stdout)


@pytest.mark.django_db(transaction=True)
def test_two_processes_on_one_database_share_a_limit(tmp_path: Path) -> None:
    cache.clear()
    given = environment(tmp_path, DATABASE_URL=database_url())
    with ThreadPoolExecutor(2) as processes:
        assert sum(processes.map(allowed, [given, given])) == 10


@pytest.mark.django_db
def test_page_whose_limits_cannot_be_counted_says_calmly_that_something_went_wrong(settings: Any) -> None:
    settings.CACHES = {"default": {"BACKEND": REDIS, "LOCATION": "redis://127.0.0.1:9/0"}}
    answer = Client(raise_request_exception=False).post("/sign-up", {"address": "ada@example.org"})
    assert (answer.status_code, "<h1>Something went wrong here</h1>" in answer.content.decode()) == (500, True)


@pytest.mark.django_db
def test_neighbours_on_a_server_of_both_kinds_of_addresses_are_counted_apart(settings: Any) -> None:
    """Where a server listens to IPv6 too, it writes all addresses of IPv4 as those of one network."""
    cache.clear()
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 0
    settings.ACCOUNT_RATE_LIMITS = {"signup": "1/m/ip"}
    asked = ("::ffff:192.0.2.1", "::ffff:192.0.2.2", "192.0.2.1", "2001:db8:0:1::1", "2001:db8:0:1::2")
    assert [Client(REMOTE_ADDR=address).post("/sign-up").status_code for address in asked] == [200, 200, 429, 200, 429]


@pytest.mark.redis
@pytest.mark.django_db(transaction=True)
def test_two_processes_on_one_redis_share_a_limit(tmp_path: Path) -> None:
    with redis_server(tmp_path) as address:
        given = environment(tmp_path, DATABASE_URL=database_url(), REDIS_URL=address)
        with ThreadPoolExecutor(2) as processes:
            assert sum(processes.map(allowed, [given, given])) == 10


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("proxies", "forwarded", "counted_as"),
    [
        (0, "198.51.100.{}", "one"),  # nobody stands before us: what the header says is the visitor's own invention
        (1, "198.51.100.{}, 203.0.113.1", "one"),  # our proxy adds the true one, and what stands before it is invented
        (1, "203.0.113.1, 198.51.100.{}", "many"),
    ],
)
def test_forged_places_of_the_network_evade_no_limit(
    settings: Any, proxies: int, forwarded: str, counted_as: str
) -> None:
    cache.clear()
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    wish = {"topics": ["moths"], "time_zone": "UTC"}
    answers = [
        Client(headers={"x-forwarded-for": forwarded.format(place)}).post(
            "/sign-up", wish | {"address": f"moth-{place}@example.org"}
        )
        for place in range(12)
    ]
    assert [answer.status_code for answer in answers].count(429) == (2 if counted_as == "one" else 0)
