"""Who does something in the admin, and how it is written down."""

from collections.abc import Sequence
from typing import cast

from django.contrib.admin.models import CHANGE, LogEntry
from django.db import models
from django.http import HttpRequest

from accounts.models import Reader


def is_superuser(request: HttpRequest) -> bool:
    return bool(getattr(request.user, "is_superuser", False))


def log_changes(request: HttpRequest, rows: Sequence[models.Model], said: str) -> None:
    """Write what was done into the log of each of `rows`."""
    LogEntry.objects.log_actions(cast("Reader", request.user).pk, rows, CHANGE, said)
