from pathlib import Path
from typing import Any, cast

import pytest
import requests
from anymail.exceptions import AnymailAPIError, AnymailRecipientsRefused
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend

from digest.delivery.handover import Fate, Mail, MailSystemDown, Outcome
from digest.delivery.outbox import OutboxTransport
from digest.delivery.provider import BackendTransport
from digest.delivery.smtp import SmtpTransport
from digest.delivery.transport import transport


def make_mail(recipient: str = "ada@example.net", body: str = "Good morning.") -> Mail:
    raw = f"To: {recipient}\r\nSubject: Papers\r\n\r\n{body}\r\n".encode()
    message = EmailMultiAlternatives("Papers", body, "digest@papers.example.org", [recipient])
    return Mail("0f" * 16, "digest@papers.example.org", recipient, raw, lambda: message)


def test_outbox_writes_whole_files(tmp_path: Path) -> None:
    way = OutboxTransport(tmp_path / "outbox")
    way.open()
    outcome = way.send(make_mail())
    path = tmp_path / "outbox" / ("0f" * 16 + ".eml")
    assert outcome == Outcome(Fate.ACCEPTED, reason=str(path))
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    assert path.read_bytes() == make_mail().raw


def test_outbox_that_cannot_be_made_is_down(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("a file where the folder should be")
    with pytest.raises(MailSystemDown, match="the outbox cannot be written"):
        OutboxTransport(tmp_path / "outbox").open()


def test_backend_message_is_sent(settings: Any, mailoutbox: list[EmailMultiAlternatives]) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    way = BackendTransport()
    way.open()
    assert way.send(make_mail()) == Outcome(Fate.ACCEPTED)
    assert [message.to for message in mailoutbox] == [["ada@example.net"]]


def answered(status: int) -> AnymailAPIError:
    response = requests.Response()
    response.status_code = status
    return AnymailAPIError("the provider said no", response=response, status_code=status)


@pytest.mark.parametrize(
    ("error", "fate"),
    [
        (answered(429), "retry"),
        (answered(503), "retry"),
        (answered(422), "failed"),
        (AnymailAPIError("no answer"), "uncertain"),
        (TimeoutError("no answer"), "uncertain"),
        (AnymailRecipientsRefused("nobody"), "failed"),
        (ValueError("a header with a line break"), "failed"),
    ],
)
def test_backend_error_decides_the_fate(error: Exception, fate: str) -> None:
    class Raising:
        def send_messages(self, messages: list[Any]) -> int:
            raise error

    way = BackendTransport()
    way.backend = cast("BaseEmailBackend", Raising())
    assert way.send(make_mail()).fate == fate


@pytest.mark.parametrize(
    ("backend", "kind"),
    [
        ("django.core.mail.backends.smtp.EmailBackend", SmtpTransport),
        ("django.core.mail.backends.filebased.EmailBackend", OutboxTransport),
        ("anymail.backends.test.EmailBackend", BackendTransport),
    ],
)
def test_transport_follows_the_settings(settings: Any, backend: str, kind: type) -> None:
    settings.EMAIL_BACKEND = backend
    assert type(transport()) is kind
