"""What the clock calls: each job handles what is due and returns how much that was. When they run: `config.celery`.

Who posts a letter calls `letters_soon`, so that its reader need not wait for the clock, and the page not for the mail.
A run of digests that is more than one worker's work calls another worker, which does the same: so all that are free
share an hour's digests within seconds. How long each goes on is `digest.delivery.shift`'s.
"""

import logging
from concurrent.futures import ThreadPoolExecutor
from threading import Event

from celery import Task, shared_task
from django.db import connections, transaction
from django.utils import timezone

from digest.delivery.deliver import deliver_due
from digest.delivery.editions import close_over
from digest.delivery.forget import forget
from digest.delivery.letters import deliver_letters_due
from digest.delivery.shift import LASTS, Shift
from digest.delivery.tally import bring_up_to_date
from digest.ingest.catch_up import catch_up_due
from digest.ingest.complete import complete_due
from digest.ingest.index import index_due
from digest.ingest.rank import match_due, open_topic_pages, update_trends
from digest.ingest.refresh import refresh_due
from digest.ingest.signals import refresh_signals
from digest.ingest.topic_days import count_days_due
from digest.models import Letter

log = logging.getLogger(__name__)


@shared_task
def refresh_sources() -> int:
    return refresh_due()


@shared_task
def catch_up() -> int:
    return catch_up_due()


@shared_task
def refresh_votes() -> int:
    return refresh_signals(timezone.now())


@shared_task
def complete_papers() -> int:
    return complete_due(timezone.now())


@shared_task
def rank_papers() -> int:
    now = timezone.now()
    return open_topic_pages(now) + index_due(now) + match_due(now) + update_trends(now)


@shared_task
def count_topic_days() -> int:
    return count_days_due(timezone.now())


@shared_task(bind=True)
def deliver_digests(self: Task[[], int]) -> int:
    match_due(timezone.now())  # a topic followed a moment ago has its papers before anybody is told there are none
    return deliver_due(go_on=Shift(_call_nobody if self.request.is_eager else _call_another).goes_on)


def _call_another() -> None:
    """Ask one more worker to join, or oneself to go on later: one message takes the place of the one that began this.

    Whom nobody answers in time is not needed any more: the clock calls again each minute.
    """
    try:
        deliver_digests.apply_async(expires=LASTS.seconds + 10, retry=False)
    except Exception:
        log.exception("no other worker is called")


def _call_nobody() -> None: ...


@shared_task
def deliver_letters() -> int:
    now = timezone.now()
    if Letter.objects.due(now).filter(kind=Letter.Kind.WELCOME).exists():
        match_due(now)  # its topics can be new, and it shows their papers
    return deliver_letters_due()


# A mail system, or a broker, that does not answer holds up this one thread of the process and no page. A process that
# ends waits for it, so that no hand-over is cut.
messenger = ThreadPoolExecutor(max_workers=1, thread_name_prefix="letters")
_asked = Event()


def letters_soon() -> None:
    """Have the letters of this transaction delivered once it is committed, while the caller goes on.

    A mail system or a broker that cannot be reached harms nobody: the clock comes round.
    """
    transaction.on_commit(_ask, robust=True)


def _ask() -> None:
    """Send the messenger, unless one is about to leave who will find everything that is posted by now."""
    if not _asked.is_set():
        _asked.set()
        messenger.submit(_send)


def _send() -> None:
    _asked.clear()
    try:
        deliver_letters.apply_async(expires=280, retry=False)
    except Exception:
        log.exception("letters wait for the clock")
    finally:
        connections.close_all()


@shared_task
def close_editions() -> int:
    return close_over(timezone.now())


@shared_task
def count_up() -> int:
    return bring_up_to_date(timezone.now())


@shared_task
def forget_old_rows() -> int:
    return forget(timezone.now())
