"""Workers killed in the middle of a refresh, twenty times at random: nothing lost, nothing doubled."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone
from redis import Redis

from digest.models import Fetch, Host, Paper, PaperIdentifier, Sighting, Source
from digest.tasks import refresh_sources
from tests.config.installation import database_url, environment
from tests.digest.ingest.make import make_arxiv_item, make_arxiv_rss
from tests.feedserver import Answer, Asked, FeedServer, feed_server
from tests.make import make_source

pytestmark = pytest.mark.django_db(transaction=True)
KILLS = 20
SOURCES = 8
PAPERS = 12  # that each round adds, to every source the same: what several announce is one paper
# Makes a worker for each line that it reads, at once: all that a worker needs is there already.
NURSERY = """
import os, signal, sys, django; django.setup()
from django.core.management import call_command
from config.celery import app
app.loader.import_default_modules()
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for line in sys.stdin:
    if os.fork() == 0:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        print(os.getpid(), flush=True)
        os.dup2(2, 1)  # what Celery says is not for whoever asks for workers
        if line.strip() == "celery":
            app.worker_main(["worker", "--concurrency", "2", "-Q", "killed"])
        else:
            call_command("run_due")
        os._exit(0)
"""
PATIENCE = 60.0  # seconds for a worker to start or to go on
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
    named = {"DJANGO_SETTINGS_MODULE": "config.settings", "LOG_LEVEL": "WARNING"}
    return environment(tmp_path, DATABASE_URL=database_url(), FETCH_ALLOWED_HOSTS=hosts, **named, **grown)


@contextmanager
def nursery(tmp_path: Path) -> Iterator[Callable[[], int]]:
    """Give what starts visits to sources, and returns its process: a Celery worker with two of its own, on Redis,
    or else one embedded pass.
    """
    command, pipe = [sys.executable, "-c", NURSERY], subprocess.PIPE
    environ = given(tmp_path)
    with subprocess.Popen(command, cwd=settings.BASE_DIR, env=environ, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdin
        assert process.stdout
        ask, told = process.stdin, process.stdout

        def start() -> int:
            print("celery" if settings.REDIS_URL else "embedded", file=ask, flush=True)
            return int(told.readline())

        yield start
        ask.close()


def send(times: int) -> None:
    for _ in range(times):
        refresh_sources.apply_async(queue="killed")


def let_leases_lapse() -> None:
    """Do what an hour of waiting would: what a dead worker held, comes due and is free again."""
    Source.objects.update(next_check_at=timezone.now() - timedelta(minutes=1))
    Host.objects.update(free_at=None)
    if settings.REDIS_URL:  # the workers' own: that of this test process may be another of its databases
        with Redis.from_url(settings.REDIS_URL) as redis:
            for lane in redis.scan_iter("*lane:127.0.9.*"):
                redis.delete(lane)


def wait_for_requests(feeds: FeedServer, count: int) -> None:
    wait_until(lambda: len(feeds.asked) >= count)


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true() and time.monotonic() < deadline:
        time.sleep(0.005)


def is_gone(worker: int) -> bool:
    return not Path(f"/proc/{worker}").exists()


def kill(worker: int) -> None:
    """Kill a worker with all its processes, with no chance to clean up."""
    with suppress(ProcessLookupError):  # an embedded one may have done all
        os.killpg(worker, signal.SIGKILL)
    wait_until(lambda: is_gone(worker))


def finish(start: Callable[[], int]) -> None:
    """Let a worker that nobody kills do what is due."""
    let_leases_lapse()
    before = Fetch.objects.filter(outcome__in=("stored", "stale", "same")).count()
    worker = start()
    if settings.REDIS_URL:
        send(1)
        wait_until(lambda: Fetch.objects.count() >= before + SOURCES)
        kill(worker)
    else:
        wait_until(lambda: is_gone(worker))


def is_interrupted(start: Callable[[], int], rounds: Rounds) -> bool:
    """Kill a worker at a moment by chance; return whether it was in the middle of its work."""
    rounds.number += 1
    let_leases_lapse()
    asked, fetches = len(rounds.feeds.asked), Fetch.objects.count()
    worker = start()
    if settings.REDIS_URL:
        send(2)
    wait_for_requests(rounds.feeds, asked + chance.randint(1, SOURCES))
    time.sleep(chance.random() / 3)
    kill(worker)
    stored = set(PaperIdentifier.objects.values_list("value", flat=True))
    assert stored <= set(rounds.numbers())
    assert Paper.objects.count() == len(stored)
    return Fetch.objects.count() < fetches + SOURCES


@pytest.mark.skipif(
    connection.vendor == "postgresql" and not settings.REDIS_URL, reason="PostgreSQL goes with Redis and Celery"
)
def test_workers_killed_at_random_lose_nothing_and_double_nothing(rounds: Rounds, tmp_path: Path) -> None:
    with nursery(tmp_path) as start:
        interrupted = sum(is_interrupted(start, rounds) for _ in range(KILLS))
        assert interrupted > KILLS / 4
        finish(start)
    expected = set(rounds.numbers())
    assert sorted(PaperIdentifier.objects.values_list("value", flat=True)) == sorted(expected)
    assert Paper.objects.count() == len(expected)
    sightings = Counter(Sighting.objects.values_list("source", flat=True))
    assert set(sightings.values()) == {len(expected)}
    assert len(sightings) == SOURCES
    assert set(Source.objects.values_list("failures", "last_error")) == {(0, "")}
