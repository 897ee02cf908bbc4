"""Readers and the process that asks them: they end with it, and no fork shares them."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.digest.ingest.processes import is_gone

ROOT = Path(__file__).parents[3]


def run(script: str) -> str:
    """Run a script in a Python of its own, where `read` reads a document; return what it prints."""
    done = subprocess.run(_command(script), cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.strip()


def _command(script: str) -> list[str]:
    opening = (
        "import os, sys, time\n"
        "from digest.ingest import guarded\n"
        "from tests.digest.ingest.make import make_item, make_rss\n"
        "from datetime import UTC, datetime\n"
        "def read(body=make_rss(make_item(title='How stones float'))):\n"
        "    return guarded.read_guarded(body, kind=None, now=datetime.now(UTC)).listings[0].title\n"
        "def pid():\n"
        "    return [reader.process.pid for reader in guarded._readers.all if reader.process]\n"
    )
    return [sys.executable, "-c", opening + script]


def test_reader_goes_when_its_master_is_killed_in_the_middle_of_a_document() -> None:
    script = (
        "import threading\n"
        "guarded.CPU_SECONDS = 2\n"
        "read()\n"
        "print(*pid(), flush=True)\n"
        "body = make_rss(make_item(inside='<author>' + 'a.' * 400_000 + '</author>'))\n"
        "threading.Timer(0.5, lambda: print('reading', flush=True)).start()\n"
        "read(body)\n"
    )
    with subprocess.Popen(_command(script), cwd=ROOT, stdout=subprocess.PIPE, text=True) as master:
        assert master.stdout
        pid = int(master.stdout.readline())
        assert master.stdout.readline() == "reading\n"
        master.kill()
    assert is_gone(pid)


@pytest.mark.parametrize("ending", ["", "os._exit(0)", "os.kill(os.getpid(), 9)"])
def test_idle_reader_goes_with_its_master(ending: str) -> None:
    script = f"read()\nprint(*pid(), flush=True)\n{ending}\n"
    done = subprocess.run(_command(script), cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (-9 if "kill" in ending else 0, "")
    assert is_gone(int(done.stdout))


def test_fork_has_readers_of_its_own() -> None:
    script = (
        "import warnings\n"
        "warnings.simplefilter('error')\n"
        "read()\n"
        "before = pid()\n"
        "if os.fork() == 0:\n"
        "    assert pid() == []\n"
        "    assert read() == 'How stones float'\n"
        "    assert pid() != before and len(pid()) == 1\n"
        "    sys.exit(0)\n"
        "status = os.wait()[1]\n"
        "assert read() == 'How stones float' and pid() == before\n"
        "print(status)\n"
    )
    assert run(script) == "0"


def test_fork_does_not_keep_readers_alive() -> None:
    script = (
        "read()\n"
        "print(*pid(), flush=True)\n"
        "if os.fork() == 0:\n"
        "    os.close(1); os.close(2)\n"
        "    time.sleep(30)\n"
        "os._exit(0)\n"
    )
    assert is_gone(int(run(script)))


def test_daemonic_worker_may_read() -> None:
    script = (
        "import multiprocessing\n"
        "context = multiprocessing.get_context('fork')\n"
        "found = context.SimpleQueue()\n"
        "worker = context.Process(target=lambda: found.put(read()), daemon=True)\n"
        "worker.start()\n"
        "print(found.get())\n"
        "worker.join()\n"
    )
    assert run(script) == "How stones float"


def test_reading_works_where_memory_is_limited_already() -> None:
    script = "import resource\nresource.setrlimit(resource.RLIMIT_AS, (600_000_000, 600_000_000))\nprint(read())\n"
    assert run(script) == "How stones float"


def test_asking_needs_neither_feedparser_nor_django() -> None:
    assert run("read()\nprint(*sorted({'feedparser', 'django', 'lxml'} & sys.modules.keys()))") == ""


def test_reader_of_a_large_process_is_not_worn_from_the_start() -> None:
    script = "ballast = b'x' * 450_000_000\nread()\nfirst = pid()\nread()\nprint(first == pid())\n"
    assert run(script) == "True"
