import os
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event
from time import sleep
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction

from digest.delivery import journal, ledger, letter_ledger
from digest.delivery.editions import FRESHNESS
from digest.delivery.journal import Journal
from digest.delivery.recover import recover
from digest.delivery.wire.handover import Fate, Outcome
from digest.models import Digest, Edition, Letter, Suppression
from digest.models.claims import LEASE
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
        "the worker was stopped before it was sent",
    ]
    assert list(Digest.objects.due(NOON)) == [digests[4]]
    assert Suppression.objects.get().address == "refused1@example.net"


def test_what_was_claimed_and_not_begun_is_due_at_once() -> None:
    _, digests = killed("unsent", "unsent", begun=False)
    assert list(Digest.objects.due(NOON)) == []
    recover(NOON)
    assert list(Digest.objects.due(NOON)) == digests
    assert list(Digest.objects.values_list("state", "attempts", "claim")) == 2 * [("pending", 1, None)]


def test_what_workers_die_of_time_and_again_waits_so_that_others_get_by() -> None:
    killed("unsent", begun=False)
    for _ in range(ledger.STRIKES):
        recover(NOON)
        noted = Journal(uuid4(), NOON + LEASE)
        assert len(ledger.claim(NOON, limit=1, token=noted.token).digests) == 1
        os.close(noted.file)
    recover(NOON)
    suspect = Digest.objects.get()
    assert (suspect.state, suspect.reason) == ("retry", "workers stopped time and again while it was made")
    assert list(Digest.objects.due(NOON + timedelta(minutes=10))) == []
    assert list(Digest.objects.due(NOON + timedelta(minutes=30))) == [suspect]


def test_journal_that_cannot_be_written_down_waits_and_stops_nobody(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):
        killed("accepted")
    settle, broken = ledger.recover, iter([True])

    def sometimes(*given: Any) -> Any:
        if next(broken, False):
            raise ValueError("not now")
        return settle(*given)

    monkeypatch.setattr(ledger, "recover", sometimes)
    recover(NOON)
    assert sorted(states()) == ["accepted", "handing_over"]
    assert "its journal waits for the next run" in caplog.text
    recover(NOON)
    assert states() == ["accepted", "accepted"]


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
    assert Digest.objects.get().reason == "not accepted in time: the worker was stopped before it was sent"


def test_closed_edition_stays_as_it_closed() -> None:
    killed("accepted", "unsent")
    ledger.sweep(NOON + LEASE * 2)
    Edition.objects.update(closed_at=NOON + timedelta(days=2))
    recover(NOON + timedelta(days=2))
    assert states() == ["uncertain", "uncertain"]


@pytest.mark.django_db(transaction=True)
def test_last_statement_of_a_dead_worker_that_is_still_on_its_way_is_waited_for() -> None:
    _, digests = killed("unsent", begun=False)
    is_sent = Event()

    def begin_late() -> None:
        try:
            with transaction.atomic():
                assert ledger.begin([(digest, SAYS) for digest in digests], NOON) == digests
                is_sent.set()
                sleep(0.3)
        finally:
            connection.close()

    with ThreadPoolExecutor() as threads:
        late = threads.submit(begin_late)
        is_sent.wait()
        recover(NOON)
        late.result()
    assert (states(), list(Digest.objects.due(NOON))) == (["retry"], digests)


def test_recovery_is_done_once() -> None:
    killed("accepted", "unsent")
    recover(NOON)
    before = list(Digest.objects.order_by("pk").values())
    recover(NOON + timedelta(minutes=1))
    assert list(Digest.objects.order_by("pk").values()) == before


def killed_with_letters(*fates: str) -> list[Letter]:
    for fate in fates:
        Letter.objects.post("code", f"{fate}@example.net", now=NOON, said={"code": "ABC-DEF", "minutes": 15})
    noted = Journal(uuid4(), NOON + LEASE)
    claimed = letter_ledger.claim(NOON, limit=len(fates), token=noted.token)
    assert letter_ledger.begin(claimed[:-1], NOON) == claimed[:-1]  # it was killed while it put the last into words
    for letter, fate in zip(claimed, fates, strict=True):
        if fate in ("unanswered", "accepted"):
            noted.dot(letter.key.hex, NOON)
        if fate == "accepted":
            noted.reply(letter.key.hex, ACCEPTED)
    os.close(noted.file)
    return claimed


def test_letters_of_a_dead_worker_get_their_fates() -> None:
    letters = killed_with_letters("accepted", "unanswered", "unsent", "claimed")
    recover(NOON)
    assert list(Letter.objects.order_by("pk").values_list("state", "said")) == [
        ("accepted", {}),
        ("uncertain", {}),
        ("waiting", {"code": "ABC-DEF", "minutes": 15}),
        ("waiting", {"code": "ABC-DEF", "minutes": 15}),
    ]
    assert list(Letter.objects.due(NOON)) == letters[2:]


def test_letter_that_was_given_up_and_not_sent_has_forgotten_what_it_said() -> None:
    killed_with_letters("accepted", "unsent", "claimed")
    letter_ledger.sweep(NOON + LEASE * 2)
    recover(NOON + LEASE * 2)
    assert list(Letter.objects.order_by("pk").values_list("state", "reason")) == [
        ("accepted", "250 OK"),
        ("expired", "not accepted in time: the worker was stopped before it was sent"),
        ("waiting", ""),
    ]
