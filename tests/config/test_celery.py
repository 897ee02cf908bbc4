from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from celery.beat import Scheduler
from django.utils import timezone

from config.celery import app
from digest.models import Edition
from tests.config.installation import database_url, environment
from tests.config.processes import send, wait_until, workers
from tests.make import make_digest, make_reader, open_catalogue
from tests.redisserver import redis_server

SCHEDULE = app.conf.beat_schedule


@pytest.fixture(autouse=True)
def all_tasks() -> None:
    """Find the tasks, as a worker and the clock do when they start."""
    app.loader.import_default_modules()


# --- The schedule


def test_schedule_names_every_task_and_no_other() -> None:
    ours = {name for name in app.tasks if name.startswith("digest.tasks.")}
    assert {entry["task"] for entry in SCHEDULE.values()} == ours


@pytest.mark.parametrize("name", SCHEDULE)
def test_schedule_lets_no_message_live_until_its_successor(name: str) -> None:
    schedule: Any = SCHEDULE[name]["schedule"]
    expires = SCHEDULE[name]["options"]["expires"]
    minutes = sorted(schedule.minute)
    gaps = [later - earlier for earlier, later in zip(minutes, [*minutes[1:], minutes[0] + 60], strict=True)]
    once_a_day = (len(schedule.hour), expires) == (1, 3600)
    waits_behind_fetching = name in ("rank-papers", "deliver-digests", "deliver-letters") and expires == 280
    assert expires < min(gaps) * 60 or once_a_day or waits_behind_fetching


@pytest.fixture
def in_place() -> Iterator[None]:
    before, app.conf.task_always_eager = app.conf.task_always_eager, True
    yield
    app.conf.task_always_eager = before


@pytest.mark.django_db
@pytest.mark.parametrize("name", SCHEDULE)
def test_scheduled_job_run_in_place_returns_a_count(name: str, in_place: None) -> None:
    open_catalogue()
    clock = Scheduler(app)
    assert clock.apply_async(clock.schedule[name], advance=False).get() == 0


# --- A worker on Redis


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[str]:
    with redis_server(tmp_path) as address:
        yield address


@pytest.fixture
def grown(redis: str, tmp_path: Path, transactional_db: None) -> dict[str, str]:
    """Give the environment of processes that share this test's database and a Redis."""
    return environment(tmp_path / "var", DATABASE_URL=database_url(), REDIS_URL=redis)


@pytest.fixture
def worker(grown: dict[str, str], tmp_path: Path) -> Iterator[None]:
    with workers(grown, tmp_path, only=""):
        yield


@pytest.mark.redis
@pytest.mark.django_db(transaction=True)
def test_worker_on_redis_does_what_is_due_once_however_often_it_is_told(grown: dict[str, str], worker: None) -> None:
    past = timezone.now().date() - timedelta(days=5)
    make_digest(make_reader(), past, state="accepted", next_attempt_at=None)
    send("close_editions", grown, times=3)
    wait_until(lambda: Edition.objects.filter(closed_at__isnull=False).exists(), "the end of the edition")
    closed = Edition.objects.get()
    assert closed.counts == {"eligible": 1, "accepted": 1}
    send("close_editions", grown)
    Edition.objects.create(date=past - timedelta(days=1))
    send("close_editions", grown)
    wait_until(lambda: Edition.objects.filter(closed_at__isnull=False).count() == 2, "the end of the other edition")
    assert Edition.objects.get(pk=closed.pk).closed_at == closed.closed_at


@pytest.mark.redis
@pytest.mark.django_db(transaction=True)
def test_messages_sent_before_the_worker_starts_are_done_when_it_does(
    grown: dict[str, str], request: pytest.FixtureRequest
) -> None:
    Edition.objects.create(date=timezone.now().date() - timedelta(days=5))
    send("close_editions", grown)
    assert Edition.objects.get().closed_at is None
    request.getfixturevalue("worker")
    wait_until(lambda: Edition.objects.get().closed_at is not None, "the end of the edition")
    assert Edition.objects.get().counts == {"eligible": 0}
