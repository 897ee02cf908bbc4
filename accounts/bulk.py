"""Writes many rows, or other values into each of them, with one plain statement.

Django's `bulk_update` builds a CASE with a WHEN for each row and column, which takes ten times as long to make as this
takes to make and to run; its upsert and its `bulk_create` take twice as long. The rows go along as JSON, in one
parameter: however many there are, the statement is the same.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from itertools import chain
from typing import Any

from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

Values = Mapping[str, Any]


def write_each(model: type[models.Model], rows: Sequence[tuple[Values, Values]], **among: Collection[str]) -> set[int]:
    """Write to each row (what it is known by, its new values); return the keys of those written.

    Both are by the names of fields, the same ones in all rows; what a row is known by says its `id`. Left alone are
    rows that are not as they are known any more, or whose field in `among` holds none of the values given for it.
    """
    if not rows:
        return set()
    connection = connections["default"]
    known: dict[str, Any] = {name: model._meta.get_field(name) for name in rows[0][0]}
    new: dict[str, Any] = {name: model._meta.get_field(name) for name in rows[0][1]}
    given = [
        {f"known_{name}": _plain(field, known_by[name], connection) for name, field in known.items()}
        | {f"new_{name}": _plain(field, values[name], connection) for name, field in new.items()}
        for known_by, values in rows
    ]
    fields = {f"known_{name}": field for name, field in known.items()} | {f"new_{name}": f for name, f in new.items()}
    table = model._meta.db_table
    conditions = [f"{table}.{field.column} = given.known_{name}" for name, field in known.items()]
    conditions += [f"{table}.{name} IN ({', '.join(['%s'] * len(values))})" for name, values in among.items()]
    statement = (
        f"UPDATE {table} SET {', '.join(f'{field.column} = given.new_{name}' for name, field in new.items())} "  # noqa: S608 - names of our own
        f"FROM {_source(fields, connection)} WHERE {' AND '.join(conditions)} RETURNING {table}.id"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [json.dumps(given, default=str), *chain.from_iterable(among.values())])
        return {key for (key,) in cursor.fetchall()}


def insert_missing(model: type[models.Model], rows: Sequence[Values]) -> None:
    """Insert each of `rows`, by the names of fields, the same ones in all; the other fields have their defaults.

    Left out are rows that would be there twice. A default is asked for once: what is to differ must be given.
    """
    if not rows:
        return
    connection = connections["default"]
    fields: dict[str, Any] = {name: model._meta.get_field(name) for name in rows[0]}
    others = [field for field in model._meta.concrete_fields if not (field.primary_key or field.name in fields)]
    given = [{name: _plain(field, row[name], connection) for name, field in fields.items()} for row in rows]
    columns = ", ".join(field.column for field in [*fields.values(), *others])
    values = ", ".join([*(f"given.{name}" for name in fields), *["%s"] * len(others)])
    statement = (
        f"INSERT INTO {model._meta.db_table} ({columns}) SELECT {values} "  # noqa: S608 - names of our own
        f"FROM {_source(fields, connection)} WHERE true ON CONFLICT DO NOTHING"
    )
    defaults = [field.get_db_prep_save(field.get_default(), connection) for field in others]
    with connection.cursor() as cursor:
        cursor.execute(statement, [*defaults, json.dumps(given, default=str)])


def _source(fields: Mapping[str, Any], connection: BaseDatabaseWrapper) -> str:
    """Return the part of a statement that reads rows from JSON, as each database spells it."""
    if connection.vendor == "postgresql":
        typed = ", ".join(f"{name} {field.rel_db_type(connection)}" for name, field in fields.items())
        return f"json_to_recordset(%s) AS given ({typed})"
    read = ", ".join(f"json_extract(value, '$.{name}') AS {name}" for name in fields)
    return f"(SELECT {read} FROM json_each(%s)) AS given"  # noqa: S608 - names of our own


def _plain(field: Any, value: Any, connection: BaseDatabaseWrapper) -> Any:
    """Return a value as this database keeps it, but JSON as it is: all of it is put into JSON together."""
    return value if isinstance(field, models.JSONField) else field.get_db_prep_save(value, connection)
