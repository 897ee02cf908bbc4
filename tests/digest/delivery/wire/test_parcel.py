from contextlib import nullcontext
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from hypothesis import given
from hypothesis import strategies as st

from digest.delivery.wire.handover import Mail
from digest.delivery.wire.parcel import Unsendable, check, mailbox, parcel

LINE = b"x" * 998 + b"\r\n"


@pytest.mark.parametrize(
    "raw", [b"", b"a", b"\r\n", LINE, LINE * 3, LINE + b"x" * 998, b"a\r\n" * 500 + LINE + b"b\r\n" * 500]
)
def test_check_lets_lines_pass_that_keep_the_rules(raw: bytes) -> None:
    check(raw)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"x" * 999, "a line of 999 octets in the mail, of at most 998"),
        (b"x" + LINE, "a line of 999 octets in the mail, of at most 998"),
        (LINE + b"x" + LINE + LINE, "a line of 999 octets in the mail, of at most 998"),
        (b"a\r\n" * 500 + b"x" * 1000, "a line of 1000 octets in the mail, of at most 998"),
        (b"\na\r", "a line end in the mail that is not CRLF"),
        (b"a\r\nb\nc\r\n", "a line end in the mail that is not CRLF"),
        (b"a\r\nb\rc\r\n", "a line end in the mail that is not CRLF"),
        (b"a\r\nb\n\rc\r\n", "a line end in the mail that is not CRLF"),
        (b"a\r\r\n", "a line end in the mail that is not CRLF"),
        (b"a\r\n\n", "a line end in the mail that is not CRLF"),
        (b"a\r\nb\r", "a line end in the mail that is not CRLF"),
        (b"a\0b\r\n", "a NUL in the mail"),
    ],
)
def test_check_refuses_what_mail_systems_read_in_different_ways(raw: bytes, reason: str) -> None:
    with pytest.raises(Unsendable, match=reason):
        check(raw)


@given(st.lists(st.sampled_from([b"\r\n", b"\r", b"\n", b"\0", b".", b"x" * 997, b"x"]), max_size=12))
def test_check_says_what_its_rules_say(pieces: list[bytes]) -> None:
    raw = b"".join(pieces)
    lines = raw.split(b"\r\n")
    is_good = all(len(line) <= 998 and not set(line) & {0, 10, 13} for line in lines)
    with nullcontext() if is_good else pytest.raises(Unsendable):
        check(raw)


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("ada@example.net", "ada@example.net"),
        ("bounce+17=ada.example@papers.example.org", "bounce+17=ada.example@papers.example.org"),
        ("ada@exämple.net", "ada@xn--exmple-cua.net"),
    ],
)
def test_mailbox_is_in_ascii(address: str, written: str) -> None:
    assert mailbox(address) == written


@pytest.mark.parametrize(
    "address",
    ["", "ada", "@example.net", "ada@", "a da@example.net", "ada@example.net>\r\nDATA", "<ada@example.net>", "ådå@a.b"],
)
def test_mailbox_that_would_break_the_envelope_is_refused(address: str) -> None:
    with pytest.raises(Unsendable, match="not an address that a mail system could be given"):
        mailbox(address)


@pytest.mark.parametrize("field", ["sender", "recipient"])
def test_parcel_checks_both_addresses(field: str) -> None:
    stated: dict[str, Any] = {"sender": "digest@example.org", "recipient": "ada@example.net"} | {field: "nobody"}
    with pytest.raises(Unsendable, match="'nobody'"):
        parcel(Mail("0f" * 16, raw=b"a\r\n", message=EmailMultiAlternatives, **stated))
