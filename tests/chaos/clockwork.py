"""The Celery application with its schedule by the quick clock: what runs each minute there runs each second here."""

from datetime import timedelta

from config.celery import app

JOBS = ("rank-papers", "deliver-digests", "deliver-letters", "count-up")

app.conf.beat_schedule = {
    name: {**app.conf.beat_schedule[name], "schedule": timedelta(seconds=1), "options": {"expires": 5}} for name in JOBS
}
