from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import caches
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from digest.delivery.readiness import wrong
from digest.models import Tally
from tests.redisserver import free_port, redis_server

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture(autouse=True)
def without_redis(settings: Any) -> None:
    settings.REDIS_URL = ""


@pytest.fixture
def counted() -> None:
    Tally.objects.create(pk=1, taken_at=NOW - timedelta(minutes=5))
    migrations = MigrationRecorder(connection).migration_qs
    migrations.update(applied=NOW - timedelta(days=9))


def test_installation_whose_clock_ticks_is_ready(counted: None) -> None:
    assert wrong(NOW) == {}


def test_looking_takes_few_queries(counted: None, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_max_num_queries(3):
        wrong(NOW)


def test_clock_that_stands_still_is_wrong(counted: None) -> None:
    late = NOW + timedelta(hours=1)
    said = f"nothing was counted since {NOW - timedelta(minutes=5):%Y-%m-%d %H:%M} UTC: see that celery beat and a"
    assert wrong(late) == {"clock": f"{said} worker run"}


def test_new_installation_is_ready_before_the_clock_has_counted() -> None:
    assert wrong(NOW + timedelta(minutes=1)) == {}


def test_clock_that_never_ticked_is_wrong_after_a_while(counted: None) -> None:
    Tally.objects.all().delete()
    assert set(wrong(NOW)) == {"clock"}


def test_migration_that_waits_is_wrong(counted: None) -> None:
    recorder = MigrationRecorder(connection)
    recorder.migration_qs.filter(app__in=["digest", "accounts"]).delete()
    said = "not all are applied (accounts, digest): run manage.py migrate"
    assert wrong(NOW) == {"migrations": said}


def test_database_that_cannot_be_used_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OperationalError("password of broadsheet at 10.0.0.7 is wrong")

    with connection.execute_wrapper(refuse):
        assert wrong(NOW) == {"database": "it cannot be used: see DATABASE_URL and whether it runs"}


@pytest.fixture
def redis_cache(settings: Any, tmp_path: Path) -> Iterator[int]:
    """Give the port at which settings look for Redis."""
    port = free_port()
    settings.REDIS_URL = f"redis://127.0.0.1:{port}/0"
    backend = "django.core.cache.backends.redis.RedisCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": settings.REDIS_URL}}
    yield port
    caches["default"].close()


@pytest.mark.redis
def test_redis_that_cannot_be_reached_is_wrong(counted: None, redis_cache: int, tmp_path: Path) -> None:
    assert wrong(NOW) == {"redis": "it cannot be reached: see REDIS_URL and whether it runs"}
    with redis_server(tmp_path, redis_cache):
        assert wrong(NOW) == {}
