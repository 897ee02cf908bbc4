"""Several workers at once, and killed ones: one mail for each reader, and a ledger that says what happened."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from digest.models import Digest
from tests.config.installation import database_url, environment
from tests.mailserver import Recorder, mail_server
from tests.make import make_digest, make_match, make_paper, make_reader, make_topic

pytestmark = pytest.mark.django_db(transaction=True)
READERS = 60


@pytest.fixture
def due() -> list[Digest]:
    topic = make_topic()
    make_match(topic, make_paper(title="Paper one"))
    return [make_digest(make_reader(topics=(topic,))) for _ in range(READERS)]


def start_worker(tmp_path: Path, project: Any, lines: int = 20) -> subprocess.Popen[bytes]:
    given = environment(
        tmp_path,
        DATABASE_URL=database_url(),
        EMAIL_URL=f"smtp://{project.EMAIL_HOST}:{project.EMAIL_PORT}",
        SITE_URL="https://papers.example.org",
        MAIL_CONNECTIONS=str(lines),
    )
    command = [sys.executable, "manage.py", "run_due", "--now", "2026-03-04T12:00Z"]
    return subprocess.Popen(command, cwd=settings.BASE_DIR, env=given, stdout=subprocess.DEVNULL)


def wait_for_mail(recorder: Recorder, count: int) -> None:
    deadline = time.monotonic() + 60
    while len(recorder.received) < count and time.monotonic() < deadline:
        time.sleep(0.002)


def mails_each(recorder: Recorder) -> Counter[str]:
    return Counter(address for address, _ in recorder.received)


def test_workers_at_once_send_each_digest_once(due: list[Digest], settings: Any, tmp_path: Path) -> None:
    with mail_server(settings) as recorder:
        workers = [start_worker(tmp_path, settings) for _ in range(3)]
        assert [worker.wait(timeout=120) for worker in workers] == [0, 0, 0]
    assert mails_each(recorder) == Counter({digest.reader.email: 1 for digest in due})
    assert Digest.objects.by_state() == {"accepted": READERS}


def test_killed_worker_loses_nothing_and_repeats_nothing(due: list[Digest], settings: Any, tmp_path: Path) -> None:
    with mail_server(settings) as recorder:
        for killed_after in (5, 20, 40):
            worker = start_worker(tmp_path, settings, lines=1)
            wait_for_mail(recorder, killed_after)
            os.kill(worker.pid, signal.SIGKILL)
            worker.wait()
        # What the dead held is due again at once: nobody waits until their claims are over.
        assert start_worker(tmp_path, settings).wait(timeout=120) == 0
    counts = Digest.objects.by_state()
    received = mails_each(recorder)
    uncertain = Digest.objects.filter(state="uncertain")
    assert set(counts) <= {"accepted", "uncertain"}
    assert counts.get("uncertain", 0) <= 3  # one for each that was killed: the mail that its line was at
    assert max(received.values()) == 1
    certain = set(Digest.objects.filter(state="accepted").values_list("reader__email", flat=True))
    assert certain <= received.keys() <= certain | set(uncertain.values_list("reader__email", flat=True))
    assert set(uncertain.values_list("reason", flat=True)) <= {
        "the worker was stopped between the final dot and the reply"
    }
    assert list((tmp_path / "journal").iterdir()) == []


def test_stopped_worker_leaves_nothing_open(due: list[Digest], settings: Any, tmp_path: Path) -> None:
    with mail_server(settings) as recorder:
        worker = start_worker(tmp_path, settings, lines=1)
        wait_for_mail(recorder, 1)
        worker.terminate()
        assert worker.wait(timeout=60) == -signal.SIGTERM
        counts = Digest.objects.by_state()
        assert counts.pop("accepted") == len(recorder.received)
        assert counts.keys() <= {"pending", "retry"}
        assert set(Digest.objects.filter(state__in=counts).values_list("claim", flat=True)) <= {None}
        assert start_worker(tmp_path, settings).wait(timeout=120) == 0
    assert Digest.objects.by_state() == {"accepted": READERS}
    assert mails_each(recorder) == Counter({digest.reader.email: 1 for digest in due})
