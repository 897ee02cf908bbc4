"""Digests of which nobody knows whether they left: held, or sent once more, as the setting UNCERTAIN says.

Sent once more is the same mail: the same key, and so the same Message-ID, by which some mailboxes fold the second into
the first. Never twice, never when it is old by then, and never where a provider has said meanwhile what became of it
(`digest.feedback.settle`).
"""

from datetime import datetime, timedelta

from django.conf import settings

from digest.delivery.editions import FRESHNESS
from digest.feedback import settle
from digest.models import Digest

HOLD, RESEND = "hold", "resend"


def look_after_uncertain(now: datetime) -> int:
    """Settle what providers have reported of already, and then do as the policy says; return how many were moved."""
    return settle.by_reports_heard(now - FRESHNESS) + resend_uncertain(now)


def resend_uncertain(now: datetime) -> int:
    """Where that is the policy, make due what has been uncertain for long enough; return how many."""
    minutes = settings.UNCERTAIN_AFTER
    if settings.UNCERTAIN != RESEND or minutes < 1:
        return 0
    waited = Digest.objects.uncertain_since(now - timedelta(minutes=minutes), due_after=now - FRESHNESS)
    # One statement: a provider's word that comes at the same moment is before it or after it.
    return Digest.objects.filter(state=Digest.State.UNCERTAIN, pk__in=waited.values("pk")).update(
        state=Digest.State.RETRY,
        reason=f"uncertain for {minutes} minutes, so it is sent once more with the same Message-ID",
        next_attempt_at=now,
        resent_at=now,
        settled_at=None,
        claim=None,
    )
