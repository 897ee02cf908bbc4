"""How tests come to a reader's pages, and what they fill in there."""

from typing import Any

from accounts.models import Reader
from digest.feedback.links import Purpose, link


def path_for(reader: Reader, purpose: Purpose) -> str:
    return link(purpose, reader.pk).removeprefix("https://papers.example.org")


def preferences_of(reader: Reader) -> str:
    return path_for(reader, Purpose.PREFERENCES)


def followed(reader: Reader) -> list[str]:
    return list(reader.subscriptions.active().order_by("pk").values_list("topic__query", flat=True))


def filled(reader: Reader, **changed: Any) -> dict[str, Any]:
    """Return the form as the page shows it, with some fields filled in otherwise."""
    shown = {
        "time_zone": reader.time_zone,
        "delivery_hour": reader.delivery_hour,
        "days": reader.days,
        "weekday": reader.weekday,
        "papers": reader.papers,
        "paused_until": reader.paused_until or "",
        "topics": list(reader.subscriptions.active().values_list("pk", flat=True)),
        "new_topic": "",
    }
    return shown | changed
