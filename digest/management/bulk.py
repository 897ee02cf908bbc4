"""Writes very many rows at once, for the commands that invent data: COPY on PostgreSQL, plain inserts elsewhere.

The rows are unsaved models with keys of their own, which `reserve` gives.
"""

import json
from collections.abc import Sequence
from typing import Any

from django.db import connection, models


def reserve(model: type[models.Model], count: int) -> range:
    """Return `count` keys that nobody else is given. Elsewhere than on PostgreSQL, call it within a transaction."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT setval(s, nextval(s) + %s - 1) FROM pg_get_serial_sequence(%s, 'id') s", [count, table]
            )
            return range((end := cursor.fetchone()[0] + 1) - count, end)
        first = (model._default_manager.aggregate(last=models.Max("pk"))["last"] or 0) + 1
    return range(first, first + count)


def write(rows: Sequence[models.Model]) -> None:
    """Insert `rows`, all of one model."""
    if not rows:
        return
    model = type(rows[0])
    if connection.vendor != "postgresql":
        model._default_manager.bulk_create(rows, batch_size=500)
        return
    fields = [(field.attname, isinstance(field, models.JSONField)) for field in model._meta.concrete_fields]
    columns = ", ".join(f'"{field.column}"' for field in model._meta.concrete_fields)
    with connection.cursor() as cursor, cursor.copy(f'COPY "{model._meta.db_table}" ({columns}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row([_value(row, name, is_json=is_json) for name, is_json in fields])


def write_new(rows: Sequence[models.Model]) -> None:
    """Give `rows`, all of one model, their keys, and insert them."""
    if rows:
        for row, key in zip(rows, reserve(type(rows[0]), len(rows)), strict=True):
            row.pk = key
        write(rows)


def _value(row: models.Model, name: str, *, is_json: bool) -> Any:
    value = getattr(row, name)
    return json.dumps(value) if is_json else value
