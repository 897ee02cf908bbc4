"""Hands mail over to any other Django backend, such as anymail's for the API of a mail provider.

There is no final dot here: once the request has left, nobody knows until the answer comes. What is certain without one
is only that no connection was made. A provider that knows keys of idempotency is told the mail's own with it, so that
the same mail, sent again because nobody knew, is not sent twice by the provider.
"""

import socket
import ssl
from typing import Any
from uuid import UUID

import requests
import urllib3
from anymail.exceptions import AnymailAPIError
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection

from digest.delivery.wire.handover import BeforeDot, Fate, Mail, MailSystemDown, Outcome, refused, unheard, words
from digest.delivery.wire.parcel import Unsendable, check

MOST_UNREACHED = 3
NO_CONNECTION = (
    requests.ConnectTimeout,
    urllib3.exceptions.NewConnectionError,  # refused, no route, no such name
    ssl.SSLCertVerificationError,
    ConnectionRefusedError,
    socket.gaierror,
)
# What providers answer to a key that they have seen: the mail was taken before (Resend: within 24 hours, Brevo: 30
# minutes).
TAKEN_BEFORE = ("invalid_idempotent_request", "duplicate_parameter")
UNANSWERED = (502, 504)  # a gateway that does not know either


def in_use() -> str:
    """Return the name of the anymail provider that sends the mail; "" where none does."""
    package, _, rest = str(settings.EMAIL_BACKEND).partition(".backends.")
    return rest.partition(".")[0] if package == "anymail" else ""


class BackendTransport:
    """Any other Django backend, kept open. Where it cannot be reached time and again, the mail system is down."""

    def __init__(self, before_dot: BeforeDot = unheard) -> None:
        self.before_dot = before_dot
        self.backend: Any = get_connection()
        self.unreached = 0  # times in a row

    def open(self) -> None:
        try:
            self.backend.open()
        except Exception as error:
            raise MailSystemDown(f"the mail system cannot be reached: {error}") from error

    def close(self) -> None:
        self.backend.close()

    def send(self, mail: Mail, then: Mail | None = None) -> Outcome:
        if self.unreached == MOST_UNREACHED:
            raise MailSystemDown(f"the mail system could not be reached {MOST_UNREACHED} times in a row")
        try:
            check(mail.raw)
            message = mail.message()
        except Unsendable as error:
            return Outcome(Fate.FAILED, reason=f"not handed over: {error}")
        self.open()
        self._tell_key(mail, message)
        self.before_dot(mail)
        try:
            sent = self.backend.send_messages([message])
        except Exception as error:
            never_left = _never_left(error)
            self.unreached = self.unreached + 1 if never_left else 0
            return Outcome(Fate.RETRY, reason=f"no connection: {_said(error)}") if never_left else _judged(error)
        self.unreached = 0
        return _answered(message) if sent else Outcome(Fate.FAILED, reason="the mail system took no mail")

    def _tell_key(self, mail: Mail, message: EmailMultiAlternatives) -> None:
        """Send the mail's key along, for the providers that know such keys, each in its way."""
        key = str(UUID(mail.key))
        name = getattr(self.backend, "esp_name", "")
        if name == "Brevo":
            message.extra_headers["idempotencyKey"] = key
        elif name == "Resend":
            self.backend.session.headers["Idempotency-Key"] = key


def _answered(message: EmailMultiAlternatives) -> Outcome:
    """Return what the provider said of the one recipient; other backends of Django say nothing."""
    recipients = getattr(getattr(message, "anymail_status", None), "recipients", {})
    for status in recipients.values():
        if status.status in ("rejected", "invalid", "failed"):
            return Outcome(Fate.FAILED, reason=f"the provider answered: {status.status}")
        return Outcome(Fate.ACCEPTED, reason=f"{status.status} as {status.message_id}")
    return Outcome(Fate.ACCEPTED)


def _judged(error: Exception) -> Outcome:
    """Return the fate that a backend's exception tells: a clear no, a "later", or nothing certain."""
    code = getattr(error, "status_code", None)
    if code is not None and code >= 400 and any(word in str(error) for word in TAKEN_BEFORE):
        return Outcome(Fate.ACCEPTED, code, f"taken at an earlier attempt: {_said(error)}")
    if code is not None and code >= 400 and code not in UNANSWERED:
        return refused(code, str(error).encode(), later=code == 429 or code >= 500)
    if isinstance(error, AnymailAPIError | OSError):
        return Outcome(Fate.UNCERTAIN, code, f"the provider's answer is unknown: {_said(error)}")
    return Outcome(Fate.FAILED, reason=f"the mail system refused: {_said(error)}")


def _never_left(error: BaseException | None) -> bool:
    """Whether the reason, however deep down, is that no connection was made."""
    while error is not None:
        if isinstance(error, NO_CONNECTION):
            return True
        error = error.__cause__ or error.__context__
    return False


def _said(error: Exception) -> str:
    return words(str(error).encode())
