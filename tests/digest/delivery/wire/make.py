"""Mails for the wire, a connection to hand them over on, and what a mail server has had of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.mail import EmailMultiAlternatives

from digest.delivery.wire.handover import Fate, Mail, Outcome
from digest.delivery.wire.smtp import SmtpTransport
from tests.mailserver import Recorder

ACCEPTED = Outcome(Fate.ACCEPTED, 250, "2.0.0 queued")


def make_mail(recipient: str = "ada", body: str = "Good morning.", **given: Any) -> Mail:
    address = recipient if "@" in recipient else f"{recipient}@example.net"
    raw = f"To: {address}\r\nSubject: Papers\r\n\r\n{body}\r\n".encode()
    stated = {"key": "0f" * 16, "sender": "digest@papers.example.org", "recipient": address, "raw": raw}
    return Mail(**stated | given, message=EmailMultiAlternatives)


@contextmanager
def connected() -> Iterator[SmtpTransport]:
    way = SmtpTransport()
    try:
        way.open()
        yield way
    finally:
        way.close()


def handed_over(*recipients: str, ahead: bool = True) -> list[Outcome]:
    """Hand over one mail after the other, each together with the envelope of the next (`ahead`)."""
    mails = [make_mail(recipient) for recipient in recipients]
    following = [*mails[1:], None] if ahead else [None] * len(mails)
    with connected() as way:
        return [way.send(mail, then) for mail, then in zip(mails, following, strict=True)]


def reached(recorder: Recorder) -> list[str]:
    return [address.partition("@")[0] for address, _ in recorder.received]
