"""Drops rows that nothing needs any more, in pieces, so that no table grows without end."""

from datetime import datetime, timedelta

from django.db import models

from digest.models import Digest, Match, Signal

KEPT_MATCHES = timedelta(days=30)
KEPT_DIGESTS = timedelta(days=90)
KEPT_SIGNALS = timedelta(days=365)
PIECE = 5000


def forget(now: datetime) -> int:
    """Delete matches, digests and signals past their time; return how many."""
    return sum(
        _delete(old)
        for old in (
            Match.objects.filter(announced_on__lt=(now - KEPT_MATCHES).date()),
            Digest.objects.filter(edition__date__lt=(now - KEPT_DIGESTS).date(), next_attempt_at=None),
            Signal.objects.filter(observed_at__lt=now - KEPT_SIGNALS),
        )
    )


def _delete(old: models.QuerySet[models.Model]) -> int:
    total = 0
    while keys := list(old.values_list("pk", flat=True)[:PIECE]):
        total += old.model._default_manager.filter(pk__in=keys).delete()[0]
    return total
