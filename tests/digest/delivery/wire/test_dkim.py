import base64
import subprocess
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dkim
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMultiAlternatives
from dkim.canonicalization import Relaxed
from hypothesis import given
from hypothesis import strategies as st

from digest.delivery.checks import check_dkim
from digest.delivery.message import build
from digest.delivery.render import render
from digest.delivery.wire.dkim import relaxed_body, sign
from digest.delivery.wire.handover import Fate, Mail, Transport
from digest.delivery.wire.outbox import OutboxTransport
from digest.delivery.wire.smtp import SmtpTransport
from digest.delivery.wire.transport import transport
from tests.digest.delivery.make import SENT_AT, make_content, make_section
from tests.mailchecks import TOOLS, needs_tools
from tests.mailserver import mail_server


@cache
def key_of(kind: str) -> Any:
    return rsa.generate_private_key(65537, 2048) if kind == "rsa" else ed25519.Ed25519PrivateKey.generate()


def pem_of(key: Any, encryption: Any = None) -> str:
    pem: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption())
    return pem.decode()


def record_of(kind: str) -> Callable[..., bytes]:
    """Return a stand-in for the DNS, which knows the public half at one name."""
    public = key_of(kind).public_key()
    if kind == "rsa":
        said = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    else:
        said = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
    record = b"v=DKIM1; k=%b; p=%b" % (kind.encode(), base64.b64encode(said))
    return lambda name, timeout=0: record if name == b"daily._domainkey.papers.example.org." else b""


class VerifyKey:
    """What dkimpy asks of PyNaCl, which is not installed, for Ed25519."""

    def __init__(self, key: bytes, encoder: Any) -> None:
        self.key = ed25519.Ed25519PublicKey.from_public_bytes(base64.b64decode(key))

    def verify(self, said: bytes, signature: bytes) -> None:
        self.key.verify(signature, said)


@pytest.fixture(params=["rsa", "ed25519"])
def verify(request: pytest.FixtureRequest, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], bool]:
    """Sign with a key of either kind; give what somebody else's library says of a signed mail."""
    settings.DKIM_KEY, settings.DKIM_SELECTOR = pem_of(key_of(request.param)), "daily"
    settings.DKIM_DOMAIN = "papers.example.org"
    nacl = SimpleNamespace(
        signing=SimpleNamespace(VerifyKey=VerifyKey),
        encoding=SimpleNamespace(Base64Encoder=None),
        exceptions=SimpleNamespace(BadSignatureError=InvalidSignature, ValueError=ValueError),
    )
    monkeypatch.setattr(dkim, "nacl", nacl, raising=False)
    dns = record_of(request.param)
    return lambda raw: bool(dkim.verify(raw, dnsfunc=dns))


def make_raw(body: str, *, subject: str = "Papers") -> bytes:
    fields = f"From: Ada <digest@papers.example.org>\r\nTo: ada@example.net\r\nSubject: {subject}\r\n"
    return f"{fields}Message-ID: <1@papers.example.org>\r\n\r\n{body}".encode()


@pytest.mark.parametrize(
    "body",
    [
        "Good morning.\r\n",
        ".\r\n..\r\n.first dot\r\n",
        "x" * 998 + "\r\n",
        "the end is missing",
        "\r\n\r\nblank lines\r\n\r\n around\r\n\r\n\r\n",
        "spaces  and\ttabs \t \r\n  in front, and behind  \r\n \t \r\n",
        "",
        "\r\n",
    ],
)
def test_sign_is_believed_by_another_library(verify: Callable[[bytes], bool], body: str) -> None:
    signed = sign(make_raw(body))
    assert verify(signed)
    assert signed.endswith(make_raw(body))


def test_sign_covers_a_whole_digest(verify: Callable[[bytes], bool]) -> None:
    content = make_content(make_section(), make_section("Łukasik", first=20))
    said = render(content)
    signed = sign(build(said, content=content, sent_at=SENT_AT))
    assert verify(signed)
    assert max(len(line) for line in signed.partition(b"\r\nFrom:")[0].split(b"\r\n")) <= 78


def test_sign_covers_a_subject_in_another_alphabet_that_is_folded(verify: Callable[[bytes], bool]) -> None:
    content = make_content(make_section())
    subject = "Что почти сказал учитель: второе, третье и четвёртое, взвешенное по близости к первому"
    raw = build(replace(render(content), subject=subject), content=content, sent_at=SENT_AT)
    assert raw.count(b"=?utf-8?") > 1
    assert verify(sign(raw))


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (b"Good", b"Bad"),
        (b"Subject: Papers", b"Subject: Money"),
        (b"\r\n\r\n", b"\r\nFrom: eve@example.net\r\n\r\n"),
        (b"\r\n\r\n", b"\r\nSubject: Money\r\n\r\n"),
        (b"\r\n\r\n", b"\r\nTo: eve@example.net\r\n\r\n"),
        (b"morning.\r\n", b"morning.\r\nMore.\r\n"),
    ],
)
def test_sign_is_broken_by_any_change(verify: Callable[[bytes], bool], was: bytes, becomes: bytes) -> None:
    signed = sign(make_raw("Good morning.\r\n"))
    assert verify(signed)
    assert not verify(signed.replace(was, becomes, 1))


