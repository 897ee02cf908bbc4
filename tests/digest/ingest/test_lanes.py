import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings as project
from django.utils import timezone

from digest.ingest.lanes import WRONG, DatabaseLanes, RedisLanes
from digest.models import Host
from tests.config.installation import database_url, environment
from tests.redisserver import redis_server

LANE = "journals.example.org"
LEASE = 30.0
PATIENCE = 60.0  # seconds in which a machine that is busy with other things gets everything done
Lanes = DatabaseLanes | RedisLanes


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with redis_server(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture(params=["database", pytest.param("redis", marks=pytest.mark.redis)])
def lanes(request: pytest.FixtureRequest, settings: Any) -> Lanes:
    """Give each way to keep the lanes, and point the settings to it."""
    settings.REDIS_URL = request.getfixturevalue("redis") if request.param == "redis" else ""
    if not settings.REDIS_URL:
        return DatabaseLanes()
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": settings.REDIS_URL,
            "KEY_PREFIX": uuid4().hex,  # the server may be one that stays
        }
    }
    return RedisLanes()


def entered(lanes: Lanes, lane: str = LANE, lease: float = LEASE) -> str:
    """Wait until the lane is free."""
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        if token := lanes.enter(lane, lease):
            return token
        time.sleep(0.005)
    pytest.fail(f"{lane} was not free within {PATIENCE:g} seconds")


# --- One lane


@pytest.mark.django_db
def test_lane_has_room_for_one(lanes: Lanes) -> None:
    token = lanes.enter(LANE, LEASE)
    assert token
    assert lanes.enter(LANE, LEASE) is None
    lanes.leave(LANE, token, 0)
    assert lanes.enter(LANE, LEASE)


@pytest.mark.django_db
def test_lanes_do_not_wait_for_one_another(lanes: Lanes) -> None:
    assert lanes.enter(LANE, LEASE)
    assert lanes.enter("other.example.org", LEASE)


@pytest.mark.django_db
@pytest.mark.parametrize("gap", [0.05, 0.3])
def test_lane_is_in_its_pause_after_each_visit(lanes: Lanes, gap: float) -> None:
    token = entered(lanes)
    left = time.monotonic()
    lanes.leave(LANE, token, gap)
    entered(lanes)
    assert time.monotonic() - left >= gap


@pytest.mark.django_db
def test_lane_of_one_who_died_is_free_when_the_lease_is_over(lanes: Lanes) -> None:
    began = time.monotonic()
    dead = entered(lanes, lease=0.3)
    alive = entered(lanes)
    assert time.monotonic() - began >= 0.3 - 0.002  # a clock may count milliseconds
    assert alive != dead


@pytest.mark.django_db
def test_late_comer_does_not_free_the_lane_of_the_next(lanes: Lanes) -> None:
    late = entered(lanes, lease=0.1)
    token = entered(lanes)
    lanes.leave(LANE, late, 0)
    assert lanes.enter(LANE, LEASE) is None
    lanes.leave(LANE, token, 0)
    assert lanes.enter(LANE, LEASE)


@pytest.mark.django_db
def test_leaving_twice_does_not_free_the_lane_of_the_next(lanes: Lanes) -> None:
    token = entered(lanes)
    time.sleep(0.002)  # as long as any visit: SQLite's clock, and so its tokens, are of a millisecond
    lanes.leave(LANE, token, 0)
    entered(lanes)
    lanes.leave(LANE, token, 0)
    assert lanes.enter(LANE, LEASE) is None


@pytest.mark.django_db
def test_leaving_twice_does_not_begin_the_pause_anew(lanes: Lanes) -> None:
    token = entered(lanes)
    lanes.leave(LANE, token, 0.1)
    lanes.leave(LANE, token, LEASE)
    assert entered(lanes)


# --- The database's row


@pytest.mark.django_db
def test_row_is_made_for_a_lane_that_has_none() -> None:
    assert DatabaseLanes().enter(LANE, LEASE)
    host = Host.objects.get(name=LANE)
    assert (host.gap_seconds, host.closed_until) == (None, None)


@pytest.mark.django_db
def test_row_that_is_deleted_meanwhile_is_no_error() -> None:
    lanes = DatabaseLanes()
    token = entered(lanes)
    Host.objects.all().delete()
    lanes.leave(LANE, token, 1.0)
    assert lanes.enter(LANE, LEASE)


