"""A Redis of a test's own, or the one of REDIS_URL where no server is installed."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings

PATIENCE = 30.0  # seconds for it to start


@contextmanager
def redis_server(folder: Path, port: int = 0) -> Iterator[str]:
    """Start a Redis that keeps nothing, at a free port unless one is given, and give its address."""
    server = shutil.which("redis-server")
    if server is None:
        if not settings.REDIS_URL:
            pytest.skip("needs Redis: install redis-server or set REDIS_URL")
        yield settings.REDIS_URL
        return
    port = port or free_port()
    command = [server, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            _wait_for(port)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            process.terminate()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


def _wait_for(port: int) -> None:
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail(f"Redis did not start within {PATIENCE:g} seconds")
