from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Reader
from digest.models import Digest, Letter, Topic
from tests.make import make_paper, make_reader, make_topic

pytestmark = pytest.mark.django_db


def test_run_due_matches_and_delivers_once() -> None:
    reader = make_reader(topics=(make_topic("knowledge transfer"),))
    Reader.objects.filter(pk=reader.pk).update(next_digest_at=datetime(2026, 3, 4, 7, tzinfo=UTC))
    make_paper(title="Knowledge transfer today", match_due_at=datetime(2026, 3, 4, 6, tzinfo=UTC))
    Topic.objects.update(match_due_at=datetime(2026, 3, 4, 6, tzinfo=UTC))
    said = []
    for _ in range(2):
        out = StringIO()
        call_command("run_due", "--now", "2026-03-04T08:00+01:00", stdout=out)
        said.append(out.getvalue())
    assert [", 1 digests handled, " in line for line in said] == [True, False]
    assert Digest.objects.get().state == "accepted"


def test_run_due_delivers_letters_that_wait() -> None:
    Letter.objects.post(Letter.Kind.UNKNOWN, "somebody@example.org", now=datetime(2026, 3, 4, 6, tzinfo=UTC))
    call_command("run_due", "--now", "2026-03-04T08:00+01:00", stdout=StringIO())
    assert Letter.objects.get().state == "accepted"


@pytest.mark.parametrize("now", ["", "noon", "0001-01-01", "9999-12-31T23:59"])
def test_run_due_at_no_moment_is_refused(now: str) -> None:
    with pytest.raises(CommandError, match=f"--now {now!r}: not a moment; write one like"):
        call_command("run_due", "--now", now)
