"""Mail systems that want fewer mails, refuse the sender, or take so many a day: everybody gets the digest once."""

import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from django.conf import settings as project
from django.utils import timezone

from digest.delivery import deliver, pace
from digest.delivery.deliver import deliver_due
from digest.delivery.letters import deliver_letters_due
from digest.models import Digest, Letter, Pace, PaceDomain
from tests.config.installation import database_url, environment
from tests.mailserver import Recorder, mail_server
from tests.make import NOON, TODAY, make_digest, make_match, make_paper, make_reader, make_topic

pytestmark = pytest.mark.django_db(transaction=True)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@pytest.fixture
def gmail() -> Pace:
    pace, _ = Pace.objects.get_or_create(name="Gmail")
    PaceDomain.objects.get_or_create(domain="gmail.com", defaults={"pace": pace})
    return pace


def due(*domains: str, **given: Any) -> list[Digest]:
    topic = make_topic()
    make_match(topic, make_paper())
    addresses = [f"reader{number}@{domain}" for number, domain in enumerate(domains)]
    return [make_digest(make_reader(address, topics=(topic,)), **given) for address in addresses]


def limit(**limits: Any) -> None:
    Pace.objects.filter(pk=Pace.objects.all_mail().pk).update(**limits)


def run(moment: datetime) -> None:
    deliver_due(clock=lambda: moment)


def mails_each(recorder: Recorder) -> Counter[str]:
    return Counter(address for address, _ in recorder.received)


def once(digests: Sequence[Digest]) -> Counter[str]:
    return Counter(digest.reader.email for digest in digests)


def test_mail_system_that_wants_fewer_mails_gets_them_later_and_the_others_get_theirs_at_once(
    gmail: Pace, settings: Any
) -> None:
    first, others = due(*["gmail.com"] * 4), due(*["example.org"] * 4)
    with mail_server(settings) as recorder:
        recorder.says["gmail.com"] = "421 4.7.28 too many mails"
        run(NOON)
        assert mails_each(recorder) == once(others)
        later = [make_digest(make_reader("late@gmail.com", topics=()), next_attempt_at=NOON)]
        run(NOON + 30 * SECOND)
        later[0].refresh_from_db()
        assert (later[0].state, later[0].attempts) == ("pending", 0)
        assert later[0].reason == "Gmail wanted to be left alone for a while"
        assert later[0].next_attempt_at is not None
        assert NOON + MINUTE <= later[0].next_attempt_at <= NOON + MINUTE + SECOND
        assert "late@gmail.com" not in recorder.refused
        recorder.says.clear()
        for minutes in range(2, 12):
            run(NOON + minutes * MINUTE)
        assert mails_each(recorder) == once([*first, *others])
    gmail.refresh_from_db()
    assert (gmail.backoffs, gmail.accepted_total, gmail.retried_total) == (0, 4, 4)


def test_mail_stops_where_it_is_refused_and_goes_on_when_somebody_says_so(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setattr(deliver, "SLICE", 10)
    settings.ALERT_EMAIL = ["postmaster@example.org"]
    digests = due(*[f"{number % 7}.example.org" for number in range(80)])
    with mail_server(settings) as recorder:
        recorder.says["*"] = "550 5.7.1 your address has a bad name"
        run(NOON)
        run(NOON + MINUTE)
        refused = Digest.objects.by_state()["failed"]
        assert 10 <= refused < 80
        assert Digest.objects.by_state() == {"failed": refused, "pending": 80 - refused}
        assert [(letter.kind, letter.address) for letter in Letter.objects.all()] == [
            ("notice", "postmaster@example.org")
        ]
        recorder.says.clear()
        pace.go_on([Pace.objects.all_mail().pk], NOON + 2 * MINUTE)
        run(NOON + 2 * MINUTE)
        assert set(mails_each(recorder).values()) == {1}
    assert Digest.objects.by_state() == {"failed": refused, "accepted": 80 - refused}
    assert len(digests) == 80


def test_letters_wait_for_nothing(settings: Any) -> None:
    limit(is_paused=True, per_second=0.001, per_day=1, counted=1, counted_on=TODAY)
    due("example.org")
    Letter.objects.post("code", "ada@example.org", now=NOON, said={"code": "123456"})
    with mail_server(settings) as recorder:
        run(NOON)
        deliver_letters_due(clock=lambda: NOON)
    assert mails_each(recorder) == Counter(["ada@example.org"])
    assert (Letter.objects.get().state, Digest.objects.get().state) == ("accepted", "pending")


def test_day_takes_so_many_and_the_next_day_too_and_the_rest_is_too_old(settings: Any, tmp_path: Path) -> None:
    """Three workers share the first day; the reader's hour was seven in the morning."""
    limit(per_day=25)
    due(*["example.org"] * 60)

    with mail_server(settings) as recorder:
        given = environment(
            tmp_path,
            DATABASE_URL=database_url(),
            EMAIL_URL=f"smtp://{settings.EMAIL_HOST}:{settings.EMAIL_PORT}",
            SITE_URL="https://papers.example.org",
        )
        command = [sys.executable, "manage.py", "run_due", "--now", "2026-03-04T12:00Z"]
        quiet: dict[str, Any] = {"cwd": project.BASE_DIR, "env": given, "stdout": subprocess.DEVNULL}
        workers = [subprocess.Popen(command, **quiet) for _ in range(3)]
        assert [worker.wait(timeout=120) for worker in workers] == [0, 0, 0]
        assert Digest.objects.by_state() == {"accepted": 25, "pending": 35}
        run(datetime(2026, 3, 5, 0, 30, tzinfo=UTC))
        assert Digest.objects.by_state() == {"accepted": 50, "pending": 10}
    run(datetime(2026, 3, 5, 3, 30, tzinfo=UTC))
    assert max(mails_each(recorder).values()) == 1
    late = Digest.objects.filter(state="expired").values_list("reason", flat=True)
    assert list(late) == ["not sent in time: as many mails as may go in a day had gone"] * 10


def test_so_many_a_second_stays_at_it_and_nobody_else_waits(gmail: Pace, settings: Any) -> None:
    Pace.objects.filter(pk=gmail.pk).update(per_second=5)
    slow, quick = due(*["gmail.com"] * 14), due(*["example.org"] * 14)
    began = monotonic()
    with mail_server(settings) as recorder:
        deliver_due(clock=_march)
    assert mails_each(recorder) == once([*slow, *quick])
    mails = zip(recorder.times, recorder.received, strict=True)
    times = [at - began for at, (address, _) in mails if address.endswith("@gmail.com")]
    assert all(number < 5 + 5 * at + 1 for number, at in enumerate(times))
    assert {digest.attempts for digest in Digest.objects.all()} == {1}


def _march() -> datetime:
    """Return a time that goes by, of noon on the digests' day."""
    return NOON + (timezone.now() - STARTED)


STARTED = timezone.now()
