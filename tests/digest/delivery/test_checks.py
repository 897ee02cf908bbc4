from typing import Any

import pytest

from digest.delivery.checks import check_mail_settings


@pytest.fixture
def production(settings: Any) -> Any:
    settings.SITE_URL = "https://papers.lab.edu"
    settings.SITE_HOST = "papers.lab.edu"
    settings.POSTAL_ADDRESS = "The Lab, 5 Long Road, 12345 Town"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    return settings


def test_checks_of_a_production_installation_are_clean(production: Any) -> None:
    assert check_mail_settings() == []


def test_checks_warn_of_a_password_without_tls(production: Any) -> None:
    production.EMAIL_HOST_PASSWORD = "secret"  # noqa: S105 - nobody's
    assert [message.id for message in check_mail_settings()] == ["broadsheet.W002"]
    production.EMAIL_USE_TLS = True
    assert check_mail_settings() == []


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("SITE_URL", "http://papers.lab.edu", "broadsheet.E001"),
        ("SITE_HOST", "broadsheet.example.org", "broadsheet.E001"),
        ("POSTAL_ADDRESS", "Broadsheet sample edition, 1 Example Street, 00000 Exampleton", "broadsheet.E002"),
        ("FEEDBACK_SENDER", "abc", "broadsheet.E003"),
        ("FEEDBACK_SENDER", "a-name-that-is-too-long", "broadsheet.E003"),
        ("EMAIL_BACKEND", "django.core.mail.backends.filebased.EmailBackend", "broadsheet.W001"),
    ],
)
def test_checks_name_what_is_missing(production: Any, name: str, value: str, found: str) -> None:
    setattr(production, name, value)
    assert [message.id for message in check_mail_settings()] == [found]
