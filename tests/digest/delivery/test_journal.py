import os
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from digest.delivery import journal as module
from digest.delivery.journal import Journal, Noted, NotNoted, Unwritable, abandoned
from digest.delivery.wire.handover import Fate, Outcome
from digest.models.claims import LEASE
from tests.make import NOON

UNTIL = NOON + LEASE
ACCEPTED = Outcome(Fate.ACCEPTED, 250, "250 2.0.0 queued as “Ω”")
FULL = Path("/dev/full")


@pytest.fixture
def folder(settings: Any) -> Path:
    return Path(settings.VAR_DIR) / "journal"


def leave(journal: Journal) -> UUID:
    """Let go of a journal as a process does that is killed."""
    os.close(journal.file)
    return journal.token


def read() -> list[Noted]:
    return [settled(noted) for noted in abandoned()]


def settled(noted: Noted) -> Noted:
    noted.is_settled = True
    return noted


def test_journal_of_a_living_worker_is_left_alone(folder: Path) -> None:
    journal = Journal(uuid4(), UNTIL)
    journal.dot("a", NOON)
    assert read() == []
    assert [path.name for path in folder.iterdir()] == [journal.token.hex]
    journal.close(finished=True)
    assert list(folder.iterdir()) == []


def test_abandoned_journal_tells_each_fate_and_is_removed(folder: Path) -> None:
    journal = Journal(uuid4(), UNTIL)
    for key in ("answered", "unanswered"):
        journal.dot(key, NOON)
    journal.reply("answered", ACCEPTED)
    journal.reply("refused", Outcome(Fate.FAILED, 550, "550 no"))
    token = leave(journal)
    [noted] = read()
    assert noted.token == token
    assert noted.outcome("answered") == ACCEPTED
    assert noted.outcome("refused") == Outcome(Fate.FAILED, 550, "550 no")
    assert noted.outcome("unanswered") == Outcome(
        Fate.UNCERTAIN, reason="the worker was stopped between the final dot and the reply"
    )
    assert noted.outcome("never begun") is None
    assert (read(), list(folder.iterdir())) == ([], [])


def test_after_a_loss_of_power_only_replies_count(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    journal = Journal(uuid4(), UNTIL)
    journal.reply("answered", ACCEPTED)
    leave(journal)
    (tmp_path / "boot").write_text("another one\n")
    monkeypatch.setattr(module, "BOOT_ID", tmp_path / "boot")
    [noted] = read()
    assert noted.outcome("answered") == ACCEPTED
    assert noted.outcome("unanswered") == Outcome(
        Fate.UNCERTAIN, reason="the machine was switched off while it was handed over"
    )


def test_system_that_does_not_tell_its_runs_apart_counts_as_switched_off(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(module, "BOOT_ID", tmp_path / "missing")
    leave(Journal(uuid4(), UNTIL))
    [noted] = read()
    outcome = noted.outcome("any")
    assert outcome is not None
    assert outcome.fate == Fate.UNCERTAIN


def test_half_a_line_is_no_line_and_spoils_no_other() -> None:
    journal = Journal(uuid4(), UNTIL)
    journal.dot("a", NOON)
    os.write(journal.file, b'\n["reply", "a", "acce')
    journal.dot("b", NOON)
    os.write(journal.file, b'\n["dot", "c')
    leave(journal)
    [noted] = read()
    assert (noted.dots, noted.replies) == ({"a", "b"}, {})


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\0" * 99, b'["reply", "a", "sold", 250, ""]\n', b"[]\n{}\n17\n"])
def test_file_of_nonsense_tells_nothing_and_is_removed(folder: Path, content: bytes) -> None:
    folder.mkdir()
    (folder / uuid4().hex).write_bytes(content)
    [noted] = read()
    assert (noted.boot, noted.dots, noted.replies) == ("", set(), {})
    assert list(folder.iterdir()) == []


def test_file_that_is_no_journal_or_cannot_be_read_is_left(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder.mkdir()
    (folder / "README").write_text("not ours")
    strange = folder / uuid4().hex
    strange.mkdir()
    assert read() == []
    assert sorted(path.name for path in folder.iterdir()) == sorted(["README", strange.name])
    assert f"journal={strange} cannot be read" in caplog.text


def test_journal_that_is_being_made_is_left_until_it_is_old(folder: Path) -> None:
    folder.mkdir()
    path = folder / f"{uuid4().hex}.new"
    path.touch()
    assert (read(), path.exists()) == ([], True)
    old = path.stat().st_mtime - LEASE.total_seconds() - 1
    os.utime(path, (old, old))
    assert (read(), path.exists()) == ([], False)


def test_two_who_recover_at_once_read_a_journal_once() -> None:
    leave(Journal(uuid4(), UNTIL))
    first, second = abandoned(), abandoned()
    settled(next(first))
    assert list(second) == []
    assert list(first) == []
    assert read() == []


def test_journal_is_kept_until_it_is_settled() -> None:
    token = leave(Journal(uuid4(), UNTIL))
    assert [noted.token for noted in abandoned()] == [token]
    assert [noted.token for noted in read()] == [token]
    assert read() == []


def test_no_dot_is_allowed_once_the_lease_is_over() -> None:
    journal = Journal(uuid4(), UNTIL)
    journal.dot("a", UNTIL - timedelta(seconds=1))
    with pytest.raises(NotNoted, match="it was not sent in the time that its worker had for it"):
        journal.dot("b", UNTIL)
    journal.close(finished=True)


@pytest.mark.skipif(not FULL.exists(), reason="needs a disk that is always full")
def test_no_dot_is_allowed_where_the_disk_is_full(caplog: pytest.LogCaptureFixture) -> None:
    journal = Journal(uuid4(), UNTIL)
    full = os.open(FULL, os.O_WRONLY)
    os.dup2(full, journal.file)
    os.close(full)
    with pytest.raises(Unwritable, match=r"the journal of deliveries cannot be written: .*No space left"):
        journal.dot("a", NOON)
    journal.reply("a", ACCEPTED)
    assert "mail=a: its reply cannot be noted" in caplog.text
    journal.close(finished=True)


def test_journal_cannot_begin_where_the_folder_cannot_be_written(folder: Path) -> None:
    folder.parent.mkdir(exist_ok=True)
    folder.write_text("a file in its place")
    with pytest.raises(Unwritable, match=r"the journal of deliveries cannot be written: .*journal"):
        Journal(uuid4(), UNTIL)