def test_sign_says_the_same_for_the_same_mail(verify: Callable[[bytes], bool]) -> None:
    assert sign(make_raw("Good morning.\r\n")) == sign(make_raw("Good morning.\r\n"))


def test_sign_leaves_mail_alone_without_a_key() -> None:
    assert sign(make_raw("Good morning.\r\n")) == make_raw("Good morning.\r\n")


@given(st.lists(st.text(alphabet=" \t.=ab", max_size=8), max_size=8), st.sampled_from(["", "\r\n"]))
def test_relaxed_body_is_that_of_another_library(lines: list[str], end: str) -> None:
    body = ("\r\n".join(lines) + end).encode()
    on_the_wire = body if body.endswith(b"\r\n") else body + b"\r\n"
    nothing = not on_the_wire.strip()  # which is empty (RFC 6376, 3.4.4)
    assert relaxed_body(body) == (b"" if nothing else Relaxed.canonicalize_body(on_the_wire))


def make_mail() -> Mail:
    raw = make_raw("Good morning.\r\n.\r\nAnd a dot.\r\n")
    return Mail("0f" * 16, "digest@papers.example.org", "ada@example.net", raw, EmailMultiAlternatives)


def test_smtp_and_outbox_sign_what_leaves(verify: Callable[[bytes], bool], settings: Any, tmp_path: Path) -> None:
    with mail_server(settings) as recorder:
        handed_over(SmtpTransport())
    handed_over(OutboxTransport(tmp_path / "outbox"))
    (written,) = (tmp_path / "outbox").glob("*.eml")
    assert [verify(raw) for raw in (recorder.received[0][1], written.read_bytes())] == [True, True]


def handed_over(way: Transport) -> None:
    way.open()
    assert way.send(make_mail()).fate is Fate.ACCEPTED
    way.close()


@pytest.mark.parametrize(
    ("pem", "said"),
    [
        ("nonsense", "DKIM_KEY is no private key in PEM without a password"),
        (pem_of(key_of("rsa"), BestAvailableEncryption(b"secret")), "DKIM_KEY is no private key in PEM without a"),
        (pem_of(rsa.generate_private_key(65537, 1024)), "DKIM_KEY has 1024 bits: mail systems want at least 2048"),  # noqa: S505
        (pem_of(ec.generate_private_key(ec.SECP256R1())), "DKIM_KEY must be a key for RSA or Ed25519"),
    ],
)
def test_key_that_cannot_sign_is_named_by_check_and_stops_delivery(settings: Any, pem: str, said: str) -> None:
    settings.DKIM_KEY = pem
    (found,) = check_dkim()
    assert (found.id, found.msg.partition(said)[1]) == ("broadsheet.E004", said)
    with pytest.raises(ImproperlyConfigured, match=said):
        transport()


@pytest.mark.parametrize("name", ["DKIM_DOMAIN", "DKIM_SELECTOR"])
def test_name_that_the_dns_cannot_hold_is_named_by_check(settings: Any, name: str) -> None:
    settings.DKIM_KEY = pem_of(key_of("rsa"))
    setattr(settings, name, "papers; example")
    assert [found.id for found in check_dkim()] == ["broadsheet.E004"]


@pytest.mark.parametrize(("kind", "found"), [("rsa", []), ("ed25519", ["broadsheet.W004"])])
def test_check_knows_which_keys_all_mail_systems_believe(settings: Any, kind: str, found: list[str]) -> None:
    settings.DKIM_KEY = pem_of(key_of(kind))
    assert [message.id for message in check_dkim()] == found


@needs_tools
def test_signed_digest_follows_the_rules_of_mail(verify: Callable[[bytes], bool], tmp_path: Path) -> None:
    content = make_content(make_section())
    path = tmp_path / "digest.eml"
    path.write_bytes(sign(build(render(content), content=content, sent_at=SENT_AT)))
    done = subprocess.run([TOOLS / "check_eml.py", str(path)], capture_output=True, text=True, check=False)
    against = [line for line in done.stdout.splitlines() if line.startswith(("FAIL", "WARN"))]
    assert [line for line in against if "DKIM" in line or line.startswith("FAIL")] == []
