"""Workers and the clock as processes of their own, which share a test's database and a Redis."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import pytest
from django.conf import settings

PATIENCE = 120  # seconds for a process to start or to do one task


def wait_until(true: Callable[[], bool], what: str) -> None:
    for _ in range(PATIENCE * 20):
        if true():
            return
        time.sleep(0.05)
    pytest.fail(f"{what} did not happen within {PATIENCE} seconds")


@contextmanager
def workers(environ: Mapping[str, str], folder: Path, **queues: str) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """Run workers, each with one process for its tasks: name -> the queues it takes from, "" for all.

    What each says is in `folder`/NAME.log. The block begins, with the processes by name, once all are ready.
    """
    processes = {}
    with ExitStack() as running:
        for name, takes in queues.items():
            command = [sys.executable, "-m", "celery", "-A", "config", "worker", "--concurrency", "1"]
            command += ["--loglevel", "info", "--hostname", f"{name}@%h", "--without-mingle", "--without-gossip"]
            command += ["--queues", takes] if takes else []
            log = running.enter_context((folder / f"{name}.log").open("wb"))
            process = subprocess.Popen(command, cwd=settings.BASE_DIR, env=environ, stderr=log)
            processes[name] = running.enter_context(process)
            running.callback(process.terminate)
        for name in queues:
            wait_until(partial(is_said, folder, name, " ready."), f"the start of the worker {name}")
        yield processes


def is_said(folder: Path, name: str, words: str) -> bool:
    return words in (folder / f"{name}.log").read_text()


def send(task: str, environ: Mapping[str, str], times: int = 1) -> None:
    """Send a task from a process of its own, as the clock and the pages do."""
    code = f"import django; django.setup(); from digest import tasks; [tasks.{task}.delay() for _ in range({times})]"
    environ = {**environ, "DJANGO_SETTINGS_MODULE": "config.settings"}
    subprocess.run([sys.executable, "-c", code], cwd=settings.BASE_DIR, env=environ, check=True, timeout=PATIENCE)
