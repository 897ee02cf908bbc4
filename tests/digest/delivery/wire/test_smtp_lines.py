"""Lines on real connections: a mail that takes long keeps its connection, and nobody waits behind it."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from digest.delivery import lines as module
from digest.delivery.journal import Journal
from digest.delivery.lines import Errand, Lines
from digest.delivery.wire.handover import Fate
from digest.delivery.wire.transport import transport
from digest.models.claims import LEASE
from tests.digest.delivery.wire.make import make_mail, reached
from tests.mailserver import Recorder, mail_server
from tests.make import NOON


@pytest.fixture
def server(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Recorder]:
    monkeypatch.setattr(module, "PATIENCE", 0.1)
    with mail_server(settings) as recorder:
        recorder.stall = 1.0
        yield recorder


def done_by_lines(*recipients: str) -> dict[str, Fate]:
    """Hand mails over on at most four lines; give their fates in the order in which they became known."""
    lines = Lines(transport, lambda: NOON, 4)
    journal = Journal(uuid4(), NOON + LEASE)
    lines.put(Errand(make_mail(recipient, key=uuid4().hex), journal) for recipient in recipients)
    fates: dict[str, Fate] = {}
    while lines.in_flight and not lines.down:
        for errand, outcome in lines.finished(1.0):
            fates[errand.mail.recipient.partition("@")[0]] = outcome.fate
    lines.close()
    journal.close(finished=True)
    return fates


@pytest.mark.parametrize(("slow", "fate"), [("slow", Fate.ACCEPTED), ("slow-refuse", Fate.FAILED)])
def test_lines_let_no_mail_wait_behind_one_that_takes_long(server: Recorder, slow: str, fate: Fate) -> None:
    fates = done_by_lines("a", slow, "b", "c", "d")
    assert list(fates)[-1] == slow
    assert fates == dict.fromkeys(["a", "b", "c", "d"], Fate.ACCEPTED) | {slow: fate}
    # Nobody twice: the envelope that had gone out ahead, behind the slow mail, came to nothing.
    assert sorted(name for name in reached(server) if name != slow) == ["a", "b", "c", "d"]


def test_lines_lose_and_repeat_nothing_where_connections_break(server: Recorder) -> None:
    names = [f"r{number}" for number in range(40)]
    bad = ["cut-before-dot", "refuse-and-close", "closing", "sloppy", "closing-at-dot"]
    fates = done_by_lines(*[name for pair in zip(names, bad * 8, strict=True) for name in pair])
    assert {fates[name] for name in names} == {Fate.ACCEPTED}
    assert sorted(name for name in reached(server) if name in names) == sorted(names)
