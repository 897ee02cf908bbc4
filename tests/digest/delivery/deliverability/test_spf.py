from collections.abc import Iterator
from ipaddress import ip_address

import pytest

from digest.delivery.deliverability.finding import Level
from digest.delivery.deliverability.names import Names
from digest.delivery.deliverability.spf import Policy, look
from tests.digest.delivery.deliverability.zone import names

DOMAIN = "papers.example.org"


def allows(domain: str, record: str, address: str, *more: str) -> str:
    with names(f'{domain}. IN TXT "{record}"', *more) as asked:
        return Policy(asked, domain).allows(ip_address(address))


@pytest.mark.parametrize(
    ("record", "address", "result"),
    [
        ("v=spf1 ip4:192.0.2.0/24 -all", "192.0.2.99", "pass"),
        ("v=spf1 ip4:192.0.2.0/24 -all", "192.0.3.1", "fail"),
        ("v=spf1 ip6:2001:db8::/32 ~all", "2001:db8:7::1", "pass"),
        ("v=spf1 ip6:2001:db8::/32 ~all", "192.0.2.1", "softfail"),
        ("v=spf1 -ip4:192.0.2.1 +all", "192.0.2.1", "fail"),
        ("v=spf1", "192.0.2.1", "neutral"),
        ("v=spf1 ?all", "192.0.2.1", "neutral"),
        ("v=spf1 a -all", "192.0.2.50", "pass"),
        ("v=spf1 a/24 -all", "192.0.2.99", "pass"),
        ("v=spf1 A:out.example.net -ALL", "203.0.113.9", "pass"),
        ("v=spf1 a:out.example.net/24//64 -all", "203.0.113.200", "pass"),
        ("v=spf1 mx:papers.example.org -all", "192.0.2.8", "pass"),
        ("v=spf1 mx -all", "192.0.2.8", "fail"),
        ("v=spf1 include:relay.example.net -all", "203.0.113.9", "pass"),
        ("v=spf1 include:relay.example.net -all", "198.51.100.7", "pass"),
        ("v=spf1 include:relay.example.net ~all", "192.0.2.1", "softfail"),
        ("v=spf1 redirect=papers.example.org", "192.0.2.7", "pass"),
        ("v=spf1 redirect=papers.example.org", "192.0.2.9", "fail"),
        ("v=spf1 exists:out.example.net -all", "192.0.2.9", "pass"),
        ("v=spf1 exists:%{i}.example.net -all", "192.0.2.9", "fail"),
        ("v=spf1 ptr exp=why.example.org later=x -all", "192.0.2.9", "fail"),
    ],
)
def test_record_is_followed_as_mail_systems_follow_it(record: str, address: str, result: str) -> None:
    assert allows("one.example.com", record, address, "one.example.com. IN A 192.0.2.50") == result


@pytest.fixture
def good() -> Iterator[Names]:
    with names() as asked:
        yield asked


def test_address_that_may_send_is_in_order(good: Names) -> None:
    found = list(look(good, DOMAIN, [(ip_address("192.0.2.7"), True), (ip_address("203.0.113.9"), False)]))
    assert [(finding.level, finding.said) for finding in found] == [
        (Level.OK, "papers.example.org has one record, followed in 2 of 10 questions."),
        (Level.OK, "192.0.2.7 may send for papers.example.org."),
        (Level.OK, "203.0.113.9 may send for papers.example.org."),
    ]


@pytest.mark.parametrize(("is_sure", "level"), [(True, Level.FAIL), (False, Level.WARN)])
def test_address_that_may_not_send_fails_where_it_surely_sends(is_sure: bool, level: Level, good: Names) -> None:
    found = list(look(good, DOMAIN, [(ip_address("192.0.2.9"), is_sure)]))[-1]
    assert (found.level, found.said) == (
        level,
        "192.0.2.9 is not among those that may send for papers.example.org (fail).",
    )


def test_address_that_is_not_known_is_asked_for(good: Names) -> None:
    found = list(look(good, DOMAIN, []))[-1]
    assert (found.level, found.todo) == (Level.WARN, "Say it with --ip, once for each address.")


@pytest.mark.parametrize(("provider", "level"), [("relay.example.net", Level.OK), ("else.example", Level.WARN)])
def test_provider_must_be_included(provider: str, level: Level, good: Names) -> None:
    assert list(look(good, DOMAIN, [], provider))[-1].level == level


def one(record: str, *more: str) -> tuple[Level, str]:
    """Return the first thing that is not in order in a record."""
    with names(f'two.example.com. IN TXT "{record}"', *more) as asked:
        found = [finding for finding in look(asked, "two.example.com", []) if finding.level != Level.OK]
    return found[0].level, found[0].said


def test_domain_without_a_record_fails_and_is_told_what_to_publish() -> None:
    with names() as asked:
        [found] = look(asked, "none.example.com", [(ip_address("192.0.2.7"), True)], "relay.example.net")
    assert (found.level, found.todo) == (
        Level.FAIL,
        "Publish one TXT record at none.example.com, such as: v=spf1 ip4:192.0.2.7 include:relay.example.net -all",
    )


def test_two_records_count_as_none() -> None:
    said = "two.example.com has 2 SPF records: nobody can tell who may send for two.example.com."
    assert one("v=spf1 -all", 'two.example.com. IN TXT "v=spf1 ~all"') == (Level.FAIL, said)


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ("v=spf1 ip4:nowhere -all", "'nowhere' does not appear to be an IPv4 or IPv6 network"),
        ("v=spf1 everybody -all", "“everybody” means nothing"),
        ("v=spf1 include:gone.example.com -all", "gone.example.com has no SPF record"),
        ("v=spf1 include:two.example.com -all", "it takes more than 10 questions to follow it"),
        (f"v=spf1 {' '.join(f'a:h{n}.example.net' for n in range(11))} -all", "it takes more than 10 questions"),
    ],
)
def test_record_on_which_mail_systems_give_up_fails(record: str, said: str) -> None:
    level, found = one(record)
    assert level == Level.FAIL
    assert found.startswith(said)


def test_record_that_lets_everybody_send_fails() -> None:
    assert one("v=spf1 +all") == (Level.FAIL, "It lets everybody send in your name.")


def test_record_without_an_end_is_warned_of() -> None:
    assert one("v=spf1 ip4:192.0.2.7") == (Level.WARN, "It says nothing of everybody else.")


def test_server_that_does_not_know_is_no_fault_of_the_record() -> None:
    with names() as asked:
        [found] = look(asked, "broken.example.com", [])
    assert (found.level, found.said.partition(":")[0]) == (Level.WARN, "could not be asked")
