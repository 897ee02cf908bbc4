"""The process that reads: what it may not do, and what it does where the system gives it no limits."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def run(script: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )


def test_reader_needs_no_django_and_no_network_client() -> None:
    script = (
        "import sys, digest.ingest.reader\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & "
        "{'django', 'celery', 'httpx2', 'httpcore2', 'numpy', 'redis', 'psycopg'}))"
    )
    assert run(script).stdout == "[]\n"


@pytest.mark.parametrize(
    "attempt",
    [
        "import socket; socket.create_connection(('127.0.0.1', 9))",
        "import socket; socket.getaddrinfo('localhost', 80)",
        "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9/')",
        "import subprocess; subprocess.run(['true'])",
        "import os; os.system('true')",
    ],
)
def test_reader_may_not_reach_out(attempt: str) -> None:
    done = run(f"from digest.ingest import reader; reader._limit(1 << 30); {attempt}")
    assert done.returncode == 1
    assert "PermissionError: a document may not lead to " in done.stderr


def test_what_is_printed_stays_out_of_the_messages() -> None:
    script = (
        "import os, sys\n"
        "from digest.ingest.reader import _pipes\n"
        "requests, answers = _pipes()\n"
        "print('printed'); print('warned', file=sys.stderr); os.write(1, b'written')\n"
        "answers.write(b'said')\n"
    )
    done = run(script)
    assert (done.returncode, done.stdout, done.stderr) == (0, "said", "")


def test_memory_is_limited_by_the_system() -> None:
    limited = "from digest.ingest import reader; reader._limit(500_000_000); bytearray({})"
    assert run(limited.format(400_000_000)).returncode == 0
    assert run(limited.format(600_000_000)).stderr.endswith("\nMemoryError\n")


def test_reader_works_without_limits_where_the_system_has_none() -> None:
    script = (
        "import io, signal, subprocess, sys\n"
        "from datetime import UTC, datetime\n"
        "from digest.ingest.frames import receive, send\n"
        "program = (\"import signal, sys; sys.modules['resource'] = None; del signal.setitimer, signal.SIGPROF; \"\n"
        "    'from digest.ingest import reader; assert reader.resource is None; reader.main(20, 1 << 30)')\n"
        "pipe = subprocess.PIPE\n"
        "with subprocess.Popen([sys.executable, '-c', program], bufsize=0, stdin=pipe, stdout=pipe) as process:\n"
        "    send(process.stdin, {'body': b'<rss><channel><item><title>T</title></item></channel></rss>',\n"
        "        'now': datetime.now(UTC)})\n"
        "    (parsed, is_worn) = receive(process.stdout)\n"
        "    process.stdin.close()\n"
        "print(parsed.listings[0].title, is_worn, process.returncode)\n"
    )
    done = run(script)
    assert (done.stdout, done.stderr) == ("T False 0\n", "")
