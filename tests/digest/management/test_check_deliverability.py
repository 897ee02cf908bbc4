import json
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from digest.delivery.deliverability import names, one_click
from digest.delivery.deliverability.finding import Finding, ok
from digest.management.commands.check_deliverability import server
from tests.digest.delivery.deliverability.zone import GOOD
from tests.mailserver import mail_server
from tests.nameserver import NameServer, name_server
from tests.redisserver import free_port


@pytest.fixture(autouse=True)
def installation(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have settings that are in order, a relay on this machine, and a site that nobody asks."""
    settings.SITE_URL, settings.SITE_HOST = "https://papers.uni-example.net", "papers.uni-example.net"
    settings.MAIL_DOMAIN = settings.DKIM_DOMAIN = "papers.uni-example.net"
    settings.DEFAULT_FROM_EMAIL = "Papers <digest@papers.uni-example.net>"
    settings.UNSUBSCRIBE_EMAIL = "unsubscribe@papers.uni-example.net"
    settings.POSTAL_ADDRESS = "Example University, 2 Quiet Road, 12345 Exampletown"
    settings.DKIM_KEY = ""
    monkeypatch.setattr(one_click, "answers", unasked_site)
    with mail_server(settings):
        yield


def unasked_site(url: str) -> Finding:
    return ok("One-click", url)


@pytest.fixture
def zone() -> Iterator[NameServer]:
    with name_server(GOOD.replace("papers.example.org", "papers.uni-example.net")) as answering:
        yield answering


def check(zone: NameServer | None, *options: str) -> tuple[int, str]:
    out = StringIO()
    where = ["--nameserver", f"127.0.0.1:{zone.port if zone else free_port()}"]
    try:
        call_command("check_deliverability", *where, *options, stdout=out, no_color=True)
    except SystemExit as ended:
        return int(str(ended.code)), out.getvalue()
    return 0, out.getvalue()


def test_installation_that_is_in_order_is_told_so(zone: NameServer) -> None:
    code, said = check(zone, "--ip", "192.0.2.7")
    lines = said.splitlines()
    assert code == 0
    assert lines[0] == "OK    From       From, Message-ID and links are of one domain (papers.uni-example.net)."
    assert "OK    PTR        192.0.2.7 is mail.example.org, and that is 192.0.2.7." in lines
    assert "OK    MX         mx.example.org takes bounces and replies for papers.uni-example.net." in lines
    assert lines[-1] == "11 in order, 1 to see to, 0 in the way of mail."


def test_fault_is_told_with_what_to_do_and_sets_the_exit_code(zone: NameServer) -> None:
    code, said = check(zone, "--ip", "192.0.2.99", "--selector", "one")
    assert code == 1
    told = "FAIL  SPF        192.0.2.99 is not among those that may send for papers.uni-example.net (fail).\n"
    assert f"{told}                 Add ip4:192.0.2.99 to the record.\n" in said
    assert "FAIL  DKIM       one._domainkey.papers.uni-example.net has no key." in said


def test_json_is_one_object_a_line(zone: NameServer) -> None:
    code, said = check(zone, "--json", "--ip", "192.0.2.7")
    found = [json.loads(line) for line in said.splitlines()]
    assert (code, {tuple(line) for line in found}) == (0, {("level", "about", "said", "todo")})
    abouts = ["From", "Settings", "Webhook", "SPF", "DKIM", "DMARC", "MX", "PTR", "TLS", "One-click"]
    assert list(dict.fromkeys(line["about"] for line in found)) == abouts


def test_without_a_network_nothing_is_called_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names, "PATIENCE", 0.2)
    code, said = check(None, "--ip", "192.0.2.7", "--selector", "one")
    assert (code, said.count("could not be asked: no server of names answers")) == (0, 5)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("192.0.2.53", ("192.0.2.53", 53)),
        ("192.0.2.53:5353", ("192.0.2.53", 5353)),
        ("2001:db8::53", ("2001:db8::53", 53)),
        ("[2001:db8::53]:5353", ("2001:db8::53", 5353)),
        ("[2001:db8::53]", ("2001:db8::53", 53)),
    ],
)
def test_server_of_names_is_read_with_its_port_or_without(text: str, where: tuple[str, int]) -> None:
    assert server(text) == where


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--nameserver", "dns.example.org", "'dns.example.org' is not an address"),
        ("--nameserver", "192.0.2.53:0", "'192.0.2.53:0' has no valid port"),
        ("--ip", "mail.example.org", "'mail.example.org' is not an address; write one like 192.0.2.7 or 2001:db8::7"),
    ],
)
def test_option_that_makes_no_sense_is_refused_in_plain_words(option: str, value: str, said: str) -> None:
    with pytest.raises(CommandError, match=said):
        call_command("check_deliverability", option, value)
