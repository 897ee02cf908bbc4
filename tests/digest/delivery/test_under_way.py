from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.mail import EmailMultiAlternatives

from digest.delivery import under_way as module
from digest.delivery.journal import Journal
from digest.delivery.lines import Errand
from digest.delivery.under_way import UnderWay
from digest.delivery.wire.handover import Fate, Mail, Outcome
from digest.models.claims import LEASE
from tests.make import NOON

OK = Outcome(Fate.ACCEPTED, 250, "250 queued")
Results = list[tuple[str, Outcome]]


def begun(*keys: str) -> tuple[UnderWay[str], list[tuple[Errand, Outcome]]]:
    """Begin some mails under one journal, whose rows are their names; return what the lines will say of them."""
    way: UnderWay[str] = UnderWay()
    journal = Journal(uuid4(), NOON + LEASE)
    way.open(journal)
    way.begin(journal, {key: f"row {key}" for key in keys}, NOON)
    way.made(journal)
    mails = [Mail(key, "us@example.org", "you@example.org", b"", EmailMultiAlternatives) for key in keys]
    return way, [(Errand(mail, journal), OK) for mail in mails]


def written(results: Results) -> Results:
    return results


@pytest.fixture
def journals(settings: Any) -> Callable[[], int]:
    return lambda: len(list((Path(settings.VAR_DIR) / "journal").iterdir()))


def test_journal_is_removed_once_all_of_it_is_recorded(journals: Callable[[], int]) -> None:
    way, said = begun("a", "b")
    way.hear(said[:1])
    assert (way.record(written), journals()) == ([("row a", OK)], 1)
    way.hear(said[1:])
    assert (way.record(written), journals()) == ([("row b", OK)], 0)
    assert (way.record(written), way.rows) == ([], {})


def test_journal_stays_while_its_mails_are_made(journals: Callable[[], int]) -> None:
    way, said = begun("a")
    way.open(Journal(uuid4(), NOON + LEASE))  # whose `begin` may have been committed, and not answered
    way.hear(said)
    way.record(written)
    assert journals() == 1
    way.abandon()
    assert journals() == 1


def test_what_could_not_be_written_is_kept(journals: Callable[[], int]) -> None:
    def failing(results: Results) -> Results:
        raise OSError("gone")

    way, said = begun("a")
    way.hear(said)
    with pytest.raises(OSError, match="gone"):
        way.record(failing)
    assert way.record(written) == [("row a", OK)]
    assert journals() == 0


def test_what_is_abandoned_is_left_to_its_journal(journals: Callable[[], int]) -> None:
    way, said = begun("a", "b")
    way.hear(said[:1])
    way.record(written)
    way.abandon()
    assert journals() == 1


def test_recording_waits_for_a_slice_or_the_last_but_not_long(monkeypatch: pytest.MonkeyPatch) -> None:
    way, said = begun("a", "b", "c")
    assert not way.is_worth_recording(in_flight=0, most=2)
    way.hear(said[:1])
    assert not way.is_worth_recording(in_flight=2, most=2)
    assert way.is_worth_recording(in_flight=0, most=2)
    way.hear(said[1:2])
    assert way.is_worth_recording(in_flight=1, most=2)
    way.record(written)
    monkeypatch.setattr(module, "LONGEST", 0)
    way.hear(said[2:])
    assert way.is_worth_recording(in_flight=1, most=2)
    way.record(written)


def test_claims_are_renewed_in_time_and_never_when_it_is_all_but_over() -> None:
    way, _ = begun("a")
    [journal] = way.journals
    assert way.to_renew(NOON + timedelta(minutes=4)) == []
    assert way.to_renew(NOON + timedelta(minutes=6)) == [journal]
    assert way.to_renew(NOON + timedelta(minutes=9, seconds=30)) == []
    way.renewed([journal], NOON + timedelta(minutes=6))
    assert journal.until == NOON + timedelta(minutes=16)
    way.abandon()
