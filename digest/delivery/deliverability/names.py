"""Asks the DNS, with little patience. What is not there is an empty answer; who cannot be asked is `CannotAsk`."""

from ipaddress import IPv4Address, IPv6Address

import dns.exception
import dns.resolver
import dns.reversename
from dns.rdatatype import RdataType

Address = IPv4Address | IPv6Address
PATIENCE = 5.0  # seconds for one question


class CannotAsk(Exception):
    """No server of names answers, or it cannot find out."""


class Names:
    """Where questions go: to the servers of this machine, or to one that is named. A silent one is asked once only."""

    def __init__(self, server: str = "", port: int = 53) -> None:
        self.silent = ""
        self.answers: dict[tuple[str, RdataType], list[str]] = {}
        try:
            self.resolver = dns.resolver.Resolver(configure=not server)
        except dns.resolver.NoResolverConfiguration:
            self.resolver = dns.resolver.Resolver(configure=False)
            self.silent = "this machine knows no server of names"
        if server:
            self.resolver.nameservers, self.resolver.port = [server], port
        self.resolver.lifetime = PATIENCE

    def texts(self, name: str) -> list[str]:
        return self._ask(name, RdataType.TXT)

    def addresses(self, name: str) -> list[str]:
        return self._ask(name, RdataType.A) + self._ask(name, RdataType.AAAA)

    def mail_exchangers(self, name: str) -> list[str]:
        """Return the hosts that take the mail of a domain; "" among them says that it takes none."""
        return self._ask(name, RdataType.MX)

    def pointers(self, address: Address) -> list[str]:
        return self._ask(dns.reversename.from_address(str(address)).to_text(), RdataType.PTR)

    def _ask(self, name: str, kind: RdataType) -> list[str]:
        question = name.lower().rstrip("."), kind
        if question not in self.answers:
            self.answers[question] = self._answer(*question)
        return self.answers[question]

    def _answer(self, name: str, kind: RdataType) -> list[str]:
        if self.silent:
            raise CannotAsk(self.silent)
        try:
            found = self.resolver.resolve(f"{name}.", kind, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except dns.resolver.LifetimeTimeout as error:
            self.silent = "no server of names answers"
            raise CannotAsk(self.silent) from error
        except dns.exception.DNSException as error:
            raise CannotAsk(f"the servers of names do not know {name}: {type(error).__name__}") from error
        return [_text(record) for record in found]


def _text(record: object) -> str:
    """Return what a record says, as one string."""
    if strings := getattr(record, "strings", None):
        return b"".join(strings).decode(errors="replace")
    said = getattr(record, "exchange", None) or getattr(record, "target", None) or getattr(record, "address", "")
    return str(said).rstrip(".").lower()
