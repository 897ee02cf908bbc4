"""When the next digest comes, in words and by the reader's own clock."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from accounts.models import Reader
from digest.templatetags.papers import weekday


def next_digest(reader: Reader, now: datetime) -> str:
    """Return one sentence on the next digest of an active reader."""
    slot = reader.next_digest_at
    if slot is None or slot <= now:
        return "Your next digest is on its way."
    local = (slot - reader.jitter).astimezone(ZoneInfo(reader.time_zone))
    clock = f"soon after {local:%H:%M}, {place(reader.time_zone)} time"
    return f"Your next digest comes {day_in_words(local.date(), reader.today)}, {clock}."


def day_in_words(day: date, today: date) -> str:
    """Return the day as people say it on `today`: "today", "tomorrow, Thursday, 5 March 2026", "on Monday, ..."."""
    if day == today:
        return "today"
    return f"tomorrow, {weekday(day)}" if day == today + timedelta(days=1) else f"on {weekday(day)}"


def place(zone: str) -> str:
    """Return a zone as a place: "Buenos Aires" for America/Argentina/Buenos_Aires."""
    return zone.rpartition("/")[2].replace("_", " ")
