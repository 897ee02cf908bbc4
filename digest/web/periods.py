"""Days, weeks and months of papers, as addresses and headings name them: 2026-03-04, 2026-W10, 2026-03.

Weeks are ISO weeks, from Monday to Sunday. No database and no request here.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from django.urls import reverse
from django.utils.dateformat import format as date_format

Kind = Literal["day", "week", "month"]

# No paper is older, and no date near the ends of the calendar has to be reckoned with.
FIRST, LAST = date(1900, 1, 1), date(2199, 12, 31)
DAY = timedelta(days=1)

_WRITTEN: dict[Kind, re.Pattern[str]] = {
    "day": re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII),
    "week": re.compile(r"\d{4}-W\d{2}", re.ASCII),
    "month": re.compile(r"\d{4}-\d{2}", re.ASCII),
}


@dataclass(frozen=True, slots=True)
class Period:
    """The days from `first` to `last`, both included."""

    kind: Kind
    first: date
    last: date

    def __str__(self) -> str:
        """Return what addresses call it."""
        match self.kind:
            case "day":
                return self.first.isoformat()
            case "week":
                year, week, _ = self.first.isocalendar()
                return f"{year:04}-W{week:02}"
            case "month":
                return f"{self.first:%Y-%m}"

    @property
    def path(self) -> str:
        """Return the path of its page; the view has the name of the kind."""
        return reverse(self.kind, args=[self])

    @property
    def title(self) -> str:
        """Return it as a heading: "Wednesday, 4 March 2026", "2 to 8 March 2026", "March 2026"."""
        match self.kind:
            case "day":
                return date_format(self.first, "l, j F Y")
            case "week":
                return f"{_start(self.first, self.last)} to {date_format(self.last, 'j F Y')}"
            case "month":
                return date_format(self.first, "F Y")

    @property
    def short(self) -> str:
        """Return it where the year is clear: "4 March", "2 to 8 March", "March"."""
        match self.kind:
            case "day":
                return date_format(self.first, "j F")
            case "week":
                return f"{_start(self.first, self.last)} to {date_format(self.last, 'j F')}"
            case "month":
                return date_format(self.first, "F")

    @property
    def previous(self) -> "Period | None":
        return holding(self.kind, self.first - DAY) if self.first > FIRST else None

    @property
    def next(self) -> "Period | None":
        return holding(self.kind, self.last + DAY) if self.last < LAST else None


def holding(kind: Kind, day: date) -> Period:
    """Return the day, week or month that holds `day`."""
    match kind:
        case "day":
            return Period(kind, day, day)
        case "week":
            monday = day - timedelta(days=day.weekday())
            return Period(kind, monday, monday + timedelta(days=6))
        case "month":
            first = day.replace(day=1)
            return Period(kind, first, (first + timedelta(days=31)).replace(day=1) - DAY)


def parse_period(kind: Kind, text: str) -> Period:
    """Read a period in its one spelling. Raises ValueError, in words for whoever wrote it."""
    if not _WRITTEN[kind].fullmatch(text):
        raise ValueError(f"“{text[:40]}” is no {kind}. Write it like this: {holding(kind, date(2026, 3, 4))}")
    try:
        if kind == "week":
            day = date.fromisocalendar(int(text[:4]), int(text[6:]), 1)
        else:
            day = date.fromisoformat(text if kind == "day" else f"{text}-01")
    except ValueError as error:
        raise ValueError(f"There is no {kind} {text} in the calendar.") from error
    if not FIRST <= day <= LAST:
        raise ValueError(f"{text} is too far away.")
    return holding(kind, day)


def _start(first: date, last: date) -> str:
    """Return the first day, with what differs from the last."""
    if first.year != last.year:
        return date_format(first, "j F Y")
    return date_format(first, "j" if first.month == last.month else "j F")
