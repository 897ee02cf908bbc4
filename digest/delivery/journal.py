"""What a worker notes, on its own machine, of the hand-overs of one claim: a file in VAR_DIR/journal for each.

A line is written before each final dot, and one with the reply. A plain write outlives the process that made it, so
after a kill the fate of each mail is known: no dot, and it was certainly not accepted; a reply, and that is its fate; a
dot alone, and nobody knows. A machine that lost its power may have lost the last lines: then only replies count.

The worker holds a lock on the file as long as it lives. A file without one is abandoned; what follows from it is
`recover`'s.
"""

import fcntl
import json
import logging
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from time import time
from typing import Any
from uuid import UUID

from django.conf import settings

from digest.delivery.wire.handover import Fate, Outcome
from digest.models.claims import LEASE

log = logging.getLogger(__name__)

UNFINISHED = ".new"
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class NotNoted(Exception):
    """The final dot of a mail cannot be noted, so it must not be sent."""


class Unwritable(NotNoted):
    """The journal cannot be written, for whatever mail: nothing may be handed over on this machine."""

    def __init__(self, error: OSError) -> None:
        super().__init__(f"the journal of deliveries cannot be written: {error}")


class Journal:
    """The journal of one claim, by the worker who holds it. Several threads may write at once."""

    def __init__(self, token: UUID, until: datetime) -> None:
        """Begin the journal of a claim that lasts `until`. Raises Unwritable where the disk does not allow it."""
        self.token, self.until = token, until
        try:
            self.path = _folder() / token.hex
            unfinished = self.path.with_suffix(UNFINISHED)
            self.file = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        except OSError as error:
            raise Unwritable(error) from error
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX)
            self._write("boot", _boot())
            unfinished.rename(self.path)  # which is there from now on, locked and with its first line
        except OSError as error:
            os.close(self.file)
            unfinished.unlink(missing_ok=True)
            raise Unwritable(error) from error

    def dot(self, key: str, now: datetime) -> None:
        """Note that the final dot of the mail `key` is about to be sent. Raises NotNoted where it must not be."""
        if now >= self.until:
            raise NotNoted("it was not sent in the time that its worker had for it")
        try:
            self._write("dot", key)
        except OSError as error:
            raise Unwritable(error) from error

    def reply(self, key: str, outcome: Outcome) -> None:
        """Note what became of a mail. Without the note it is uncertain only if this process dies as well."""
        try:
            self._write("reply", key, outcome.fate.value, outcome.code, outcome.reason)
        except OSError as error:
            log.error("mail=%s: its reply cannot be noted: %s", key, error)

    def close(self, *, finished: bool) -> None:
        """Let go of the journal; where all of it is `finished` (in the database), remove it."""
        if finished:
            self.path.unlink(missing_ok=True)
        os.close(self.file)

    def _write(self, *words: Any) -> None:
        """Write one line, whole or not at all: it begins on a new one, behind whatever half a line is there."""
        line = f"\n{json.dumps(words)}\n".encode()
        if os.write(self.file, line) < len(line):
            raise OSError("the disk is full")


@dataclass(slots=True)
class Noted:
    """What an abandoned journal says: the keys of mails whose dot was to be sent, and the replies."""

    token: UUID
    boot: str = ""
    dots: set[str] = field(default_factory=set)
    replies: dict[str, Outcome] = field(default_factory=dict)
    is_settled: bool = False  # said by whoever has written it down

    def outcome(self, key: str) -> Outcome | None:
        """Return the fate of a mail whose hand-over had begun; None where it has certainly not been accepted."""
        if key in self.replies:
            return self.replies[key]
        if key in self.dots:
            return Outcome(Fate.UNCERTAIN, reason="the worker was stopped between the final dot and the reply")
        if not self.boot or self.boot != _boot():
            return Outcome(Fate.UNCERTAIN, reason="the machine was switched off while it was handed over")
        return None


def abandoned() -> Iterator[Noted]:
    """Yield what the journals say whose worker is gone; remove each that is settled when the next is asked for."""
    for path in sorted(_folder().iterdir()):
        if path.suffix == UNFINISHED:
            _clear(path)
        elif token := _token(path.name):
            try:
                yield from _read(path, token)
            except OSError as error:
                log.error("journal=%s cannot be read: %s", path, error)


def _read(path: Path, token: UUID) -> Iterator[Noted]:
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return  # its worker has finished meanwhile, or somebody else has read it
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return  # its worker lives
        if os.fstat(file.fileno()).st_nlink:  # or it was removed before the lock was had
            noted = _understood(token, file.read())
            yield noted
            if noted.is_settled:
                path.unlink(missing_ok=True)


def _understood(token: UUID, text: bytes) -> Noted:
    noted = Noted(token)
    for line in text.splitlines():
        with suppress(ValueError, TypeError):  # half a line, or none of ours
            match json.loads(line):
                case ["boot", str(boot)]:
                    noted.boot = boot
                case ["dot", str(key)]:
                    noted.dots.add(key)
                case ["reply", str(key), str(fate), int() | None as code, str(reason)]:
                    noted.replies[key] = Outcome(Fate(fate), code, reason)
    return noted


def _clear(path: Path) -> None:
    """Remove what a worker left that died before it had a journal: nothing was claimed yet."""
    with suppress(FileNotFoundError):
        if path.stat().st_mtime < time() - LEASE.total_seconds():
            path.unlink()


def _token(name: str) -> UUID | None:
    try:
        return UUID(hex=name)
    except ValueError:
        return None


def _folder() -> Path:
    folder = Path(settings.VAR_DIR) / "journal"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _boot() -> str:
    """Return what tells this run of the machine from the ones before; nothing where the system does not say."""
    try:
        return BOOT_ID.read_text().strip()
    except OSError:
        return ""
