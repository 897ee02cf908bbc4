"""Connections: how long they live, what goes over them at once, what a server offers and allows."""

import socket
from typing import Any

import pytest

from digest.delivery.wire import session
from digest.delivery.wire.handover import Fate, MailSystemDown, Outcome
from digest.delivery.wire.smtp import SmtpTransport
from tests.digest.delivery.wire.make import ACCEPTED, connected, handed_over, make_mail, reached
from tests.mailserver import Recorder, mail_server


def test_smtp_many_mails_share_a_connection(server: Recorder) -> None:
    assert handed_over("a", "b", "c", "d") == [ACCEPTED] * 4
    assert (reached(server), server.connections) == (["a", "b", "c", "d"], 1)


def test_smtp_sends_the_next_envelope_along_with_the_dot(settings: Any) -> None:
    with mail_server(settings) as recorder:
        handed_over("a", "b", "c")
    envelope = b"MAIL FROM:<digest@papers.example.org> SIZE=53\r\nRCPT TO:<%b@example.net>\r\nDATA\r\n"
    assert recorder.ahead == [envelope % b"b", envelope % b"c", b""]


def test_smtp_sends_nothing_ahead_where_pipelining_is_not_offered(settings: Any) -> None:
    with mail_server(settings, pipelining=False) as recorder:
        handed_over("a", "b", "c")
    assert recorder.ahead == [b"", b"", b""]


@pytest.mark.parametrize("recipient", ["refuse", "sloppy", "later", "no-data", "full"])
def test_smtp_goes_on_with_the_connection_after_a_refusal(server: Recorder, recipient: str) -> None:
    handed_over("a", recipient, recipient, "b")
    assert server.connections == 1


def test_smtp_silent_server_is_not_waited_for_twice(server: Recorder, settings: Any) -> None:
    settings.MAIL_REPLY_TIMEOUT = 0.1
    with connected() as way:
        assert way.send(make_mail("slow-refuse")).fate is Fate.RETRY
    assert server.connections == 1


def test_smtp_that_hangs_up_at_the_greeting_is_down(settings: Any) -> None:
    with mail_server(settings, greeting="220 hello"), pytest.raises(MailSystemDown, match="cannot be reached"):
        SmtpTransport().open()


def test_smtp_makes_way_for_a_new_connection_after_so_many_mails(server: Recorder, settings: Any) -> None:
    settings.MAIL_PER_CONNECTION = 2
    assert handed_over("a", "b", "c", "d", "e") == [ACCEPTED] * 5
    assert (reached(server), server.connections) == (["a", "b", "c", "d", "e"], 3)


@pytest.mark.parametrize("pipelining", [True, False])
def test_smtp_server_that_ends_the_connection_after_so_many_mails_costs_no_attempt(
    settings: Any, pipelining: bool
) -> None:
    with mail_server(settings, pipelining=pipelining, most_mails=2) as recorder:
        assert handed_over(*"abcdefgh") == [ACCEPTED] * 8
    assert (reached(recorder), recorder.connections) == (list("abcdefgh"), 4)


def test_smtp_connection_that_ended_while_idle_costs_no_attempt(server: Recorder) -> None:
    with connected() as way:
        for _ in range(4):
            assert way.send(make_mail("a")) == ACCEPTED
            assert way.session is not None
            way.session.sock.shutdown(socket.SHUT_RDWR)
    assert server.connections == 4


def test_smtp_connection_that_was_idle_for_long_is_asked_first(
    server: Recorder, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "IDLE", 0.0)
    assert handed_over("a", "b", "c", ahead=False) == [ACCEPTED] * 3
    assert server.connections == 1


def test_smtp_mail_larger_than_the_server_takes_is_never_begun(settings: Any) -> None:
    mails = [make_mail("a"), make_mail("b", body="line\r\n" * 200), make_mail("c")]
    with mail_server(settings, data_size_limit=1000) as recorder, connected() as way:
        outcomes = [way.send(mail, then) for mail, then in zip(mails, [*mails[1:], None], strict=True)]
    reason = "not handed over: 1240 octets, and the mail system takes at most 1000"
    assert outcomes == [ACCEPTED, Outcome(Fate.FAILED, reason=reason), ACCEPTED]
    assert reached(recorder) == ["a", "c"]


def test_smtp_without_a_server_is_down(settings: Any) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        settings.EMAIL_HOST, settings.EMAIL_PORT = unused.getsockname()
        with pytest.raises(MailSystemDown, match="the mail system cannot be reached"):
            SmtpTransport().open()


@pytest.mark.parametrize("greeting", ["421 4.7.0 too many connections", "450 not now", "554 5.7.1 go away"])
def test_smtp_greeting_that_refuses_is_down(settings: Any, greeting: str) -> None:
    with (
        mail_server(settings, greeting=greeting),
        pytest.raises(MailSystemDown, match=f"takes no connection: .*{greeting[:3]}"),
    ):
        SmtpTransport().send(make_mail())


def test_smtp_login_that_is_refused_is_down(settings: Any) -> None:
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = "digest"  # noqa: S105 - nobody's
    with mail_server(settings), pytest.raises(MailSystemDown, match="the mail system cannot be reached"):
        SmtpTransport().open()
