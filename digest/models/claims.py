"""Claiming rows, for every stage: a due time that is also the lease.

A row is due when its due column lies in the past. Claiming moves the column forward by a lease, so that nobody else
takes the row, and so that it comes due again by itself if the claimer dies. What is done with it is the caller's.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connections, models, transaction

from accounts.bulk import write_each

LEASE = timedelta(minutes=10)  # of mails: after it, whoever claimed them or took room for them has died


def claim(due: models.QuerySet[Any], column: str, *, until: datetime, limit: int, **marks: Any) -> list[int]:
    """Take up to `limit` rows of `due` by moving `column` to `until` (and setting `marks`); return their keys.

    PostgreSQL skips rows that another claimer holds; SQLite's IMMEDIATE transactions let one claimer in at a time.
    """
    skip_locked = connections[due.db].features.has_select_for_update_skip_locked
    with transaction.atomic(using=due.db):
        keys = list(due.select_for_update(skip_locked=skip_locked).values_list("pk", flat=True)[:limit])
        due.model._default_manager.filter(pk__in=keys).update(**{column: until}, **marks)
    return keys


def write_held(
    model: type[models.Model], rows: Sequence[tuple[int, UUID | None, Mapping[str, Any]]], states: Collection[str]
) -> set[int]:
    """Write to each row (key, claim, values) its own values, in one statement; return the keys of those written.

    Left alone are rows that are not held under their claim any more, or in none of `states`. All rows have the same
    columns, and are locked in the order of their keys, as every worker does.
    """
    in_order = sorted(rows, key=lambda row: row[0])
    return write_each(model, [({"id": key, "claim": claim}, values) for key, claim, values in in_order], state=states)
