"""Workers killed in the middle of a refresh, twenty times at random: nothing lost, nothing doubled."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from digest.models import Fetch, Host, Paper, PaperIdentifier, Sighting, Source
from tests.config.installation import database_url, environment
from tests.digest.ingest.make import make_arxiv_item, make_arxiv_rss
from tests.feedserver import Answer, Asked, FeedServer, feed_server
from tests.make import make_source

pytestmark = pytest.mark.django_db(transaction=True)
KILLS = 20
SOURCES = 8
PAPERS = 12  # that each round adds, to every source the same: what several announce is one paper
chance = random.Random(20)  # noqa: S311 - the same twenty moments each time, as far as a machine keeps to them


class Rounds:
    """What the sources announce: with each round, more."""

    def __init__(self, feeds: FeedServer) -> None:
        self.number = 0
        self.feeds = feeds

    def numbers(self) -> list[str]:
        return [f"2603.{number:05}" for number in range(1, 1 + self.number * PAPERS)]

    def answer(self, asked: Asked) -> Answer:
        items = (make_arxiv_item(number) for number in self.numbers())
        return Answer(make_arxiv_rss(*items), seconds=chance.random() / 10)


@pytest.fixture
def rounds() -> Iterator[Rounds]:
    Host.objects.update_or_create(name="*", defaults={"gap_seconds": 0})
    with feed_server() as feeds:
        rounds = Rounds(feeds)
        for number in range(SOURCES):
            path = f"/rss/{number}"
            feeds.answers[path] = rounds.answer
            make_source(url=feeds.url(path, f"127.0.9.{number + 1}"), kind="arxiv")
        yield rounds


def given(tmp_path: Path) -> dict[str, str]:
    hosts = ",".join(f"127.0.9.{number + 1}" for number in range(SOURCES))
    grown = {"REDIS_URL": settings.REDIS_URL} if settings.REDIS_URL else {}
    return environment(tmp_path, DATABASE_URL=database_url(), FETCH_ALLOWED_HOSTS=hosts, LOG_LEVEL="WARNING", **grown)


def start(tmp_path: Path) -> subprocess.Popen[bytes]:
    """Start what visits sources: a Celery worker with two processes on Redis, or one embedded pass."""
    command = [sys.executable, "manage.py", "run_due"]
    if settings.REDIS_URL:
        command = [sys.executable, "-m", "celery", "-A", "config", "worker", "--concurrency", "2", "-Q", "killed"]
    return subprocess.Popen(command, cwd=settings.BASE_DIR, env=given(tmp_path), start_new_session=True)


def send(tmp_path: Path, times: int) -> None:
    sent = f"[refresh_sources.apply_async(queue='killed') for _ in range({times})]"
    code = f"import django; django.setup(); from digest.tasks import refresh_sources; {sent}"
    environ = given(tmp_path) | {"DJANGO_SETTINGS_MODULE": "config.settings"}
    subprocess.run([sys.executable, "-c", code], cwd=settings.BASE_DIR, env=environ, check=True, timeout=60)


def let_leases_lapse() -> None:
    """Do what an hour of waiting would: what a dead worker held, comes due and is free again."""
    Source.objects.update(next_check_at=timezone.now() - timedelta(minutes=1))
    Host.objects.update(free_at=None)
    cache.clear()


def wait_for_requests(feeds: FeedServer, count: int) -> None:
    deadline = time.monotonic() + 60
    while len(feeds.asked) < count and time.monotonic() < deadline:
        time.sleep(0.005)


def kill(worker: subprocess.Popen[bytes]) -> None:
    """Kill a worker with all its processes, with no chance to clean up."""
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()


def finish(tmp_path: Path, rounds: Rounds) -> None:
    """Let a worker that nobody kills do what is due."""
    let_leases_lapse()
    before = Fetch.objects.filter(outcome__in=("stored", "stale", "same")).count()
    worker = start(tmp_path)
    if settings.REDIS_URL:
        send(tmp_path, 1)
        deadline = time.monotonic() + 90
        while Fetch.objects.count() < before + SOURCES and time.monotonic() < deadline:
            time.sleep(0.05)
        kill(worker)
    else:
        assert worker.wait(timeout=120) == 0


@pytest.mark.skipif(
    connection.vendor == "postgresql" and not settings.REDIS_URL, reason="PostgreSQL goes with Redis and Celery"
)
def test_workers_killed_at_random_lose_nothing_and_double_nothing(rounds: Rounds, tmp_path: Path) -> None:
    interrupted = 0
    for _ in range(KILLS):
        rounds.number += 1
        let_leases_lapse()
        asked, fetches = len(rounds.feeds.asked), Fetch.objects.count()
        worker = start(tmp_path)
        if settings.REDIS_URL:
            send(tmp_path, 2)
        wait_for_requests(rounds.feeds, asked + chance.randint(1, SOURCES))
        time.sleep(chance.random() / 3)
        kill(worker)
        interrupted += Fetch.objects.count() < fetches + SOURCES
        stored = set(PaperIdentifier.objects.values_list("value", flat=True))
        assert stored <= set(rounds.numbers())
        assert Paper.objects.count() == len(stored)
    assert interrupted > KILLS / 4
    finish(tmp_path, rounds)
    expected = set(rounds.numbers())
    assert sorted(PaperIdentifier.objects.values_list("value", flat=True)) == sorted(expected)
    assert Paper.objects.count() == len(expected)
    sightings = Counter(Sighting.objects.values_list("source", flat=True))
    assert set(sightings.values()) == {len(expected)}
    assert len(sightings) == SOURCES
    assert set(Source.objects.values_list("failures", "last_error")) == {(0, "")}
