"""The hosts of mail: who takes what comes back (MX), and the names of the addresses that send (PTR)."""

from collections.abc import Callable, Iterable, Iterator

from digest.delivery.deliverability.finding import Finding, fail, ok, unasked, warn
from digest.delivery.deliverability.names import Address, CannotAsk, Names


def take_mail(names: Names, domain: str, why: str) -> Finding:
    """Say whether mail to `domain` can arrive; `why` says what comes there."""
    about = "MX"
    todo = f"Publish an MX record for {domain} that names a host which takes its mail, or use another domain."
    try:
        hosts = names.mail_exchangers(domain)
        if "" in hosts:
            return fail(about, f"{domain} says that it takes no mail, but {why} come there.", todo)
        reached = [host for host in hosts if names.addresses(host)]
        if not hosts and names.addresses(domain):
            return warn(about, f"{domain} has no MX record: its own host is tried, for {why}.", todo)
    except CannotAsk as error:
        return unasked(about, error)
    if not reached:
        found = f"names hosts without an address ({', '.join(hosts)})" if hosts else "has no MX record"
        return fail(about, f"{domain} {found}: {why} are lost.", todo)
    return ok(about, f"{reached[0]} takes {why} for {domain}.")


def named(names: Names, sends: Iterable[tuple[Address, bool]]) -> Iterator[Finding]:
    """Say whether each address has a name that leads back to it. Where it is not sure that it sends, that may wait."""
    for address, is_sure in sends:
        yield _named(names, address, fail if is_sure else warn)


def _named(names: Names, address: Address, judge: Callable[[str, str, str], Finding]) -> Finding:
    about = "PTR"
    try:
        pointers = names.pointers(address)
        confirmed = [name for name in pointers if str(address) in names.addresses(name)]
    except CannotAsk as error:
        return unasked(about, error)
    todo = "Ask whoever gave you the address to set its name (PTR), and give that name this address (A or AAAA)."
    if not pointers:
        return judge(about, f"{address} has no name: large mail systems refuse its mail.", todo)
    if not confirmed:
        return judge(about, f"{address} is called {pointers[0]}, but that name has another address.", todo)
    return ok(about, f"{address} is {confirmed[0]}, and that is {address}.")
