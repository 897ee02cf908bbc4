from pathlib import Path

import pytest
from django.core.mail import EmailMultiAlternatives

from digest.delivery.wire.handover import Fate, Mail, MailSystemDown, Outcome
from digest.delivery.wire.outbox import OutboxTransport


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


def test_outbox_is_not_given_a_mail_that_must_not_leave(tmp_path: Path) -> None:
    way = OutboxTransport(tmp_path / "outbox")
    way.open()
    outcome = way.send(make_mail(body="a bare line end\nhere"))
    assert outcome == Outcome(Fate.FAILED, reason="not handed over: a line end in the mail that is not CRLF")
    assert list((tmp_path / "outbox").iterdir()) == []
