"""Whether this process can do its work: what is wrong with what it depends on, in words for whoever runs it.

How it is told to machines is `digest.web.probes`'. No word of an error is passed on: it could name hosts and accounts.
"""

from datetime import datetime
from functools import cache as kept

from django.conf import settings
from django.core.cache import cache
from django.db import Error, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from digest.delivery.tally import OLD
from digest.models import Tally

Migration = tuple[str, str]


def wrong(now: datetime) -> dict[str, str]:
    """Return what is wrong by what it is wrong with; nothing where all is well."""
    return _database(now) | (_queue() if settings.REDIS_URL else {})


def _database(now: datetime) -> dict[str, str]:
    """Look at the database, and at what it says of migrations and the clock."""
    try:
        applied = MigrationRecorder(connection).applied_migrations()
        if waiting := newest_migrations() - applied.keys():
            names = ", ".join(sorted(app for app, _ in waiting))
            return {"migrations": f"not all are applied ({names}): run manage.py migrate"}
        counted = Tally.objects.filter(pk=1).values_list("taken_at", flat=True).first()
    except Error:
        return {"database": "it cannot be used: see DATABASE_URL and whether it runs"}
    # The clock has time to count for the first time, or again, when something was installed.
    last = max(filter(None, [counted, *(migration.applied for migration in applied.values())]))
    if last <= now - OLD:
        return {"clock": f"nothing was counted since {last:%Y-%m-%d %H:%M} UTC: see that celery beat and a worker run"}
    return {}


@kept
def newest_migrations() -> frozenset[Migration]:
    """Return the last migration of each app, as the files of this release have them."""
    return frozenset(MigrationLoader(None).graph.leaf_nodes())


def _queue() -> dict[str, str]:
    try:
        cache.get("ready")
    except Exception:  # the driver's own, which an installation without Redis need not have
        return {"redis": "it cannot be reached: see REDIS_URL and whether it runs"}
    return {}
