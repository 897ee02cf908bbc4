import time
from typing import Any

import pytest

from digest.delivery.wire.handover import Fate, Mail, MailSystemDown, Outcome
from digest.delivery.wire.smtp import SmtpTransport
from tests.digest.delivery.wire.make import ACCEPTED, connected, handed_over, make_mail, reached
from tests.mailserver import Recorder


def test_smtp_accepts_and_keeps_bytes_and_envelope(server: Recorder) -> None:
    with connected() as way:
        assert way.send(make_mail(sender="bounce+17@papers.example.org")) == ACCEPTED
    assert server.received == [("ada@example.net", make_mail().raw)]
    assert server.senders == ["bounce+17@papers.example.org"]


@pytest.mark.parametrize("ahead", [True, False])
@pytest.mark.parametrize(
    ("recipient", "outcome"),
    [
        ("refuse", Outcome(Fate.FAILED, 550, "550 5.1.1 no such mailbox")),
        ("sloppy", Outcome(Fate.FAILED, 550, "550 5.1.1 no such mailbox")),
        ("refuse-and-close", Outcome(Fate.FAILED, 550, "550 5.7.1 go away")),
        ("later", Outcome(Fate.RETRY, 451, "451 4.7.1 try again later")),
        ("no-data", Outcome(Fate.FAILED, 554, "554 5.7.1 not from you")),
        ("closing", Outcome(Fate.RETRY, 421, "421 4.7.0 too much of this")),
        ("full", Outcome(Fate.RETRY, 452, "452 4.2.2 mailbox full")),
        ("closing-at-dot", Outcome(Fate.RETRY, 421, "421 4.3.2 shutting down")),
    ],
)
def test_smtp_refusal_touches_only_its_recipient(
    server: Recorder, recipient: str, outcome: Outcome, ahead: bool
) -> None:
    assert handed_over("a", recipient, "b", "c", ahead=ahead) == [ACCEPTED, outcome, ACCEPTED, ACCEPTED]
    assert reached(server) == ["a", "b", "c"]


def test_smtp_slow_refusal_is_waited_for(server: Recorder, settings: Any) -> None:
    settings.EMAIL_TIMEOUT = 0.25
    assert handed_over("slow-refuse", "a") == [Outcome(Fate.FAILED, 550, "550 5.1.1 no such mailbox"), ACCEPTED]


def test_smtp_slow_reply_to_the_dot_is_waited_for(server: Recorder, settings: Any) -> None:
    settings.EMAIL_TIMEOUT = 0.25
    assert handed_over("slow", "a") == [ACCEPTED, ACCEPTED]


def test_smtp_unheard_refusal_is_for_later_and_an_unheard_reply_to_the_dot_is_uncertain(
    server: Recorder, settings: Any
) -> None:
    settings.MAIL_REPLY_TIMEOUT = 0.1
    fates = [outcome.fate for outcome in handed_over("slow-refuse", "a", "slow", "b")]
    assert fates == [Fate.RETRY, Fate.ACCEPTED, Fate.UNCERTAIN, Fate.ACCEPTED]


@pytest.mark.parametrize("recipient", ["cut-after-dot", "nonsense-at-dot"])
def test_smtp_without_a_reply_to_the_dot_is_uncertain(server: Recorder, recipient: str) -> None:
    accepted, uncertain, then = handed_over("a", recipient, "b")
    assert (accepted, uncertain.fate, then) == (ACCEPTED, Fate.UNCERTAIN, ACCEPTED)
    assert uncertain.reason.startswith("the connection broke before the reply: ")


@pytest.mark.parametrize("recipient", ["cut-before-dot", "closing-before-dot"])
def test_smtp_connection_that_ends_before_the_dot_is_never_accepted_or_refused(
    server: Recorder, recipient: str
) -> None:
    accepted, cut, then = handed_over("a", recipient, "b")
    # Whether the dot still left this machine is a matter of timing; nothing may be called accepted or refused.
    assert cut.fate in (Fate.RETRY, Fate.UNCERTAIN)
    assert (accepted, then, reached(server)) == (ACCEPTED, ACCEPTED, ["a", "b"])


