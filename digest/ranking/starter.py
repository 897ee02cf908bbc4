"""The starter catalogue: topics in the standard terms of the sciences, for readers who do not know yet how to ask.

What staff promote into the catalogue is in the database (`digest.models.catalogue` puts both together).
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from digest.ranking.query import parse_query

_FILE = Path(__file__).with_name("starter.json")


@dataclass(frozen=True, slots=True)
class Entry:
    """A topic of the catalogue: `description` says what its readers get, `query` is in our query language."""

    name: str
    group: str
    description: str
    query: str

    @property
    def canonical(self) -> str:
        return parse_query(self.query).canonical


@cache
def starter() -> tuple[Entry, ...]:
    """Return the entries in the order of the file: group by group."""
    groups = json.loads(_FILE.read_text("utf-8"))
    return tuple(Entry(name, group, said, query) for group, rows in groups.items() for name, said, query in rows)


@cache
def starter_by_query() -> dict[str, Entry]:
    """Return the entries by the one spelling of their queries."""
    return {entry.canonical: entry for entry in starter()}


def named(text: str, entries: Iterable[Entry]) -> Entry | None:
    """Return the entry whose name is `text`, in any case and spacing."""
    wanted = " ".join(text.casefold().split())
    return next((entry for entry in entries if entry.name.casefold() == wanted), None)
