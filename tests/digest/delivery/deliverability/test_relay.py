import socket
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from digest.delivery.deliverability import relay
from digest.delivery.deliverability.finding import Level
from digest.delivery.wire import provider
from digest.delivery.wire.smtp import SMTP_BACKEND
from tests.digest.ingest.network import make_certificate, server_side
from tests.mailserver import Recorder, mail_server
from tests.redisserver import free_port


def test_relay_near_by_may_take_mail_without_tls(settings: Any) -> None:
    with mail_server(settings):
        found = relay.look()
    assert (found.level, "is near by and takes mail without TLS" in found.said) == (Level.OK, True)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    return make_certificate(tmp_path, "localhost")


@contextmanager
def relay_with(settings: Any, **given: Any) -> Iterator[None]:
    server = Controller(Recorder(), hostname="127.0.0.1", port=free_port(), **given)
    server.start()
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = SMTP_BACKEND, "localhost", server.port
    settings.EMAIL_USE_TLS, settings.EMAIL_USE_SSL = True, False
    yield
    server.stop(no_assert=True)


def test_relay_with_tls_is_in_order(certificate: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with relay_with(settings, tls_context=server_side(certificate)):
        found = relay.look()
    assert (found.level, "with a certificate that can be trusted" in found.said) == (Level.OK, True)


def test_relay_whose_certificate_nobody_trusts_fails(certificate: Path, settings: Any) -> None:
    with relay_with(settings, tls_context=server_side(certificate)):
        found = relay.look()
    assert (found.level, "has no certificate that can be trusted" in found.said) == (Level.FAIL, True)


def test_relay_without_the_tls_that_the_settings_ask_for_fails(settings: Any) -> None:
    with relay_with(settings):
        found = relay.look()
    assert (found.level, "offers no TLS, which EMAIL_URL asks for" in found.said) == (Level.FAIL, True)


def test_relay_far_away_that_offers_no_tls_fails(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "_is_near", lambda connection: False)
    with mail_server(settings):
        assert relay.look().level == Level.FAIL


def test_relay_that_is_not_there_cannot_be_asked(settings: Any) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = SMTP_BACKEND, "127.0.0.1", free_port()
    found = relay.look()
    assert (found.level, found.said.partition(":")[0]) == (Level.WARN, "could not be asked")


def test_relay_that_says_nothing_costs_little_patience(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "PATIENCE", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.EMAIL_BACKEND, settings.EMAIL_HOST = SMTP_BACKEND, "127.0.0.1"
        settings.EMAIL_PORT = silent.getsockname()[1]
        assert relay.look().level == Level.WARN


def test_provider_is_known_by_its_backend(settings: Any) -> None:
    settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
    assert (provider.in_use(), relay.look().level, relay.addresses()) == ("postmark", Level.OK, [])


def test_every_provider_whose_record_is_known_is_one_of_anymail() -> None:
    from digest.feedback.provider import view_of  # noqa: PLC0415 - it reads the settings of anymail

    assert all(view_of(name) for name in relay.PROVIDERS)


@pytest.mark.parametrize(("host", "known"), [("9.9.9.9", ["9.9.9.9"]), ("127.0.0.1", []), ("10.0.0.1", [])])
def test_relay_sends_from_its_public_addresses(host: str, known: list[str], settings: Any) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = SMTP_BACKEND, host
    assert relay.addresses() == [ip_address(address) for address in known]
