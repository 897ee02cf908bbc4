"""What is peculiar to one publisher's feeds, each in a module that knows its entries and puts them right.

`recognises` looks at one entry, whatever feed it comes from; `adjusted` returns it in the form that
`digest.sources.feed` reads, with what stands elsewhere moved to where it belongs. Publishers that write their feeds as
the standards say (PLOS's identifiers, Oxford's PRISM, Cambridge's Atom) need no module.
"""

from collections.abc import Iterable
from typing import Protocol

from digest.sources import pubmed
from digest.sources.entry import Entry
from digest.sources.publishers import (
    acs,
    aps,
    atypon,
    citations,
    elsevier,
    highwire,
    ieee,
    nature,
    pensoft,
    plos,
    relays,
    rsc,
    taylor_francis,
    wiley,
)


class Publisher(Protocol):
    def recognises(self, entry: Entry, /) -> bool: ...

    def adjusted(self, entry: Entry, /) -> Entry: ...


# Relays come first: they repeat other publishers' entries. Whose citations and addresses many share comes last.
PUBLISHERS: Iterable[Publisher] = (
    relays,
    elsevier,
    wiley,
    taylor_francis,
    nature,
    pubmed,
    aps,
    acs,
    rsc,
    pensoft,
    plos,
    ieee,
    highwire,
    atypon,
    citations,
)


def adjusted(entry: Entry) -> Entry:
    for publisher in PUBLISHERS:
        if publisher.recognises(entry):
            entry = publisher.adjusted(entry)
    return entry
