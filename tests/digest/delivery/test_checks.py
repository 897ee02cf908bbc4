from typing import Any

import pytest

from digest.delivery.checks import check_limits, check_mail_settings, check_reports


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


def test_limits_that_are_set_by_default_are_sane() -> None:
    assert check_limits() == []


@pytest.mark.parametrize(
    ("name", "value", "said", "hint"),
    [
        ("MAIL_CONNECTIONS", 0, "MAIL_CONNECTIONS is 0.", "1 or more"),
        ("MAIL_PER_CONNECTION", -1, "MAIL_PER_CONNECTION is -1.", "1 or more"),
        ("MAIL_STOP_LEAST", 0, "MAIL_STOP_LEAST is 0.", "1 or more"),
        ("EMAIL_TIMEOUT", 0, "EMAIL_TIMEOUT is 0.", "1 or more"),
        ("MAIL_REPLY_TIMEOUT", 0, "MAIL_REPLY_TIMEOUT is 0.", "1 or more"),
        ("MAIL_STOP_SHARE", 5.0, "MAIL_STOP_SHARE is 5.0.", "a share above 0, and 1 at most"),
        ("MAIL_STOP_SHARE", 0.0, "MAIL_STOP_SHARE is 0.0.", "a share above 0, and 1 at most"),
        ("ALERT_EMAIL", ["staff@example.org", "me"], "ALERT_EMAIL is me.", "addresses, with commas between them"),
    ],
)
def test_limits_that_stop_all_mail_are_named(settings: Any, name: str, value: Any, said: str, hint: str) -> None:
    setattr(settings, name, value)
    found = [(message.id, message.msg, message.hint) for message in check_limits()]
    assert found == [("broadsheet.E011", said, f"Set {name} to {hint}.")]


@pytest.mark.parametrize(
    ("backend", "anymail", "found"),
    [
        ("anymail.backends.postmark.EmailBackend", {}, ["broadsheet.W003"]),
        ("anymail.backends.postmark.EmailBackend", {"WEBHOOK_SECRET": "a:b"}, []),
        ("anymail.backends.mandrill.EmailBackend", {}, ["broadsheet.W003"]),
        ("anymail.backends.mailersend.EmailBackend", {"MAILERSEND_SIGNING_SECRET": "x"}, []),
        ("anymail.backends.mailgun.EmailBackend", {}, ["broadsheet.W003"]),
        ("anymail.backends.mailgun.EmailBackend", {"MAILGUN_WEBHOOK_SIGNING_KEY": "x"}, []),
        ("anymail.backends.console.EmailBackend", {}, []),
        ("django.core.mail.backends.smtp.EmailBackend", {}, []),
    ],
)
def test_checks_warn_where_bounces_are_not_heard(
    production: Any, backend: str, anymail: dict[str, str], found: list[str]
) -> None:
    production.EMAIL_BACKEND, production.ANYMAIL = backend, anymail
    assert [message.id for message in check_reports()] == found