def test_smtp_server_that_hung_up_while_the_text_was_sent_gets_no_dot(server: Recorder) -> None:
    heard: list[Mail] = []
    way = SmtpTransport(heard.append)
    way.open()
    session = way.session
    assert session is not None
    listen = session.listen

    def listen_later() -> None:
        time.sleep(0.1)  # until the server's last words have come in
        listen()

    session.listen = listen_later  # type: ignore[method-assign]
    outcome = way.send(make_mail("cut-before-dot"))
    way.close()
    assert (outcome.fate, heard) == (Fate.RETRY, [])
    assert outcome.reason.startswith("the connection broke before the mail was complete: ")


def test_smtp_says_when_the_dot_is_about_to_leave(server: Recorder) -> None:
    told: list[tuple[str, int]] = []
    way = SmtpTransport(lambda mail: told.append((mail.recipient, len(server.received))))
    mails = [make_mail(name) for name in ("a", "refuse", "b")]
    for mail, then in zip(mails, [*mails[1:], None], strict=True):
        way.send(mail, then)
    way.close()
    assert told == [("a@example.net", 0), ("b@example.net", 1)]


def test_smtp_mail_whose_dot_could_not_be_noted_does_not_leave(server: Recorder) -> None:
    def full(mail: Mail) -> None:
        if mail.recipient.startswith("b@"):
            raise OSError("no space left")

    way = SmtpTransport(full)
    assert way.send(make_mail("a"), then=make_mail("b")) == ACCEPTED
    with pytest.raises(OSError, match="no space left"):
        way.send(make_mail("b"))
    assert way.send(make_mail("c")) == ACCEPTED
    way.close()
    assert reached(server) == ["a", "c"]


def test_smtp_mail_begun_that_does_not_come_is_not_sent(server: Recorder) -> None:
    announced = make_mail("announced")
    with connected() as way:
        assert way.send(make_mail("a"), then=announced) == ACCEPTED
        assert way.send(make_mail("b"), then=announced) == ACCEPTED
    assert reached(server) == ["a", "b"]


def test_smtp_mail_that_must_not_leave_is_not_begun(server: Recorder) -> None:
    mails = [make_mail("a"), make_mail("b", body="x" * 999), make_mail("c")]
    with connected() as way:
        first, second, third = (way.send(mail, then) for mail, then in zip(mails, [*mails[1:], None], strict=True))
    assert (first, third) == (ACCEPTED, ACCEPTED)
    assert second == Outcome(Fate.FAILED, reason="not handed over: a line of 999 octets in the mail, of at most 998")
    assert (reached(server), server.connections) == (["a", "c"], 1)


@pytest.mark.parametrize("body", [".first\r\n.\r\n..last", "the end is a dot\r\n."])
def test_smtp_lines_that_begin_with_a_dot_arrive_as_they_were(server: Recorder, body: str) -> None:
    with connected() as way:
        way.send(make_mail(body=body))
    assert server.received == [("ada@example.net", make_mail(body=body).raw)]


def test_smtp_domain_beyond_ascii_is_written_in_ascii(server: Recorder) -> None:
    assert handed_over("ada@exämple.net") == [ACCEPTED]
    assert [address for address, _ in server.received] == ["ada@xn--exmple-cua.net"]


def test_smtp_that_breaks_off_time_and_again_is_down(server: Recorder) -> None:
    with connected() as way:
        for recipient in ("cut-after-dot", "cut-after-dot", "refuse", *["cut-after-dot"] * 3):
            way.send(make_mail(recipient))
        with pytest.raises(MailSystemDown, match="the mail system broke off 3 times in a row"):
            way.send(make_mail())
    assert reached(server) == ["cut-after-dot"] * 5
