"""Drops rows that nothing needs any more, in pieces, so that no table grows without end."""

from datetime import datetime, timedelta

from django.db import models

from accounts.models import Session
from digest.models import Change, Digest, Fetch, Gap, Letter, MailEvent, Match, Signal, Signup, TopicDay
from digest.models.match import KEPT_DAYS

KEPT_MATCHES = timedelta(days=KEPT_DAYS)
KEPT_DIGESTS = timedelta(days=90)
KEPT_SIGNALS = timedelta(days=365)
KEPT_TOPIC_DAYS = timedelta(days=365)
KEPT_VISITS = timedelta(days=60)  # what came of each visit to a source, and the days that were caught up
KEPT_LETTERS = timedelta(days=30)
KEPT_SIGNUPS = timedelta(days=14)  # longer than the link of their mail lasts; what was confirmed is with the reader
KEPT_MAIL_EVENTS = timedelta(days=180)
PIECE = 5000


def forget(now: datetime) -> int:
    """Delete what is past its time: matches, digests, letters, the history of sources, more; return how many rows."""
    total = sum(
        _delete(old)
        for old in (
            Match.objects.filter(announced_on__lt=(now - KEPT_MATCHES).date()),
            Digest.objects.filter(edition__date__lt=(now - KEPT_DIGESTS).date(), next_attempt_at=None),
            Signal.objects.filter(observed_at__lt=now - KEPT_SIGNALS),
            TopicDay.objects.filter(day__lt=(now - KEPT_TOPIC_DAYS).date()),
            MailEvent.objects.filter(at__lt=now - KEPT_MAIL_EVENTS),
            Fetch.objects.filter(at__lt=now - KEPT_VISITS),
            Gap.objects.filter(last__lt=(now - KEPT_VISITS).date(), next_attempt_at=None),
            Letter.objects.filter(posted_at__lt=now - KEPT_LETTERS, next_attempt_at=None),
            Signup.objects.filter(asked_at__lt=now - KEPT_SIGNUPS),
            Session.objects.filter(expire_date__lt=now),
        )
    )
    if total:
        Change.objects.note()  # topics have fewer matches, and charts begin later
    return total


def _delete(old: models.QuerySet[models.Model]) -> int:
    total = 0
    while keys := list(old.values_list("pk", flat=True)[:PIECE]):
        total += old.model._default_manager.filter(pk__in=keys).delete()[0]
    return total
