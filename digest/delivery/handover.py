"""Hands one mail to a mail system, and says what became of it.

Phase-aware: before the final dot nothing was accepted and trying again is safe; between the final dot and the reply
nobody knows, and the mail is not sent again by itself. Recording the fate is `ledger`'s.
"""

import smtplib
import socket
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from anymail.exceptions import AnymailAPIError
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection

SMTP_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
OUTBOX_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
MOST_BROKEN = 3


class Fate(StrEnum):
    ACCEPTED = "accepted"
    RETRY = "retry"
    FAILED = "failed"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The fate of a hand-over, with the mail system's reply code (None where it gave none) and words."""

    fate: Fate
    code: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Mail:
    """One finished mail: the envelope, the bytes with CRLF line ends, and how to make it for Django's backends."""

    key: str
    sender: str
    recipient: str
    raw: bytes
    message: Callable[[], EmailMultiAlternatives]


class MailSystemDown(Exception):
    """No connection to the mail system: nothing was handed over, for anybody."""


class Transport(Protocol):
    """A way to a mail system, kept open over many mails."""

    def open(self) -> None:
        """Connect. Raises MailSystemDown."""

    def send(self, mail: Mail) -> Outcome:
        """Hand over one mail. Raises MailSystemDown where no connection could be made for it."""

    def close(self) -> None: ...


def transport() -> Transport:
    """Return the way that the settings name: SMTP, files, or any other backend of Django (anymail's providers)."""
    if settings.EMAIL_BACKEND == SMTP_BACKEND:
        return SmtpTransport()
    if settings.EMAIL_BACKEND == OUTBOX_BACKEND:
        return OutboxTransport(Path(settings.EMAIL_FILE_PATH))
    return BackendTransport()


class SmtpTransport:
    """SMTP, one transaction per mail on a connection that is kept. Django's backend brings TLS and login.

    A connection that breaks may be one mail's misfortune. Where it breaks time and again, the mail system is down: each
    further mail would wait for nothing, or end as uncertain.
    """

    def __init__(self) -> None:
        self.backend: Any = get_connection(SMTP_BACKEND)
        self.broken = 0  # times in a row

    def open(self) -> None:
        try:
            if self.backend.open():
                self._greet(self.backend.connection)
        except (OSError, smtplib.SMTPException) as error:
            raise MailSystemDown(f"the mail system cannot be reached: {error}") from error

    def close(self) -> None:
        self.backend.close()

    def send(self, mail: Mail) -> Outcome:
        if self.broken == MOST_BROKEN:
            raise MailSystemDown(f"the mail system broke off {MOST_BROKEN} times in a row")
        self.open()  # does nothing where the connection of the mail before is still there
        connection: smtplib.SMTP = self.backend.connection
        try:
            refusal = self._envelope(connection, mail)
            if refusal is not None:
                self.broken = 0
                self._reset(connection)
                return refusal
            connection.send(_dot_stuffed(mail.raw))
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            self.broken += 1
            return Outcome(Fate.RETRY, reason=f"the connection broke before the mail was complete: {error}")
        return self._finish(connection)

    def _greet(self, connection: smtplib.SMTP) -> None:
        """Say hello, and let no small piece (the final dot) wait for the answer to the one before."""
        connection.ehlo_or_helo_if_needed()
        if connection.sock is not None:
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def _envelope(self, connection: smtplib.SMTP, mail: Mail) -> Outcome | None:
        """Go as far as the permission to send the mail; return the refusal where there is one."""
        code, reply = connection.mail(mail.sender)
        if code == 250:
            code, reply = connection.rcpt(mail.recipient)
        if code in (250, 251):
            code, reply = connection.docmd("DATA")
        return None if code == 354 else _refused(code, reply)

    def _finish(self, connection: smtplib.SMTP) -> Outcome:
        """Send the final dot and wait for the reply: from here on the mail may have been accepted."""
        try:
            connection.send(b".\r\n")
            code, reply = connection.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            self.broken += 1
            return Outcome(Fate.UNCERTAIN, reason=f"the connection broke before the reply: {error}")
        self.broken = 0
        return Outcome(Fate.ACCEPTED, code, _words(reply)) if code == 250 else _refused(code, reply)

    def _reset(self, connection: smtplib.SMTP) -> None:
        """Clear the way for the next mail, on a new connection where the server has closed this one."""
        try:
            connection.rset()
        except (OSError, smtplib.SMTPException):
            self._drop()

    def _drop(self) -> None:
        """Forget a broken connection, so that the next mail opens a new one."""
        connection, self.backend.connection = self.backend.connection, None
        if connection is not None:
            connection.close()


class OutboxTransport:
    """Files, one per mail, which appear whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def open(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise MailSystemDown(f"the outbox cannot be written: {error}") from error

    def close(self) -> None: ...

    def send(self, mail: Mail) -> Outcome:
        path = self.folder / f"{mail.key}.eml"
        unfinished = path.with_suffix(".part")
        try:
            unfinished.write_bytes(mail.raw)
            unfinished.replace(path)
        except OSError as error:
            return Outcome(Fate.RETRY, reason=f"the outbox cannot be written: {error}")
        return Outcome(Fate.ACCEPTED, reason=str(path))


class BackendTransport:
    """Any other Django backend, such as anymail's. What it raises after the request left is uncertain."""

    def __init__(self) -> None:
        self.backend = get_connection()

    def open(self) -> None:
        try:
            self.backend.open()
        except Exception as error:
            raise MailSystemDown(f"the mail system cannot be reached: {error}") from error

    def close(self) -> None:
        self.backend.close()

    def send(self, mail: Mail) -> Outcome:
        try:
            sent = self.backend.send_messages([mail.message()])
        except Exception as error:
            return _judged(error)
        return Outcome(Fate.ACCEPTED) if sent else Outcome(Fate.FAILED, reason="the mail system took no mail")


def _judged(error: Exception) -> Outcome:
    """Return the fate that a backend's exception tells: a clear no, a "later", or nothing certain."""
    code = getattr(error, "status_code", None)
    if code is not None:
        return _refused(code, str(error).encode(), later=code == 429 or code >= 500)
    if isinstance(error, AnymailAPIError | OSError):
        return Outcome(Fate.UNCERTAIN, reason=f"the provider's answer is unknown: {error}")
    return Outcome(Fate.FAILED, reason=f"the mail system refused: {error}")


def _refused(code: int, reply: bytes, *, later: bool | None = None) -> Outcome:
    later = 400 <= code < 500 if later is None else later
    return Outcome(Fate.RETRY if later else Fate.FAILED, code, f"{code} {_words(reply)}")


def _words(reply: bytes) -> str:
    return " ".join(reply.decode(errors="replace").split())[:250]


def _dot_stuffed(raw: bytes) -> bytes:
    """Return the mail's lines for DATA (RFC 5321, 4.5.2), complete but for the final dot."""
    stuffed = raw.replace(b"\r\n.", b"\r\n..")
    stuffed = b"." + stuffed if stuffed.startswith(b".") else stuffed
    return stuffed if stuffed.endswith(b"\r\n") else stuffed + b"\r\n"
