"""Workers killed in the middle of letters, twenty times at random: nothing lost, nothing sent twice."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from digest.delivery.letters import deliver_letters_due
from digest.models import Letter
from digest.tasks import deliver_letters
from tests.config.installation import database_url, environment
from tests.mailserver import Recorder, mail_server

pytestmark = pytest.mark.django_db(transaction=True)
KILLS = 20
LETTERS = 15  # that each round adds
QUEUE = "killed letters"
PATIENCE = 60.0  # seconds for a worker to start or to go on
# Makes a worker for each line that it reads, at once: all that a worker needs is there already.
NURSERY = """
import contextlib, os, signal, sys, django; django.setup()
from digest.tasks import deliver_letters
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for line in sys.stdin:
    if worker := os.fork():
        print(worker, flush=True)
    else:
        deliver_letters.apply()
        os._exit(0)
with contextlib.suppress(ChildProcessError):
    os.wait()
"""
chance = random.Random(4)  # noqa: S311 - the same moments each time, as far as a machine keeps to them
Send = Callable[[], list[int]]  # has two workers begin; returns the processes that may be killed


def given(tmp_path: Path, mail: Any) -> dict[str, str]:
    grown = {"REDIS_URL": settings.REDIS_URL} if settings.REDIS_URL else {}
    relay = f"smtp://{mail.EMAIL_HOST}:{mail.EMAIL_PORT}"
    named = {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "LOG_LEVEL": "CRITICAL",
        "EMAIL_URL": relay,
        "MAIL_CONNECTIONS": "1",
    }
    return environment(tmp_path, DATABASE_URL=database_url(), **named, **grown)


@contextmanager
def embedded_workers(environ: dict[str, str]) -> Iterator[Send]:
    command, pipe = [sys.executable, "-c", NURSERY], subprocess.PIPE
    with subprocess.Popen(command, cwd=settings.BASE_DIR, env=environ, stdin=pipe, stdout=pipe, text=True) as nursery:
        assert nursery.stdin
        assert nursery.stdout
        ask, told = nursery.stdin, nursery.stdout

        def send() -> list[int]:
            print("one\ntwo", file=ask, flush=True)
            return [int(told.readline()) for _ in range(2)]

        yield send
        ask.close()


@contextmanager
def celery_workers(environ: dict[str, str]) -> Iterator[Send]:
    options = ["--concurrency", "2", "-Q", QUEUE, "--loglevel", "critical"]
    command = [sys.executable, "-m", "celery", "-A", "config", "worker", *options]
    with subprocess.Popen(command, cwd=settings.BASE_DIR, env=environ, start_new_session=True) as worker:
        children = Path(f"/proc/{worker.pid}/task/{worker.pid}/children")

        def send() -> list[int]:
            wait_until(lambda: len(children.read_text().split()) >= 2)
            for _ in range(2):
                deliver_letters.apply_async(queue=QUEUE)
            return [int(pid) for pid in children.read_text().split()]

        yield send
        os.killpg(worker.pid, signal.SIGKILL)


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true() and time.monotonic() < deadline:
        time.sleep(0.002)


def post(some: int) -> None:
    for _ in range(some):
        Letter.objects.post("unknown", f"reader{Letter.objects.count()}@example.org", now=timezone.now())


def kill_at_random(send: Send, recorder: Recorder) -> int:
    """Kill workers in the middle of their work; return how many were alive until then."""
    killed = 0
    for _ in range(KILLS):
        post(LETTERS)
        some = len(recorder.received) + chance.randint(1, 8)
        workers = send()
        wait_until(lambda some=some: len(recorder.received) >= some)  # type: ignore[misc]
        time.sleep(chance.random() / 50)
        for worker in chance.sample(workers, chance.randint(1, len(workers))):
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)
                killed += 1
    return killed


def rest_is_delivered() -> bool:
    """Deliver what is left, which takes no waiting but for the dead to be buried."""
    deliver_letters_due()
    return not Letter.objects.filter(state__in=["waiting", "handing_over"]).exists()


def test_workers_killed_at_random_lose_no_letter_and_send_none_twice(settings: Any, tmp_path: Path) -> None:
    with mail_server(settings) as recorder:
        environ = given(tmp_path, settings)
        with celery_workers(environ) if settings.REDIS_URL else embedded_workers(environ) as send:
            killed = kill_at_random(send, recorder)
        wait_until(rest_is_delivered)
    states = Counter(Letter.objects.values_list("state", flat=True))
    received = Counter(address for address, _ in recorder.received)
    accepted = set(Letter.objects.filter(state="accepted").values_list("address", flat=True))
    uncertain = set(Letter.objects.filter(state="uncertain").values_list("address", flat=True))
    assert states["accepted"] + states["uncertain"] == KILLS * LETTERS
    assert killed > KILLS / 2
    assert states["uncertain"] <= killed  # each of which was one process's last
    assert set(received.values()) == {1}
    assert accepted <= received.keys() <= accepted | uncertain
