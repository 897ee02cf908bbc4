import socket
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
from tests.mailserver import mail_server


def make_mail(recipient: str = "ada@example.net", body: str = "Good morning.") -> Mail:
    raw = f"To: {recipient}\r\nSubject: Papers\r\n\r\n{body}\r\n".encode()
    message = EmailMultiAlternatives("Papers", body, "digest@papers.example.org", [recipient])
    return Mail("0f" * 16, "digest@papers.example.org", recipient, raw, lambda: message)


def handed_over(recipient: str) -> Outcome:
    way = SmtpTransport()
    way.open()
    try:
        return way.send(make_mail(recipient))
    finally:
        way.close()


def test_smtp_accepts_and_keeps_the_bytes(settings: Any) -> None:
    with mail_server(settings) as recorder:
        outcome = handed_over("ada@example.net")
    assert outcome == Outcome(Fate.ACCEPTED, 250, "2.0.0 queued")
    assert recorder.received == [("ada@example.net", make_mail().raw)]


@pytest.mark.parametrize(
    ("recipient", "fate", "code", "reason"),
    [
        ("refuse@example.net", Fate.FAILED, 550, "550 5.1.1 no such mailbox"),
        ("refuse-and-close@example.net", Fate.FAILED, 550, "550 5.7.1 go away"),
        ("later@example.net", Fate.RETRY, 451, "451 4.7.1 try again later"),
        ("full@example.net", Fate.RETRY, 452, "452 4.2.2 mailbox full"),
    ],
)
def test_smtp_refusal_is_final_or_for_later_by_its_code(
    settings: Any, recipient: str, fate: Fate, code: int, reason: str
) -> None:
    with mail_server(settings) as recorder:
        assert handed_over(recipient) == Outcome(fate, code, reason)
    assert recorder.received == []


def test_smtp_connection_cut_before_the_dot_is_never_accepted_or_refused(settings: Any) -> None:
    with mail_server(settings) as recorder:
        outcome = handed_over("cut-before-dot@example.net")
    # Whether the dot still left this machine is a matter of timing; nothing may be called accepted or refused.
    assert outcome.fate in (Fate.RETRY, Fate.UNCERTAIN)
    assert recorder.received == []


def test_smtp_connection_cut_after_the_dot_is_uncertain(settings: Any) -> None:
    with mail_server(settings) as recorder:
        outcome = handed_over("cut-after-dot@example.net")
    assert outcome.fate is Fate.UNCERTAIN
    assert [address for address, _ in recorder.received] == ["cut-after-dot@example.net"]


@pytest.mark.parametrize(
    "first", ["refuse@example.net", "refuse-and-close@example.net", "full@example.net", "cut-after-dot@example.net"]
)
def test_smtp_next_mail_goes_out_whatever_became_of_the_one_before(settings: Any, first: str) -> None:
    with mail_server(settings):
        way = SmtpTransport()
        way.open()
        way.send(make_mail(first))
        assert way.send(make_mail("ada@example.net")).fate is Fate.ACCEPTED
        way.close()


def test_smtp_that_breaks_off_time_and_again_is_down(settings: Any) -> None:
    with mail_server(settings) as recorder:
        way = SmtpTransport()
        for recipient in (
            "cut-after-dot",
            "cut-after-dot",
            "refuse",
            "cut-after-dot",
            "cut-after-dot",
            "cut-after-dot",
        ):
            way.send(make_mail(f"{recipient}@example.net"))
        with pytest.raises(MailSystemDown, match="the mail system broke off 3 times in a row"):
            way.send(make_mail())
        way.close()
    assert [address for address, _ in recorder.received] == ["cut-after-dot@example.net"] * 5


def test_smtp_lines_that_begin_with_a_dot_arrive_as_they_were(settings: Any) -> None:
    body = ".first\r\n.\r\n..last"
    with mail_server(settings) as recorder:
        way = SmtpTransport()
        way.open()
        way.send(make_mail(body=body))
        way.close()
    assert recorder.received == [("ada@example.net", make_mail(body=body).raw)]


def test_smtp_without_a_server_is_down(settings: Any) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        settings.EMAIL_HOST, settings.EMAIL_PORT = unused.getsockname()
        with pytest.raises(MailSystemDown, match="the mail system cannot be reached"):
            SmtpTransport().open()


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
