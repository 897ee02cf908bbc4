"""The cells of a file of readers: its columns, its limits, and what is wrong with a file or a cell, in words."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from import_export.widgets import DateTimeWidget, IntegerWidget

COLUMNS = (
    "email",
    "name",
    "topics",
    "time_zone",
    "delivery_hour",
    "days",
    "weekday",
    "papers",
    "consent_text",
    "consented_at",
)
ROWS = 20_000  # of one file
CELL = 5000  # characters
TOPICS = 50  # of one reader


class Whole(IntegerWidget):  # type: ignore[misc]
    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> int:
        try:
            return int(value)
        except ValueError as error:
            raise ValueError(f"“{value[:40]}” is not a whole number.") from error


class Moment(DateTimeWidget):  # type: ignore[misc]
    """A moment in ISO 8601; without an offset it is UTC."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> datetime:
        try:
            found = datetime.fromisoformat(value)
        except ValueError as error:
            raise ValueError(f"“{value[:40]}” is not a moment; write one like 2026-03-01T09:00+01:00.") from error
        aware = timezone.make_aware(found) if timezone.is_naive(found) else found
        if aware > timezone.now():
            raise ValueError("This moment has not come yet.")
        return aware


def problem_of(dataset: Any) -> str:
    """Return what is wrong with the file as a whole; "" where nothing is."""
    headers = dataset.headers
    if len(headers) == 1 and ";" in headers[0]:
        return "The columns of this file are separated by semicolons; commas are needed."
    if "email" not in headers:
        return (
            f"The first line must name the columns, and one of them must be email. It may name: {', '.join(COLUMNS)}."
        )
    if unknown := [header[:40] for header in headers if header not in COLUMNS]:
        return f"No such column: {', '.join(unknown)}. There are: {', '.join(COLUMNS)}."
    if len(set(headers)) < len(headers):
        return "The first line names a column twice."
    if len(dataset) > ROWS:
        return f"The file has {len(dataset):,} rows; {ROWS:,} are the most. Cut it into several."
    return ""
