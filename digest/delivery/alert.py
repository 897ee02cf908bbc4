"""Tells somebody that mail has stopped: in the log, and by a letter, which waits for nothing that digests wait for.

What has stopped may be what the letter needs, too. So the log says it first, and the admin's front page as long as it
lasts.
"""

import logging
from datetime import datetime

from django.conf import settings

from accounts.models import Reader
from digest.models import Letter, Pace

log = logging.getLogger(__name__)


def mail_stopped(pace: Pace, now: datetime) -> None:
    """Tell it once, when it begins; in the transaction that stops it."""
    whose = "Mail" if pace.is_all_mail else f"Mail to {pace.name}"
    log.error("pace=%s: %s has stopped, too many were refused: %s", pace.pk, whose, pace.trouble)
    page = settings.SITE_URL + "/admin/digest/pace/"
    lines = [
        f"Too many mails were refused for what the sender is. The last answer was: {pace.trouble}",
        f"Digests wait until {pace.closed_until:%H:%M} UTC. Then a few go, and if they are taken, the others follow.",
        f"If the cause is found before that, have mail go on in the admin, under Pace: {page}",
    ]
    for address in settings.ALERT_EMAIL or superusers():
        Letter.objects.post(
            Letter.Kind.NOTICE, address, now=now, said={"title": f"{whose} has stopped", "lines": lines}
        )


def superusers() -> list[str]:
    return list(Reader.objects.filter(is_superuser=True, is_active=True).order_by("pk").values_list("email", flat=True))
