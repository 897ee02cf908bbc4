"""Hands mail over to any other Django backend, such as anymail's for the API of a mail provider."""

from anymail.exceptions import AnymailAPIError
from django.core.mail import get_connection

from digest.delivery.handover import BeforeDot, Fate, Mail, MailSystemDown, Outcome, refused, unheard
from digest.delivery.wire import Unsendable, check


class BackendTransport:
    """Any other Django backend, such as anymail's. What it raises after the request left is uncertain."""

    def __init__(self, before_dot: BeforeDot = unheard) -> None:
        self.before_dot = before_dot
        self.backend = get_connection()

    def open(self) -> None:
        try:
            self.backend.open()
        except Exception as error:
            raise MailSystemDown(f"the mail system cannot be reached: {error}") from error

    def close(self) -> None:
        self.backend.close()

    def send(self, mail: Mail, then: Mail | None = None) -> Outcome:
        try:
            check(mail.raw)
        except Unsendable as error:
            return Outcome(Fate.FAILED, reason=f"not handed over: {error}")
        self.before_dot(mail)
        try:
            sent = self.backend.send_messages([mail.message()])
        except Exception as error:
            return _judged(error)
        return Outcome(Fate.ACCEPTED) if sent else Outcome(Fate.FAILED, reason="the mail system took no mail")


def _judged(error: Exception) -> Outcome:
    """Return the fate that a backend's exception tells: a clear no, a "later", or nothing certain."""
    code = getattr(error, "status_code", None)
    if code is not None:
        return refused(code, str(error).encode(), later=code == 429 or code >= 500)
    if isinstance(error, AnymailAPIError | OSError):
        return Outcome(Fate.UNCERTAIN, reason=f"the provider's answer is unknown: {error}")
    return Outcome(Fate.FAILED, reason=f"the mail system refused: {error}")
