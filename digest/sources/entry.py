"""An entry of a feed as feedparser leaves it: fields may be missing, or of another type than one expects.

What `digest.sources.publishers` puts right stays in this form, so that `digest.sources.feed` reads all entries alike.
Beside feedparser's own fields it knows "stated_abstract": a text that is the abstract for sure, however short.
"""

from collections.abc import Iterable, Mapping
from typing import Any

Entry = Mapping[str, Any]


def string(fields: Entry, name: str) -> str:
    value = fields.get(name)
    return value.strip() if isinstance(value, str) else ""


def mappings(fields: Entry, name: str) -> list[Entry]:
    values = fields.get(name)
    return [value for value in values if isinstance(value, Mapping)] if isinstance(values, list) else []


def texts(entry: Entry) -> list[str]:
    """Return the texts of an entry, still as HTML: its content, then its summary."""
    contents = dict.fromkeys(string(content, "value") for content in mappings(entry, "content"))
    return [*contents, string(entry, "summary")]


def people(names: Iterable[str]) -> list[Entry]:
    """Return names as feedparser would leave the authors."""
    return [{"name": name} for name in names]
