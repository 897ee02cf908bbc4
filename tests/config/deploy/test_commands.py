"""The very commands of the units, side by side: pages, workers and the clock deliver an edition."""

import json
import shlex
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from celery.beat import PersistentScheduler
from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.models import Reader
from config.celery import app
from digest.models import Digest, Edition, Subscription
from tests.config.deploy.units import command
from tests.config.installation import database_url, environment
from tests.config.processes import wait_until
from tests.mailserver import MailServer, Recorder
from tests.make import make_match, make_paper, make_topic
from tests.redisserver import free_port, redis_server

pytestmark = [
    pytest.mark.redis,
    pytest.mark.postgres,
    pytest.mark.skipif(connection.vendor == "sqlite", reason="needs PostgreSQL: set DATABASE_URL"),
    pytest.mark.django_db(transaction=True),
]
READERS = 250


def let_the_clock_tick_at_once(var: Path) -> None:
    """Leave the schedule of a clock that was last there an hour ago: it does at its start what it missed."""
    var.mkdir(parents=True)
    app.loader.import_default_modules()
    clock = PersistentScheduler(app, schedule_filename=str(var / "beat-schedule"))
    for entry in clock.schedule.values():
        entry.last_run_at = timezone.now() - timedelta(hours=1)
    clock.close()


def make_readers() -> set[str]:
    """Make readers whose hour has just come, and a paper for them; return their addresses."""
    now = timezone.now()
    topic = make_topic()
    make_match(topic, make_paper(title="Paper one", announced_on=now.date()))
    readers = Reader.objects.bulk_create(
        Reader(email=f"reader{number}@example.org", state="active", next_digest_at=now - timedelta(minutes=1))
        for number in range(READERS)
    )
    Subscription.objects.bulk_create(Subscription(reader=reader, topic=topic) for reader in readers)
    return {reader.email for reader in readers}


@contextmanager
def running(folder: Path, environ: dict[str, str], web: int, probes: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run the commands of all units side by side, until the block ends or one of them does."""
    pages = [part.replace("127.0.0.1:8000", f"127.0.0.1:{web}") for part in command("broadsheet-web.service")]
    lines = {
        "web": pages,
        "worker1": ["env", f"WORKER_PORT={probes}", *command("broadsheet-worker@.service", "1")],
        "worker2": command("broadsheet-worker@.service", "2"),
        "letters": command("broadsheet-letters.service"),
        "clock": command("broadsheet-clock.service"),
    }
    procfile = folder / "Procfile"
    procfile.write_text("".join(f"{name}: {shlex.join(line)}\n" for name, line in lines.items()))
    start = [sys.executable, "-m", "honcho", "--no-colour", "-f", str(procfile), "-d", str(settings.BASE_DIR), "start"]
    with (folder / "log").open("wb") as log, subprocess.Popen(start, env=environ, stdout=log, stderr=log) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)


def is_ready(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/healthz/ready", timeout=10) as answer:
            return bool(json.load(answer)["ready"])
    except OSError:  # it does not answer yet, or not well, or not in time
        return False


def sign_up(port: int, address: str) -> None:
    """Sign up on the page, as a browser does."""
    site = f"http://127.0.0.1:{port}"
    form = {"topics": "moths", "address": address, "time_zone": "UTC"}
    asked = Request(f"{site}/sign-up", urlencode(form).encode(), {"Origin": site})
    with urlopen(asked, timeout=60) as answer:
        assert address in answer.read().decode()


def test_commands_of_the_units_deliver_an_edition(tmp_path: Path) -> None:
    recorder, web, probes = Recorder(), free_port(), free_port()
    mail = MailServer(recorder, hostname="127.0.0.1", port=free_port())
    mail.start()
    let_the_clock_tick_at_once(tmp_path / "var")
    readers = make_readers()
    with redis_server(tmp_path) as redis:
        given = {
            "DATABASE_URL": database_url(),
            "REDIS_URL": redis,
            "EMAIL_URL": f"smtp://127.0.0.1:{mail.port}",
            "SITE_URL": f"http://127.0.0.1:{web}",
        }
        with running(tmp_path, environment(tmp_path / "var", **given), web, probes) as process:
            wait_until(lambda: is_ready(web) and is_ready(probes), "their being ready")
            sign_up(web, "ada@example.org")
            wait_until(lambda: len(recorder.received) >= READERS + 1, "the delivery")
            wait_until(lambda: Digest.objects.by_state() == {"accepted": READERS}, "the end of the run")
            assert process.poll() is None, (tmp_path / "log").read_text()
            assert "Traceback" not in (tmp_path / "log").read_text()
    mail.stop(no_assert=True)
    assert Counter(address for address, _ in recorder.received) == Counter({*readers, "ada@example.org"})
    assert Edition.objects.get().date == timezone.now().date()
    assert process.returncode in (0, -signal.SIGTERM, 128 + signal.SIGTERM)
