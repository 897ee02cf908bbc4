"""Looks through a whole database for words: every table and column, whatever put it there."""

import base64
import binascii
from collections.abc import Iterator
from typing import Any

from django.db import connection

from accounts.sessions import SessionStore


def tables_with(*words: str) -> set[str]:
    """Return the tables in which one of `words` stands, in any case, in the clear or as Django keeps it."""
    found = set()
    for table in connection.introspection.table_names():
        for row in _rows(table):
            said = " ".join(text for value in row for text in _texts(table, value)).lower()
            if any(word.lower() in said for word in words):
                found.add(table)
    return found


def _rows(table: str) -> Iterator[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608 - the name is the database's own
        yield from cursor.fetchall()


def _texts(table: str, value: Any) -> Iterator[str]:
    text = str(value)
    yield text
    if "\\u" in text:  # JSON that is kept in ASCII
        yield text.encode().decode("unicode_escape", errors="replace")
    if table.endswith("session"):
        yield str(SessionStore().decode(text))
    if table == "cache":
        try:
            yield base64.b64decode(text, validate=True).decode(errors="replace")
        except (binascii.Error, ValueError):
            return
