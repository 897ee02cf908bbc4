from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest

from digest.delivery.content import DigestContent, Section
from digest.delivery.message import as_django, build
from digest.delivery.render import render
from tests.digest.delivery.make import KEY, SENT_AT, make_card, make_content, make_section

ADDED_BY_MIME = {"MIME-Version", "Content-Type"}


def built(content: DigestContent) -> bytes:
    return build(render(content), content=content, sent_at=SENT_AT)


def read(raw: bytes) -> EmailMessage:
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return message


def fields(message: EmailMessage) -> dict[str, str]:
    # Django folds a long subject right after the colon, which leaves a space before it.
    return {name: str(value).strip() for name, value in message.items() if name not in ADDED_BY_MIME}


def parts(message: EmailMessage) -> list[str]:
    return [part.get_content().replace("\r\n", "\n") for part in message.iter_parts()]


def contents() -> list[DigestContent]:
    """Digests that MIME finds hard: other scripts, lines of any length, dots and spaces where they hurt."""
    hard = make_card(title="蛾と蝙蝠 " * 60, abstract=".\n..\nFrom here = to =20 there", source="Zeitschrift für Öl")
    endless = make_card(title="x" * 1000, url="https://example.org/" + "y" * 2000, authors=("=" * 200,), author_count=1)
    return [
        make_content(),
        make_content(Section("蛾 & “moths”", (hard,))),
        make_content(Section("endless", (endless, hard)), trending=(endless,)),
        make_content(*(make_section(f"topic {number}", papers=4) for number in range(5))),
    ]


@pytest.mark.parametrize("content", contents())
def test_build_is_read_as_django_s_message_is(content: DigestContent, settings: Any) -> None:
    settings.SITE_NAME = "Blätter, täglich"
    settings.DEFAULT_FROM_EMAIL = '"Blätter, täglich" <digest@papers.example.org>'
    rendered = render(content)
    ours = read(build(rendered, content=content, sent_at=SENT_AT))
    theirs = read(as_django(rendered, content=content, sent_at=SENT_AT).message().as_bytes())
    assert fields(ours) == fields(theirs)
    assert [part.get_content_type() for part in ours.walk()] == [part.get_content_type() for part in theirs.walk()]
    assert parts(ours) == parts(theirs)


@pytest.mark.parametrize("content", contents())
def test_build_carries_what_was_rendered(content: DigestContent) -> None:
    rendered = render(content)
    assert parts(read(built(content))) == [rendered.text, rendered.html]


@pytest.mark.parametrize("content", contents())
def test_build_is_ascii_in_crlf_lines_that_are_short(content: DigestContent) -> None:
    raw = built(content)
    assert raw.isascii()
    assert raw.count(b"\r\n") == raw.count(b"\n") == raw.count(b"\r")
    head, _, body = raw.partition(b"\r\n\r\n")
    assert max(len(line) for line in body.split(b"\r\n")) <= 76
    assert max(len(line) for line in head.split(b"\r\n") if b"https://" not in line and b"mailto:" not in line) <= 78


def test_build_puts_text_first_in_utf_8() -> None:
    message = read(built(make_content()))
    assert message.get_content_type() == "multipart/alternative"
    assert message.get_boundary() == f"=_{KEY}"
    assert [(part.get_content_type(), part.get_content_charset()) for part in message.iter_parts()] == [
        ("text/plain", "utf-8"),
        ("text/html", "utf-8"),
    ]


def test_build_of_the_same_digest_is_the_same_bytes() -> None:
    assert built(make_content()) == built(make_content())


def test_build_with_a_second_header_in_the_subject_is_refused() -> None:
    content = make_content()
    rendered = replace(render(content), subject="Moths\r\nBcc: other@lab.example.org")
    with pytest.raises(ValueError, match="Subject holds a control character"):
        build(rendered, content=content, sent_at=SENT_AT)


def test_text_that_holds_the_boundary_stays_in_its_part() -> None:
    section = Section("moths", (make_card(title=f"--=_{KEY}--", abstract=f"--=_{KEY}"),))
    assert len(list(read(built(make_content(section))).iter_parts())) == 2


def test_mail_for_a_provider_carries_the_digest_s_key_to_be_told_again() -> None:
    content = make_content()
    message: Any = as_django(render(content), content=content, sent_at=SENT_AT)
    assert message.metadata == {"digest": KEY}
