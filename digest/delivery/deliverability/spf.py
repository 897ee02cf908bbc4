"""SPF (RFC 7208): who may send for a domain. A record is followed as mail systems follow it, for given addresses.

Macros are not worked out: a part that uses one counts as a question and matches nobody.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network

from digest.delivery.deliverability.finding import Finding, fail, ok, unasked, warn
from digest.delivery.deliverability.names import Address, CannotAsk, Names

MOST_QUESTIONS = 10
MOST_HOSTS = 10  # of the mail exchangers of one part
NOBODY = ip_address("240.0.0.1")  # an address that nobody has: to whom a record is followed to its end
ABOUT = "SPF"
RESULTS = {"+": "pass", "-": "fail", "~": "softfail", "?": "neutral"}
ASKING = {"include", "a", "mx", "ptr", "exists", "redirect"}
KNOWN = ASKING | {"all", "ip4", "ip6", "exp"}


class Broken(Exception):
    """A record that mail systems give up on (permerror)."""


@dataclass
class Policy:
    """What SPF says of one domain, with what was asked on the way."""

    names: Names
    domain: str
    asked: int = 0
    included: set[str] = field(default_factory=set)

    def allows(self, address: Address) -> str:
        """Return what a mail system makes of mail from `address`: pass, fail, softfail or neutral."""
        self.asked = 0
        return self._result(self.domain, address) or "neutral"

    def _result(self, domain: str, address: Address) -> str:
        terms = record(self.names, domain).split()[1:]
        redirect = ""
        for term in terms:
            sign, name, value = _parts(term)
            if name not in KNOWN:
                if "=" in term:
                    continue  # a modifier of later days
                raise Broken(f"“{term}” means nothing")
            if name in ASKING:
                self._count()
            if name == "redirect":
                redirect = value
            elif name == "all" or self._matches(name, value, domain, address):
                return RESULTS[sign]
        return self._result(redirect, address) if redirect else ""

    def _count(self) -> None:
        self.asked += 1
        if self.asked > MOST_QUESTIONS:
            raise Broken(f"it takes more than {MOST_QUESTIONS} questions to follow it")

    def _matches(self, name: str, value: str, domain: str, address: Address) -> bool:
        if "%" in value:
            return False
        if name == "include":
            self.included.add(value.lower().rstrip("."))
            return self._result(value, address) == "pass"
        if name in ("ip4", "ip6"):
            return _within(address, [value])
        if name in ("a", "mx"):
            host, *lengths = (value or domain).split("/")
            hosts = self.names.mail_exchangers(host or domain)[:MOST_HOSTS] if name == "mx" else [host or domain]
            return _within(address, _nets(self.names, hosts, lengths))
        return name == "exists" and bool(self.names.addresses(value))


def record(names: Names, domain: str) -> str:
    """Return the one record of `domain`. Raises Broken where there is none, or more than one."""
    found = [text for text in names.texts(domain) if text.lower() == "v=spf1" or text.lower().startswith("v=spf1 ")]
    if len(found) != 1:
        raise Broken(f"{domain} has {len(found) or 'no'} SPF record{'s' if found else ''}")
    return found[0]


def _parts(term: str) -> tuple[str, str, str]:
    """Return sign, name and value of a part: “~include:example.org” gives ~, include and example.org."""
    sign, rest = (term[0], term[1:]) if term[0] in RESULTS else ("+", term)
    for at, letter in enumerate(rest):
        if letter in ":=":
            return sign, rest[:at].lower(), rest[at + 1 :]
        if letter == "/":
            return sign, rest[:at].lower(), rest[at:]
    return sign, rest.lower(), ""


def _nets(names: Names, hosts: Iterable[str], lengths: list[str]) -> Iterator[str]:
    """Yield the networks of these hosts: single addresses, where no length is given (as in a/24//64)."""
    of_four, of_six = (lengths[0] if lengths else ""), (lengths[-1] if len(lengths) == 3 else "")
    for host in hosts:
        for found in names.addresses(host):
            length = of_six if ":" in found else of_four
            yield f"{found}/{length}" if length else found


def _within(address: Address, networks: Iterable[str]) -> bool:
    try:
        return any(address in ip_network(network, strict=False) for network in networks)
    except ValueError as error:
        raise Broken(str(error)) from error


# --- What is found


def look(names: Names, domain: str, sends: Sequence[tuple[Address, bool]], provider: str = "") -> Iterator[Finding]:
    """Say whether mail of `domain` may come from what `sends` (addresses, each with whether that is sure)."""
    todo = f"Publish one TXT record at {domain}, such as: v=spf1 {_suggestion(sends, provider)} -all"
    policy = Policy(names, domain)
    try:
        everybody = policy.allows(NOBODY)
        asked = policy.asked
        results = [(address, is_sure, policy.allows(address)) for address, is_sure in sends]
    except CannotAsk as error:
        yield unasked(ABOUT, error)
        return
    except Broken as error:
        yield fail(ABOUT, f"{error}: nobody can tell who may send for {domain}.", todo)
        return
    yield ok(ABOUT, f"{domain} has one record, followed in {asked} of {MOST_QUESTIONS} questions.")
    if everybody == "pass":
        yield fail(ABOUT, "It lets everybody send in your name.", "End it with -all or ~all.")
    elif everybody == "neutral":
        yield warn(ABOUT, "It says nothing of everybody else.", "End it with -all or ~all.")
    yield from (_of_address(domain, *result) for result in results)
    if provider:
        yield _of_provider(policy, provider)
    elif not results:
        said = "It is not known from which address mail leaves."
        yield warn(ABOUT, said, "Say it with --ip, once for each address.")


def _suggestion(sends: Sequence[tuple[Address, bool]], provider: str) -> str:
    named = [f"ip{address.version}:{address}" for address, _ in sends]
    return " ".join([*named, *([f"include:{provider}"] if provider else [])]) or "ip4:ADDRESS-THAT-SENDS"


def _of_address(domain: str, address: Address, is_sure: bool, result: str) -> Finding:
    if result == "pass":
        return ok(ABOUT, f"{address} may send for {domain}.")
    said = f"{address} is not among those that may send for {domain} ({result})."
    if is_sure:
        return fail(ABOUT, said, f"Add ip{address.version}:{address} to the record.")
    return warn(ABOUT, said, "Add what your relay's documents say; name the address it sends from with --ip.")


def _of_provider(policy: Policy, provider: str) -> Finding:
    if provider in policy.included:
        return ok(ABOUT, f"The provider is included ({provider}).")
    said = f"The provider is not included ({provider})."
    return warn(ABOUT, said, f"Add include:{provider}, unless it sends with a return path of its own.")
