"""The same over TLS, with a login: how real relays are reached."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from digest.delivery.wire.handover import Fate, MailSystemDown
from digest.delivery.wire.smtp import SmtpTransport
from tests.digest.delivery.wire.make import ACCEPTED, handed_over, make_mail, reached
from tests.mailserver import Recorder, mail_server


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """Make a certificate for 127.0.0.1 that this process believes; give what a server needs to show it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a relay")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(1), now + timedelta(1))
    for extension in (
        x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]),
        x509.BasicConstraints(ca=True, path_length=None),
    ):
        builder = builder.add_extension(extension, critical=True)
    path = tmp_path / "relay.pem"
    path.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        + builder.sign(key, SHA256()).public_bytes(Encoding.PEM)
    )
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


@contextmanager
def relay(settings: Any, context: ssl.SSLContext) -> Iterator[Recorder]:
    def authenticator(*said: Any) -> AuthResult:
        login: LoginPassword = said[-1]
        return AuthResult(success=login.password == b"secret", handled=False)

    with mail_server(
        settings, tls_context=context, require_starttls=True, auth_required=True, authenticator=authenticator
    ) as recorder:
        settings.EMAIL_USE_TLS = True
        settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "digest", "secret"
        yield recorder


def test_smtp_over_tls_hands_over_in_the_same_way(settings: Any, certificate: ssl.SSLContext) -> None:
    with relay(settings, certificate) as recorder:
        accepted, refused, *others = handed_over("a", "refuse", "b", "c")
    assert (accepted, refused.fate, others) == (ACCEPTED, Fate.FAILED, [ACCEPTED, ACCEPTED])
    assert (reached(recorder), recorder.connections) == (["a", "b", "c"], 2)  # before and after STARTTLS
    assert recorder.ahead[1].startswith(b"MAIL FROM:<digest@papers.example.org>")


def test_smtp_over_tls_that_breaks_after_the_dot_is_uncertain(settings: Any, certificate: ssl.SSLContext) -> None:
    with relay(settings, certificate):
        cut, then = handed_over("cut-after-dot", "a")
    assert (cut.fate, then) == (Fate.UNCERTAIN, ACCEPTED)


def test_smtp_with_a_wrong_password_is_down(settings: Any, certificate: ssl.SSLContext) -> None:
    with relay(settings, certificate):
        settings.EMAIL_HOST_PASSWORD = "wrong"  # noqa: S105 - nobody's
        with pytest.raises(MailSystemDown, match=r"the mail system takes no connection: .*535"):
            SmtpTransport().send(make_mail())


def test_smtp_with_a_certificate_of_a_stranger_is_down(
    settings: Any, certificate: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with relay(settings, certificate), pytest.raises(MailSystemDown, match="certificate verify failed"):
        SmtpTransport().send(make_mail())
