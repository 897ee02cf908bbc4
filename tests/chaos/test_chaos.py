"""The short form of `make chaos`: the harness runs in a process of its own, as it does by hand."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from tests.chaos.servers import postgres_programs
from tests.config.installation import environment

SEED = 11
PATIENCE = 400  # seconds: longer than the harness's own


def chaos(var: Path, *arguments: str) -> dict[str, Any]:
    """Run it, and return its counts."""
    command = [sys.executable, "-m", "tests.chaos", "--short", "--seed", str(SEED), *arguments]
    ran = subprocess.run(
        command,
        cwd=settings.BASE_DIR,
        env=environment(var),
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def ends(counts: dict[str, Any]) -> int:
    return sum(counts.get(state, 0) for state in ("accepted", "failed", "uncertain"))


@pytest.mark.postgres
@pytest.mark.redis
@pytest.mark.skipif(connection.vendor != "postgresql", reason="shown on PostgreSQL: set DATABASE_URL")
@pytest.mark.skipif(postgres_programs() is None, reason="starts servers of its own: install PostgreSQL")
def test_killed_workers_and_wiped_servers_lose_nothing_and_repeat_nothing(tmp_path: Path) -> None:
    counts = chaos(tmp_path)
    assert (counts["eligible"], ends(counts)) == (400, 400)
    assert (counts["lost"], counts["sent_twice"], counts["unexplained"]) == (0, 0, 0)
    assert sum(counts["kills"].values()) == 5
    assert sorted(counts["blows"]) == ["PostgreSQL restarted", "Redis wiped"]
    assert counts.get("uncertain", 0) <= counts["connections_cut"]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="shown on SQLite")
def test_killed_embedded_clock_loses_nothing_and_repeats_nothing(tmp_path: Path) -> None:
    counts = chaos(tmp_path, "--embedded")
    assert (counts["eligible"], ends(counts)) == (150, 150)
    assert (counts["lost"], counts["sent_twice"], counts["unexplained"]) == (0, 0, 0)
    assert sum(counts["kills"].values()) == 3
    assert counts.get("uncertain", 0) <= counts["connections_cut"]
