"""Looks at everything in turn, and gives what was found in the order in which it matters."""

from collections.abc import Iterator, Sequence

from django.conf import settings

from digest.delivery.deliverability import dkim_key, dmarc, hosts, one_click, relay, sender, spf
from digest.delivery.deliverability.finding import Finding, ok
from digest.delivery.deliverability.names import Address, Names
from digest.delivery.wire import provider


def findings(names: Names, *, sends: Sequence[Address] = (), selectors: Sequence[str] = ()) -> Iterator[Finding]:
    """Yield what is found. `sends` are the addresses from which mail leaves, `selectors` those of the DKIM keys."""
    yield from sender.look()
    domain = sender.domain_of(settings.DEFAULT_FROM_EMAIL)
    if domain:
        yield from _domain(names, domain, sends, selectors)
    yield relay.look()
    yield one_click.look()


def _domain(names: Names, domain: str, sends: Sequence[Address], selectors: Sequence[str]) -> Iterator[Finding]:
    """Yield what the DNS says of the domain of From, which is that of the return path too."""
    by = provider.in_use()
    addresses = [(address, True) for address in sends] or [(address, False) for address in relay.addresses()]
    yield from spf.look(names, domain, addresses, relay.PROVIDERS.get(by, ""))
    own = [settings.DKIM_SELECTOR] if settings.DKIM_KEY else []
    yield from dkim_key.look(names, settings.DKIM_DOMAIN, list(dict.fromkeys([*own, *selectors])))
    yield from dmarc.look(names, domain, bounces=domain, signs=settings.DKIM_DOMAIN)
    come_there = {domain: "bounces and replies"}
    come_there.setdefault(sender.domain_of(settings.UNSUBSCRIBE_EMAIL), "mails that unsubscribe")
    for where, why in come_there.items():
        yield hosts.take_mail(names, where, why)
    if by and not sends:
        yield ok("PTR", f"The addresses that send are {by}'s to see to.")
    yield from hosts.named(names, addresses)
