"""The starter catalogue: topics in the standard terms of the sciences, for readers who do not know yet how to ask.

What staff promote into the catalogue is in the database (`digest.models.catalogue` puts both together).
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from digest.ranking.query import parse_query
from digest.ranking.text import is_term, tokens

_FILE = Path(__file__).with_name("starter.json")
_FITS = 0.5  # of what was typed, by rarity in the catalogue, an entry has to say at least
_BEGINNING = 3  # letters from which on the beginning of a word counts: people look while they type


@dataclass(frozen=True, slots=True)
class Entry:
    """A topic of the catalogue: `description` says what its readers get, `query` is in our query language."""

    name: str
    group: str
    description: str
    query: str

    @property
    def canonical(self) -> str:
        return _canonical(self.query)


@lru_cache(maxsize=2000)
def _canonical(query: str) -> str:
    return parse_query(query).canonical


@cache
def starter() -> tuple[Entry, ...]:
    """Return the entries in the order of the file: group by group."""
    groups = json.loads(_FILE.read_text("utf-8"))
    return tuple(Entry(name, group, said, query) for group, rows in groups.items() for name, said, query in rows)


@cache
def starter_by_query() -> dict[str, Entry]:
    """Return the entries by the one spelling of their queries."""
    return {entry.canonical: entry for entry in starter()}


def query_of(text: str, entries: Sequence[Entry]) -> str:
    """Return the query of the entry that has this name, in any case and spacing; or else the text itself."""
    wanted = " ".join(text.casefold().split())
    return next((entry.query for entry in entries if entry.name.casefold() == wanted), text)


def fitting(text: str, entries: Sequence[Entry], *, most: int) -> list[Entry]:
    """Return the entries that say most of what `text` says, whose last word may not be typed to its end yet."""
    wanted = list(dict.fromkeys(filter(is_term, tokens(text))))
    found = [[token for token in wanted if _says(entry, token)] for entry in entries]
    common = Counter(token for row in found for token in row)
    worth = {token: 1 / (common[token] or 1) for token in wanted}
    shares = [sum(worth[token] for token in row) / sum(worth.values()) if row else 0.0 for row in found]
    order = sorted(range(len(entries)), key=lambda place: (-shares[place], len(entries[place].name), place))
    return [entries[place] for place in order[:most] if shares[place] >= _FITS]


def _says(entry: Entry, token: str) -> bool:
    known = _stems(f"{entry.name} {entry.query}")
    return token in known or (len(token) >= _BEGINNING and any(word.startswith(token) for word in known))


@lru_cache(maxsize=2000)
def _stems(text: str) -> frozenset[str]:
    return frozenset(filter(is_term, tokens(text)))
