import socket
from ipaddress import ip_address
from typing import Any

import pytest

from digest.delivery.deliverability import relay
from digest.delivery.deliverability.finding import Level
from digest.delivery.smtp import SMTP_BACKEND
from tests.mailserver import mail_server
from tests.redisserver import free_port


def test_relay_near_by_may_take_mail_without_tls(settings: Any) -> None:
    with mail_server(settings):
        found = relay.look()
    assert (found.level, "is near by and takes mail without TLS" in found.said) == (Level.OK, True)


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
    assert (relay.provider(), relay.look().level, relay.addresses()) == ("postmark", Level.OK, [])


def test_every_provider_whose_record_is_known_is_one_of_anymail() -> None:
    from digest.feedback.provider import view_of  # noqa: PLC0415 - it reads the settings of anymail

    assert all(view_of(name) for name in relay.PROVIDERS)


@pytest.mark.parametrize(("host", "known"), [("9.9.9.9", ["9.9.9.9"]), ("127.0.0.1", []), ("10.0.0.1", [])])
def test_relay_sends_from_its_public_addresses(host: str, known: list[str], settings: Any) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = SMTP_BACKEND, host
    assert relay.addresses() == [ip_address(address) for address in known]
