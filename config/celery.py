"""The Celery app and every scheduled job.

Celery is only the clock and the muscle: each job handles what is due in the database, so that a message that is lost,
doubled or killed does no harm. What a job does is in `digest.tasks`.
"""

import os

from celery import Celery
from celery.schedules import crontab
from celery.signals import worker_ready
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("broadsheet")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(lambda: settings.INSTALLED_APPS)


@worker_ready.connect
def answer_probes(**_: object) -> None:
    """Have a worker say how it is, where WORKER_PORT is set."""
    from digest.web.probe_server import start  # noqa: PLC0415 - the pages come after the apps, and those after Celery

    start(settings.WORKER_HOST, settings.WORKER_PORT)


# An unanswered message is worthless once the next one is due: each expires before its successor is sent. Those that
# rank and deliver live longer: where one process does all the work, they wait for a turn behind a minute of fetching.
app.conf.beat_schedule = {
    "refresh-sources": {
        "task": "digest.tasks.refresh_sources",
        "schedule": crontab(minute="*"),
        "options": {"expires": 55},
    },
    "catch-up": {
        "task": "digest.tasks.catch_up",
        "schedule": crontab(minute="*/2"),
        "options": {"expires": 110},
    },
    "refresh-votes": {
        "task": "digest.tasks.refresh_votes",
        "schedule": crontab(minute="*/10"),
        "options": {"expires": 540},
    },
    "complete-papers": {
        "task": "digest.tasks.complete_papers",
        "schedule": crontab(minute="*/5"),
        "options": {"expires": 280},
    },
    "rank-papers": {
        "task": "digest.tasks.rank_papers",
        "schedule": crontab(minute="*"),
        "options": {"expires": 280},
    },
    "count-topic-days": {
        "task": "digest.tasks.count_topic_days",
        "schedule": crontab(minute="*/2"),
        "options": {"expires": 110},
    },
    "deliver-digests": {
        "task": "digest.tasks.deliver_digests",
        "schedule": crontab(minute="*"),
        "options": {"expires": 280},
    },
    "deliver-letters": {
        "task": "digest.tasks.deliver_letters",
        "schedule": crontab(minute="*"),
        "options": {"expires": 280},
    },
    "close-editions": {
        "task": "digest.tasks.close_editions",
        "schedule": crontab(minute="*/10"),
        "options": {"expires": 540},
    },
    "count-up": {
        "task": "digest.tasks.count_up",
        "schedule": crontab(minute="*/5"),
        "options": {"expires": 280},
    },
    "forget-old-rows": {
        "task": "digest.tasks.forget_old_rows",
        "schedule": crontab(minute="17", hour="3"),
        "options": {"expires": 3600},
    },
}
