"""A zone in which all is well, and how tests ask it."""

from collections.abc import Iterator
from contextlib import contextmanager

from digest.delivery.deliverability.names import Names
from tests.nameserver import name_server

GOOD = """
papers.example.org. IN TXT "v=spf1 ip4:192.0.2.7 ip6:2001:db8::/64 include:relay.example.net -all"
papers.example.org. IN TXT "something else"
papers.example.org. IN MX 10 mx.example.org.
relay.example.net. IN TXT "v=spf1 a:out.example.net " "ip4:198.51.100.0/24 ?all"
out.example.net. IN A 203.0.113.9
mx.example.org. IN A 192.0.2.8
mail.example.org. IN A 192.0.2.7
7.2.0.192.in-addr.arpa. IN PTR mail.example.org.
_dmarc.papers.example.org. IN TXT "v=DMARC1; p=quarantine; rua=mailto:dmarc@example.org"
"""


@contextmanager
def names(*records: str, without: str = "\0") -> Iterator[Names]:
    """Give the means to ask the good zone, with more records and without those lines that hold some words."""
    lines = [line for line in GOOD.splitlines() if without not in line]
    with name_server("\n".join([*lines, *records])) as server:
        yield Names("127.0.0.1", server.port)
