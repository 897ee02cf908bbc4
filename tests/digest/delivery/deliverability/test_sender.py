from typing import Any

import pytest

from digest.delivery.deliverability.finding import Finding, Level
from digest.delivery.deliverability.sender import look


@pytest.fixture(autouse=True)
def in_order(settings: Any) -> None:
    settings.SITE_URL, settings.SITE_HOST = "https://papers.uni-example.net", "papers.uni-example.net"
    settings.MAIL_DOMAIN = "papers.uni-example.net"
    settings.DEFAULT_FROM_EMAIL = "Papers <digest@papers.uni-example.net>"
    settings.POSTAL_ADDRESS = "Example University, 2 Quiet Road, 12345 Exampletown"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"


def of(about: str) -> list[tuple[Level, str]]:
    return [(found.level, found.said) for found in look() if found.about == about]


def test_settings_that_are_in_order_are_told_so() -> None:
    assert list(look()) == [
        Finding(Level.OK, "From", "From, Message-ID and links are of one domain (papers.uni-example.net)."),
        Finding(Level.OK, "Settings", "Site, postal address and mail system are set."),
        Finding(Level.OK, "Webhook", "Bounces and complaints are heard, where a provider sends the mail."),
    ]


@pytest.mark.parametrize("domain", ["gmail.com", "yahoo.co.jp", "web.de"])
def test_sender_at_a_free_mail_system_fails(domain: str, settings: Any) -> None:
    settings.DEFAULT_FROM_EMAIL = f"Papers <papers@{domain}>"
    assert of("From") == [(Level.FAIL, f"Mail from {domain} is refused where it does not come from there.")]


def test_sender_without_an_address_fails(settings: Any) -> None:
    settings.DEFAULT_FROM_EMAIL = "Papers"
    assert of("From") == [(Level.FAIL, "DEFAULT_FROM_EMAIL is no address: Papers")]


@pytest.mark.parametrize(
    ("sender", "site", "level"),
    [
        ("digest@uni-example.net", "papers.uni-example.net", Level.OK),
        ("digest@mail.uni-example.co.uk", "papers.uni-example.co.uk", Level.OK),
        ("digest@lab-example.net", "papers.uni-example.net", Level.WARN),
        ("digest@lab-example.co.uk", "uni-example.co.uk", Level.WARN),
    ],
)
def test_sender_of_another_domain_than_the_site_is_warned_of(
    sender: str, site: str, level: Level, settings: Any
) -> None:
    settings.DEFAULT_FROM_EMAIL, settings.SITE_HOST, settings.MAIL_DOMAIN = sender, site, site
    assert [level for level, _ in of("From")] == [level]


def test_what_the_checks_of_django_find_is_told(settings: Any) -> None:
    settings.POSTAL_ADDRESS = "1 Example Street, 00000 Exampleton"
    assert [level for level, _ in of("Settings")] == [Level.FAIL]


def test_provider_whose_reports_nobody_hears_is_warned_of(settings: Any) -> None:
    settings.EMAIL_BACKEND, settings.ANYMAIL = "anymail.backends.postmark.EmailBackend", {}
    assert [level for level, _ in of("Webhook")] == [Level.WARN]
