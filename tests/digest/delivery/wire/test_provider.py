"""Anymail's own backends, against an HTTP server in the place of each provider's API."""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import pytest
from anymail.exceptions import AnymailAPIError, AnymailRecipientsRefused
from django.core.mail import EmailMultiAlternatives
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from digest.delivery.wire.handover import Fate, Mail, MailSystemDown, Outcome
from digest.delivery.wire.provider import BackendTransport

KEY = "00112233445566778899aabbccddeeff"
SENDER, RECIPIENT = "digest@papers.example.org", "ada@example.net"
TAKEN = {
    "Postmark": {"To": RECIPIENT, "MessageID": "m-17", "ErrorCode": 0, "Message": "OK"},
    "Mailgun": {"id": "m-17", "message": "Queued. Thank you."},
    "Brevo": {"messageId": "m-17"},
    "Resend": {"id": "m-17"},
}
REQUESTS = {
    "Postmark": "/email",
    "Mailgun": "/papers.example.org/messages",
    "Brevo": "/smtp/email",
    "Resend": "/emails",
}


def make_mail(raw: bytes = b"To: ada@example.net\r\n\r\nGood morning.\r\n") -> Mail:
    return Mail(
        KEY, SENDER, RECIPIENT, raw, lambda: EmailMultiAlternatives("Papers", "Good morning.", SENDER, [RECIPIENT])
    )


def use(settings: Any, name: str, address: str) -> None:
    settings.EMAIL_BACKEND = f"anymail.backends.{name.lower()}.EmailBackend"
    settings.ANYMAIL = {
        f"{name.upper()}_API_URL": address,
        f"{name.upper()}_{'SERVER_TOKEN' if name == 'Postmark' else 'API_KEY'}": "secret",
        "REQUESTS_TIMEOUT": 0.3,
    }


@contextmanager
def connected() -> Iterator[BackendTransport]:
    way = BackendTransport()
    way.open()
    yield way
    way.close()


def handed_over(mail: Mail | None = None) -> Outcome:
    with connected() as way:
        return way.send(mail or make_mail())


@pytest.mark.parametrize(
    ("name", "said"),
    [("Postmark", "sent"), ("Mailgun", "queued"), ("Brevo", "queued"), ("Resend", "queued")],
)
def test_provider_accepts_and_says_as_what(settings: Any, httpserver: HTTPServer, name: str, said: str) -> None:
    use(settings, name, httpserver.url_for("/"))
    httpserver.expect_request(REQUESTS[name]).respond_with_json(TAKEN[name])
    assert handed_over() == Outcome(Fate.ACCEPTED, reason=f"{said} as m-17")


def test_provider_keeps_its_connection_over_many_mails(settings: Any, httpserver: HTTPServer) -> None:
    use(settings, "Postmark", httpserver.url_for("/"))
    httpserver.expect_request("/email").respond_with_json(TAKEN["Postmark"])
    with connected() as way:
        session = way.backend.session
        assert [way.send(make_mail()).fate for _ in range(3)] == [Fate.ACCEPTED] * 3
        assert way.backend.session is session


def test_provider_is_told_the_key_of_the_mail(settings: Any, httpserver: HTTPServer) -> None:
    told: list[str] = []

    def brevo(request: Request) -> Response:
        told.append(request.get_json()["headers"]["idempotencyKey"])
        return Response(json.dumps(TAKEN["Brevo"]))

    def resend(request: Request) -> Response:
        told.append(request.headers["Idempotency-Key"])
        return Response(json.dumps(TAKEN["Resend"]))

    for name, answer in (("Brevo", brevo), ("Resend", resend)):
        use(settings, name, httpserver.url_for("/"))
        httpserver.expect_request(REQUESTS[name]).respond_with_handler(answer)
        handed_over()
    assert told == ["00112233-4455-6677-8899-aabbccddeeff"] * 2


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("Resend", 409, {"name": "invalid_idempotent_request", "message": "used before with another payload"}),
        ("Brevo", 400, {"code": "duplicate_parameter", "message": "idempotencyKey was used before"}),
    ],
)
def test_provider_that_has_had_the_mail_before_has_accepted_it(
    settings: Any, httpserver: HTTPServer, name: str, code: int, said: dict[str, str]
) -> None:
    use(settings, name, httpserver.url_for("/"))
    httpserver.expect_request(REQUESTS[name]).respond_with_json(said, status=code)
    outcome = handed_over()
    assert (outcome.fate, outcome.code) == (Fate.ACCEPTED, code)
    assert outcome.reason.startswith("taken at an earlier attempt: ")


