"""Writes mail into files, for a first look and for tests: the mail system of an installation that has none."""

from pathlib import Path

from digest.delivery.wire.handover import BeforeDot, Fate, Mail, MailSystemDown, Outcome, unheard
from digest.delivery.wire.parcel import Unsendable, final

OUTBOX_BACKEND = "django.core.mail.backends.filebased.EmailBackend"


class OutboxTransport:
    """Files, one per mail, which appear whole or not at all."""

    def __init__(self, folder: Path, before_dot: BeforeDot = unheard) -> None:
        self.before_dot = before_dot
        self.folder = folder

    def open(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise MailSystemDown(f"the outbox cannot be written: {error}") from error

    def close(self) -> None: ...

    def send(self, mail: Mail, then: Mail | None = None) -> Outcome:
        path = self.folder / f"{mail.key}.eml"
        unfinished = path.with_suffix(".part")
        try:
            unfinished.write_bytes(final(mail.raw))
            self.before_dot(mail)
            unfinished.replace(path)
        except Unsendable as error:
            return Outcome(Fate.FAILED, reason=f"not handed over: {error}")
        except OSError as error:
            return Outcome(Fate.RETRY, reason=f"the outbox cannot be written: {error}")
        return Outcome(Fate.ACCEPTED, reason=str(path))
