"""Very many rows in a moment, on PostgreSQL: copies of one row, each with some columns of its own; and query plans."""

from collections.abc import Collection, Iterator
from typing import Any

from django.db import connection, models


def multiply(row: models.Model, count: int, **given: str) -> None:
    """Copy `row` `count` times; `given` are columns as SQL of n, the number of the copy."""
    quote, options = connection.ops.quote_name, row._meta
    columns = [str(field.column) for field in options.concrete_fields if not field.primary_key]
    values = [given.get(column, f"model.{quote(column)}") for column in columns]
    table, named = quote(options.db_table), ", ".join(map(quote, columns))
    sql = (
        f"INSERT INTO {table} ({named}) SELECT {', '.join(values)} "  # noqa: S608 - a test's own
        f"FROM {table} AS model, generate_series(1, {count:d}) AS n WHERE model.id = {row.pk:d}"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql)


def analyze(*nouns: type[models.Model], vacuum: bool = False) -> None:
    """Let the planner know what is there; `vacuum` cannot be had within a transaction, as tests are."""
    with connection.cursor() as cursor:
        for noun in nouns:
            cursor.execute(f"{'VACUUM ' if vacuum else ''}ANALYZE {connection.ops.quote_name(noun._meta.db_table)}")


def steps(sql: str, values: Any = None) -> list[dict[str, Any]]:
    """Return the steps in which PostgreSQL would do a statement."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", values)
        return list(_with_its_parts(cursor.fetchone()[0][0]["Plan"]))


def scans(asked: Any, nouns: Collection[type[models.Model]]) -> list[str]:
    """Return the statements of `asked` that read the whole table of one of `nouns`."""
    tables = {noun._meta.db_table for noun in nouns}
    done = [query["sql"] for query in asked.captured_queries if query["sql"].startswith(("SELECT", "UPDATE"))]
    return [
        f"{step['Relation Name']} in {sql[:300]}"
        for sql in done
        for step in steps(sql)
        if step["Node Type"] == "Seq Scan" and step["Relation Name"] in tables
    ]


def _with_its_parts(step: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield step
    for part in step.get("Plans", []):
        yield from _with_its_parts(part)
