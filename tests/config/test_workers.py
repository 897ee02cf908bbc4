"""What several workers on one Redis do together: letters never wait behind digests, and digests are shared."""

import asyncio
import json
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.db import connection
from django.utils import timezone
from redis import Redis

from accounts.models import Reader
from digest.models import Digest, Edition, Letter, Subscription
from tests.config.installation import database_url, environment
from tests.config.processes import is_said, send, wait_until, workers
from tests.mailserver import MailServer, Recorder
from tests.make import make_match, make_paper, make_topic
from tests.redisserver import free_port, redis_server

pytestmark = [
    pytest.mark.redis,
    pytest.mark.postgres,  # several workers on one SQLite are no way to run it; test_celery.py shows that one can
    pytest.mark.skipif(connection.vendor == "sqlite", reason="needs PostgreSQL: set DATABASE_URL"),
    pytest.mark.django_db(transaction=True),
]


class SlowRecorder(Recorder):
    """Takes its time over digests, and none over letters."""

    def __init__(self) -> None:
        super().__init__()
        self.is_busy = threading.Event()
        self.may_go_on = threading.Event()
        self.pause = 0.0  # seconds, for each digest

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if envelope.rcpt_tos[0].startswith("reader"):
            self.is_busy.set()
            while not self.may_go_on.is_set():
                await asyncio.sleep(0.01)
            await asyncio.sleep(self.pause)
        return await super().handle_DATA(server, session, envelope)


@pytest.fixture
def recorder() -> Iterator[SlowRecorder]:
    slow = SlowRecorder()
    yield slow
    slow.may_go_on.set()


@pytest.fixture
def mail(recorder: SlowRecorder) -> Iterator[str]:
    """Give the address of a mail system."""
    server = MailServer(recorder, hostname="127.0.0.1", port=free_port())
    server.start()
    yield f"smtp://{server.hostname}:{server.port}"
    recorder.may_go_on.set()
    server.stop(no_assert=True)


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[str]:
    with redis_server(tmp_path) as address:
        yield address


@pytest.fixture
def grown(redis: str, tmp_path: Path, mail: str) -> dict[str, str]:
    return environment(tmp_path / "var", DATABASE_URL=database_url(), REDIS_URL=redis, EMAIL_URL=mail)


def make_due(count: int) -> datetime:
    """Make digests of today that are due, with a paper each."""
    now = timezone.now()
    topic = make_topic()
    make_match(topic, make_paper(title="Paper one", announced_on=now.date()))
    readers = Reader.objects.bulk_create(
        Reader(email=f"reader{number}@example.org", state="active", next_digest_at=now + timedelta(days=1))
        for number in range(count)
    )
    Subscription.objects.bulk_create(Subscription(reader=reader, topic=topic) for reader in readers)
    edition = Edition.objects.create(date=now.date())
    Digest.objects.bulk_create(
        Digest(reader=reader, edition=edition, due_at=now, next_attempt_at=now) for reader in readers
    )
    return now


def test_letter_leaves_while_digests_keep_a_worker_busy(
    grown: dict[str, str], recorder: SlowRecorder, tmp_path: Path
) -> None:
    """Although the busy one takes letters too: it takes no message that it cannot begin with. It stops in peace."""
    now = make_due(3)
    with workers(grown, tmp_path, busy="", letters="letters") as processes:
        send("deliver_digests", grown)
        assert recorder.is_busy.wait(60)
        Letter.objects.post(Letter.Kind.CODE, "ada@example.org", now=now, said={"code": "AB12CD"})
        send("deliver_letters", grown, times=3)
        wait_until(lambda: bool(recorder.received), "the letter")
        assert [address for address, _ in recorder.received] == ["ada@example.org"]
        assert not Digest.objects.filter(state="accepted").exists()
        processes["busy"].terminate()  # it is asked to stop, and finishes what is under way
        recorder.may_go_on.set()
        assert processes["busy"].wait(60) == 0
    assert Digest.objects.by_state() == {"accepted": 3}


def test_one_message_brings_every_free_worker_to_a_long_run(
    grown: dict[str, str], redis: str, recorder: SlowRecorder, tmp_path: Path
) -> None:
    count, names = 400, ("one", "two")
    make_due(count)
    recorder.pause = 0.003
    recorder.may_go_on.set()
    waiting = []
    with Redis.from_url(redis) as queue, workers(grown, tmp_path, **dict.fromkeys(names, "digests")):
        send("deliver_digests", grown)

        def is_done() -> bool:
            waiting.append(queue.llen("digests"))
            return Digest.objects.by_state() == {"accepted": count}

        wait_until(is_done, "the end of the run")
    assert Counter(address for address, _ in recorder.received) == Counter(
        f"reader{number}@example.org" for number in range(count)
    )
    for name in names:
        assert is_said(tmp_path, name, "Task digest.tasks.deliver_digests["), f"the worker {name} had no part"
    assert max(map(int, waiting)) <= len(names)


def is_ready(port: int) -> tuple[int, set[str]]:
    """Ask a worker whether it is ready: return the status, 0 where none comes, and what is wrong."""
    try:
        with urlopen(f"http://127.0.0.1:{port}/healthz/ready", timeout=10) as answer:
            return answer.status, set(json.load(answer)["wrong"])
    except HTTPError as error:
        return error.code, set(json.load(error)["wrong"])
    except OSError:
        return 0, set()


def test_worker_outlives_its_broker_and_says_so(tmp_path: Path, mail: str, recorder: SlowRecorder) -> None:
    recorder.may_go_on.set()
    port, probes = free_port(), free_port()
    redis = f"redis://127.0.0.1:{port}/0"
    given = {"DATABASE_URL": database_url(), "REDIS_URL": redis, "EMAIL_URL": mail, "WORKER_PORT": str(probes)}
    grown = environment(tmp_path / "var", **given)
    first = redis_server(tmp_path, port)
    first.__enter__()
    with workers(grown, tmp_path, faithful=""):
        wait_until(lambda: is_ready(probes) == (200, set()), "its being ready")
        first.__exit__(None, None, None)
        wait_until(partial(is_said, tmp_path, "faithful", "onnection to broker lost"), "the loss of the broker")
        wait_until(lambda: is_ready(probes) == (503, {"redis"}), "its saying so")
        with redis_server(tmp_path, port):
            make_due(1)
            send("deliver_digests", grown)
            wait_until(lambda: Digest.objects.by_state() == {"accepted": 1}, "the delivery")
        with urlopen(f"http://127.0.0.1:{probes}/metrics", timeout=10) as answer:
            assert b"broadsheet_due" in answer.read()