@pytest.mark.parametrize(
    ("code", "fate"),
    [
        (400, Fate.FAILED),
        (401, Fate.FAILED),
        (422, Fate.FAILED),
        (429, Fate.RETRY),
        (500, Fate.RETRY),
        (503, Fate.RETRY),
        (502, Fate.UNCERTAIN),
        (504, Fate.UNCERTAIN),
    ],
)
def test_provider_answer_decides_the_fate(settings: Any, httpserver: HTTPServer, code: int, fate: Fate) -> None:
    use(settings, "Mailgun", httpserver.url_for("/"))
    httpserver.expect_request(REQUESTS["Mailgun"]).respond_with_json({"message": "for this reason"}, status=code)
    outcome = handed_over()
    assert (outcome.fate, outcome.code) == (fate, code)
    assert "for this reason" in outcome.reason


@pytest.mark.parametrize(
    "answer",
    [
        {"ErrorCode": 406, "Message": f"Found inactive addresses: {RECIPIENT}. Inactive recipients are ones that"},
        {"ErrorCode": 300, "Message": f"Invalid 'To' address: '{RECIPIENT}'."},
    ],
)
def test_provider_that_refuses_the_recipient_is_final(
    settings: Any, httpserver: HTTPServer, answer: dict[str, Any]
) -> None:
    use(settings, "Postmark", httpserver.url_for("/"))
    httpserver.expect_request("/email").respond_with_json(answer, status=422)
    assert handed_over().fate is Fate.FAILED
    settings.ANYMAIL = settings.ANYMAIL | {"IGNORE_RECIPIENT_STATUS": True}
    assert handed_over().fate is Fate.FAILED


def test_provider_whose_answer_cannot_be_read_is_uncertain(settings: Any, httpserver: HTTPServer) -> None:
    use(settings, "Postmark", httpserver.url_for("/"))
    httpserver.expect_request("/email").respond_with_data("<html>all is well</html>")
    outcome = handed_over()
    assert (outcome.fate, outcome.code) == (Fate.UNCERTAIN, 200)


def test_provider_that_does_not_answer_in_time_is_uncertain(settings: Any, httpserver: HTTPServer) -> None:
    def slowly(request: Request) -> Response:
        time.sleep(0.5)
        return Response(json.dumps(TAKEN["Postmark"]))

    use(settings, "Postmark", httpserver.url_for("/"))
    httpserver.expect_request("/email").respond_with_handler(slowly)
    assert handed_over().fate is Fate.UNCERTAIN


def test_provider_that_hangs_up_after_the_request_is_uncertain(settings: Any) -> None:
    def hang_up() -> None:
        connection, _ = server.accept()
        connection.recv(100)
        connection.close()

    with socket.create_server(("127.0.0.1", 0)) as server:
        use(settings, "Postmark", f"http://127.0.0.1:{server.getsockname()[1]}/")
        provider = Thread(target=hang_up)
        provider.start()
        outcome = handed_over()
        provider.join()
    assert outcome.fate is Fate.UNCERTAIN


@pytest.mark.parametrize("address", ["http://127.0.0.1:{port}/", "http://no-such-host.invalid/"])
def test_provider_that_cannot_be_reached_has_certainly_not_accepted(settings: Any, address: str) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        use(settings, "Postmark", address.format(port=unused.getsockname()[1]))
        with connected() as way:
            outcomes = [way.send(make_mail()) for _ in range(3)]
            with pytest.raises(MailSystemDown, match="could not be reached 3 times in a row"):
                way.send(make_mail())
    assert {outcome.fate for outcome in outcomes} == {Fate.RETRY}
    assert outcomes[0].reason.startswith("no connection: ")


def test_provider_is_not_given_a_mail_that_must_not_leave(settings: Any, httpserver: HTTPServer) -> None:
    use(settings, "Postmark", httpserver.url_for("/"))
    outcome = handed_over(make_mail(b"x" * 999))
    assert outcome == Outcome(Fate.FAILED, reason="not handed over: a line of 999 octets in the mail, of at most 998")
    assert httpserver.log == []


def test_other_backend_of_django_says_only_that_it_took_the_mail(
    settings: Any, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert handed_over() == Outcome(Fate.ACCEPTED)
    assert [message.to for message in mailoutbox] == [[RECIPIENT]]


@pytest.mark.parametrize(
    ("error", "fate"),
    [
        (AnymailAPIError("no answer"), Fate.UNCERTAIN),
        (TimeoutError("no answer"), Fate.UNCERTAIN),
        (ConnectionRefusedError("nobody there"), Fate.RETRY),
        (AnymailRecipientsRefused("nobody"), Fate.FAILED),
        (ValueError("a header with a line break"), Fate.FAILED),
    ],
)
def test_other_backend_error_decides_the_fate(error: Exception, fate: Fate) -> None:
    class Raising:
        def open(self) -> None: ...

        def close(self) -> None: ...

        def send_messages(self, messages: list[Any]) -> int:
            raise error

    way = BackendTransport()
    way.backend = Raising()
    assert way.send(make_mail()).fate is fate
