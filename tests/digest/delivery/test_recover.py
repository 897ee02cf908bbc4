import os
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from digest.delivery import journal, ledger
from digest.delivery.editions import FRESHNESS
from digest.delivery.fates import LEASE
from digest.delivery.handover import Fate, Outcome
from digest.delivery.journal import Journal
from digest.delivery.recover import recover
from digest.models import Digest, Edition, Suppression
from tests.make import NOON, make_digest, make_reader

pytestmark = pytest.mark.django_db
SAYS = {"subject": "Papers", "picks": [[1, 2]], "trending": []}
ACCEPTED = Outcome(Fate.ACCEPTED, 250, "250 OK")


def killed(*fates: str, begun: bool = True) -> tuple[UUID, list[Digest]]:
    """Leave what a worker does that is killed: for each digest, how far it came is said by `fates`."""
    for fate in fates:
        make_digest(make_reader(f"{fate}{Digest.objects.count()}@example.net"))
    noted = Journal(uuid4(), NOON + LEASE)
    claimed = ledger.claim(NOON, limit=len(fates), token=noted.token).digests
    if begun:
        assert len(ledger.begin([(digest, SAYS) for digest in claimed], NOON)) == len(fates)
    for digest, fate in zip(claimed, fates, strict=True):
        if fate != "unsent":
            noted.dot(digest.key.hex, NOON)
        if fate == "accepted":
            noted.reply(digest.key.hex, ACCEPTED)
        if fate == "refused":
            noted.reply(digest.key.hex, Outcome(Fate.FAILED, 550, "550 5.1.1 no such mailbox"))
        if fate == "later":
            noted.reply(digest.key.hex, Outcome(Fate.RETRY, 451, "451 later"))
    os.close(noted.file)
    return noted.token, claimed


def states() -> list[str]:
    return list(Digest.objects.order_by("pk").values_list("state", flat=True))


def test_each_mail_of_a_dead_worker_gets_the_fate_that_its_journal_tells() -> None:
    _, digests = killed("accepted", "refused", "later", "unanswered", "unsent")
    recover(NOON)
    assert states() == ["accepted", "failed", "retry", "uncertain", "retry"]
    assert list(Digest.objects.order_by("pk").values_list("reason", flat=True)) == [
        "250 OK",
        "550 5.1.1 no such mailbox",
        "451 later",
        "the worker was stopped between the final dot and the reply",
        "its worker was stopped before it was sent",
    ]
    assert list(Digest.objects.due(NOON)) == [digests[4]]
    assert Suppression.objects.get().address == "refused1@example.net"


def test_what_was_claimed_and_not_begun_is_due_at_once() -> None:
    _, digests = killed("unsent", "unsent", begun=False)
    assert list(Digest.objects.due(NOON)) == []
    recover(NOON)
    assert list(Digest.objects.due(NOON)) == digests
    assert list(Digest.objects.values_list("state", "attempts", "claim")) == 2 * [("pending", 0, None)]


def test_after_a_loss_of_power_what_has_no_reply_is_uncertain(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    killed("accepted", "unanswered", "unsent")
    (tmp_path / "boot").write_text("another")
    monkeypatch.setattr(journal, "BOOT_ID", tmp_path / "boot")
    recover(NOON)
    assert states() == ["accepted", "uncertain", "uncertain"]


def test_journal_settles_what_was_given_up_meanwhile() -> None:
    killed("accepted", "unanswered", "unsent")
    ledger.sweep(NOON + LEASE * 2)
    assert states() == ["uncertain", "uncertain", "uncertain"]
    recover(NOON + LEASE * 3)
    assert states() == ["accepted", "uncertain", "retry"]
    assert Digest.objects.due(NOON + LEASE * 3).count() == 1


def test_journal_says_nothing_of_a_later_attempt() -> None:
    killed("accepted")
    Digest.objects.update(state="pending", claim=None, next_attempt_at=NOON)
    ledger.claim(NOON, limit=1)
    recover(NOON)
    assert (states(), list(Digest.objects.due(NOON))) == (["pending"], [])


def test_journal_of_digests_that_are_no_more_is_removed(settings: Any) -> None:
    killed("accepted", "unanswered")
    Digest.objects.all().delete()
    recover(NOON)
    assert list((settings.VAR_DIR / "journal").iterdir()) == []


def test_what_was_not_sent_and_is_too_late_expires() -> None:
    _, [digest] = killed("unsent")
    ledger.sweep(NOON + LEASE * 2)
    recover(digest.due_at + FRESHNESS + timedelta(minutes=1))
    assert states() == ["expired"]
    assert Digest.objects.get().reason == "not accepted in time: its worker was stopped before it was sent"


def test_closed_edition_stays_as_it_closed() -> None:
    killed("accepted", "unsent")
    ledger.sweep(NOON + LEASE * 2)
    Edition.objects.update(closed_at=NOON + timedelta(days=2))
    recover(NOON + timedelta(days=2))
    assert states() == ["uncertain", "uncertain"]


def test_recovery_is_done_once() -> None:
    killed("accepted", "unsent")
    recover(NOON)
    before = list(Digest.objects.order_by("pk").values())
    recover(NOON + timedelta(minutes=1))
    assert list(Digest.objects.order_by("pk").values()) == before
