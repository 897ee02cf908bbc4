"""Whether mail from here can be expected to arrive: what the DNS, the relay and the settings say, and what to do."""

import argparse
import sys
from collections import Counter
from collections.abc import Iterable
from ipaddress import ip_address
from typing import Any

from django.core.management.base import CommandParser

from digest.delivery.deliverability.finding import Finding, Level
from digest.delivery.deliverability.look import findings
from digest.delivery.deliverability.names import Address, Names
from digest.management.output import DataCommand, add_json_option, print_json


def address(text: str) -> Address:
    """Read an address of the network as argparse reads a type."""
    try:
        return ip_address(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not an address; write one like 192.0.2.7 or 2001:db8::7"
        ) from None


def server(text: str) -> tuple[str, int]:
    """Read the address of a server of names, with its port or without: 192.0.2.53, 192.0.2.53:53, [2001:db8::53]:53."""
    host, port = text, "53"
    if text.startswith("["):
        host, _, port = text[1:].partition("]")
        port = port.removeprefix(":") or "53"
    elif text.count(":") == 1:
        host, _, port = text.partition(":")
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise argparse.ArgumentTypeError(f"{text!r} has no valid port")
    return str(address(host)), int(port)


class Command(DataCommand):
    help = "Look at SPF, DKIM, DMARC, MX, PTR, TLS, From, one-click; say what to do. Exit with 1 where mail would fail."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--nameserver", type=server, metavar="IP[:PORT]", help="ask this server of names")
        parser.add_argument(
            "--ip", type=address, action="append", default=[], metavar="IP", help="an address from which mail leaves"
        )
        parser.add_argument(
            "--selector", action="append", default=[], metavar="NAME", help="under which the relay signs (DKIM)"
        )
        add_json_option(parser)

    def handle(self, *args: Any, nameserver: tuple[str, int] | None, ip: list[Address], **options: Any) -> None:
        names = Names(*nameserver) if nameserver else Names()
        found = findings(names, sends=ip, selectors=options["selector"])
        levels = self._print_json(found) if options["json"] else self._print(found)
        if levels[Level.FAIL]:
            sys.exit(1)

    def _print_json(self, found: Iterable[Finding]) -> Counter[Level]:
        levels: Counter[Level] = Counter()
        for finding in found:
            levels[finding.level] += 1
            said = {"level": finding.level, "about": finding.about, "said": finding.said, "todo": finding.todo}
            print_json(self, said)
        return levels

    def _print(self, found: Iterable[Finding]) -> Counter[Level]:
        """Print a line for each, as it is found, and what to do below."""
        colour = {Level.OK: self.style.SUCCESS, Level.WARN: self.style.WARNING, Level.FAIL: self.style.ERROR}
        levels: Counter[Level] = Counter()
        for finding in found:
            levels[finding.level] += 1
            self.stdout.write(f"{colour[finding.level](f'{finding.level:<5}')} {finding.about:<10} {finding.said}")
            if finding.todo:
                self.stdout.write(f"{'':<17}{finding.todo}")
        self.stdout.write(
            f"{levels[Level.OK]} in order, {levels[Level.WARN]} to see to, {levels[Level.FAIL]} in the way of mail."
        )
        return levels
