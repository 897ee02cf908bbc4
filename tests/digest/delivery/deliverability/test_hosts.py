from ipaddress import ip_address

import pytest

from digest.delivery.deliverability.finding import Level
from digest.delivery.deliverability.hosts import named, take_mail
from tests.digest.delivery.deliverability.zone import names


def taken(domain: str, *records: str) -> tuple[Level, str]:
    with names(*records) as asked:
        found = take_mail(asked, domain, "bounces")
    return found.level, found.said


@pytest.mark.parametrize(
    ("domain", "record", "level", "said"),
    [
        ("papers.example.org", "", Level.OK, "mx.example.org takes bounces for papers.example.org."),
        ("mail.example.org", "", Level.WARN, "mail.example.org has no MX record: its own host is tried, for bounces."),
        ("none.example.org", "", Level.FAIL, "none.example.org has no MX record: bounces are lost."),
        (
            "none.example.org",
            "none.example.org. IN MX 0 .",
            Level.FAIL,
            "none.example.org says that it takes no mail, but bounces come there.",
        ),
        (
            "none.example.org",
            "none.example.org. IN MX 5 gone.example.org.",
            Level.FAIL,
            "none.example.org names hosts without an address (gone.example.org): bounces are lost.",
        ),
    ],
)
def test_domain_must_take_what_comes_back(domain: str, record: str, level: Level, said: str) -> None:
    assert taken(domain, record) == (level, said)


def test_domain_of_which_nobody_knows_is_no_fault() -> None:
    assert taken("broken.example.org")[0] == Level.WARN


def name_of(address: str, *records: str, is_sure: bool = True) -> tuple[Level, str]:
    with names(*records) as asked:
        [found] = named(asked, [(ip_address(address), is_sure)])
    return found.level, found.said


def test_address_whose_name_leads_back_is_in_order() -> None:
    assert name_of("192.0.2.7") == (Level.OK, "192.0.2.7 is mail.example.org, and that is 192.0.2.7.")


@pytest.mark.parametrize(("is_sure", "level"), [(True, Level.FAIL), (False, Level.WARN)])
def test_address_without_a_name_fails_where_it_surely_sends(is_sure: bool, level: Level) -> None:
    said = "192.0.2.9 has no name: large mail systems refuse its mail."
    assert name_of("192.0.2.9", is_sure=is_sure) == (level, said)


def test_address_whose_name_leads_elsewhere_fails() -> None:
    said = "192.0.2.9 is called mail.example.org, but that name has another address."
    assert name_of("192.0.2.9", "9.2.0.192.in-addr.arpa. IN PTR mail.example.org.") == (Level.FAIL, said)