@pytest.mark.django_db
@pytest.mark.parametrize("free_in", [WRONG - timedelta(minutes=1), WRONG + timedelta(minutes=1)])
def test_lane_that_a_wrong_clock_has_taken_for_years_is_free(free_in: timedelta) -> None:
    Host.objects.create(name=LANE, free_at=timezone.now() + free_in)
    assert bool(DatabaseLanes().enter(LANE, LEASE)) == (free_in > WRONG)


@pytest.mark.django_db
def test_row_keeps_what_staff_have_set() -> None:
    Host.objects.create(name=LANE, gap_seconds=7.0)
    lanes = DatabaseLanes()
    lanes.leave(LANE, entered(lanes), 0)
    assert Host.objects.get(name=LANE).gap_seconds == 7.0


@pytest.mark.django_db
def test_queries_of_a_visit(django_assert_num_queries: Any) -> None:
    Host.objects.create(name=LANE)
    with django_assert_num_queries(2):
        token = DatabaseLanes().enter(LANE, LEASE)
    assert token
    with django_assert_num_queries(2):
        DatabaseLanes().leave(LANE, token, 1.0)


# --- Several processes, each with several threads

VISITOR = """
import sys, time
from threading import Thread
import django
django.setup()
from django.db import connection
from digest.ingest.politeness import enter, leave

def visit():
    done = 0
    while done < {visits}:
        token = enter("{lane}")
        if token is None:
            time.sleep(0.002)
            continue
        began = time.monotonic()
        time.sleep(0.005)
        ended = time.monotonic()
        leave("{lane}", token)
        sys.stdout.write(f"{{began}} {{ended}}\\n")
        done += 1
    connection.close()

threads = [Thread(target=visit) for _ in range({threads})]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
"""


@pytest.fixture
def grown(lanes: Lanes, settings: Any, tmp_path: Path, transactional_db: None) -> dict[str, str]:
    """Give the environment of processes that share this test's database, and its Redis if it has one."""
    environ = environment(tmp_path / "var", DATABASE_URL=database_url(), DJANGO_SETTINGS_MODULE="config.settings")
    return environ | {"REDIS_URL": settings.REDIS_URL}


def start(code: str, environ: dict[str, str]) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", code]
    return subprocess.Popen(command, cwd=project.BASE_DIR, env=environ, stdout=subprocess.PIPE, text=True)


@pytest.mark.django_db(transaction=True)
def test_lane_has_room_for_one_of_many_processes(grown: dict[str, str]) -> None:
    gap, processes, threads, visits = 0.05, 3, 2, 5
    lane = f"{grown['VAR_DIR'].replace('/', '-').lower()}.example.org"[-100:]
    Host.objects.create(name=lane, gap_seconds=gap)
    code = VISITOR.format(lane=lane, threads=threads, visits=visits)
    started = [start(code, grown) for _ in range(processes)]
    said = [process.communicate(timeout=PATIENCE)[0] for process in started]
    assert [process.returncode for process in started] == [0] * processes
    times = sorted(tuple(map(float, line.split())) for lines in said for line in lines.splitlines())
    assert len(times) == processes * threads * visits
    assert min(later[0] - earlier[1] for earlier, later in pairwise(times)) >= gap


@pytest.mark.django_db(transaction=True)
def test_killed_process_leaves_its_lane_when_the_lease_is_over(grown: dict[str, str], settings: Any) -> None:
    name = "RedisLanes" if settings.REDIS_URL else "DatabaseLanes"
    lane = f"{grown['VAR_DIR'].replace('/', '-').lower()}.example.org"[-100:]
    code = f"import django, time; django.setup(); from digest.ingest.lanes import {name}\n"
    code += f"print({name}().enter('{lane}', 1.5), flush=True); time.sleep(600)"
    if settings.REDIS_URL:  # the process knows nothing of the prefix of this test's keys
        settings.CACHES = {"default": settings.CACHES["default"] | {"KEY_PREFIX": ""}}
    with start(code, grown) as process:
        assert process.stdout
        assert process.stdout.readline().strip() not in ("", "None")
        process.kill()
    lanes = RedisLanes() if settings.REDIS_URL else DatabaseLanes()
    assert lanes.enter(lane, LEASE) is None
    assert entered(lanes, lane)
