"""Small charts for the admin, as plain geometry: the templates beside the pages draw it as SVG and say it in words.

Everything is in units of the chart's own view box; colours are the style sheet's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.dateformat import format as date_format

HEIGHT = 40
STEP, BAR = 8, 6  # from one bar to the next, and how wide each is
LINE_WIDTH = 240


@dataclass(frozen=True, slots=True)
class Bar:
    x: int
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class BarChart:
    """`words` say what the bars show, for whoever does not see them."""

    bars: Sequence[Bar]
    width: int
    words: str
    height: int = HEIGHT
    bar_width: int = BAR


@dataclass(frozen=True, slots=True)
class LineChart:
    name: str
    points: str
    words: str
    width: int = LINE_WIDTH
    height: int = HEIGHT


def per_day(counts: Mapping[date, int], last: date, days: int, what: str) -> BarChart:
    """Return one bar for each of the `days` up to `last`."""
    shown = [last - timedelta(days=ago) for ago in reversed(range(days))]
    values = [counts.get(day, 0) for day in shown]
    top = max(values) or 1
    bars = []
    for place, value in enumerate(values):
        height = round(max(HEIGHT * value / top, 1), 1)  # a day without any still shows its place
        bars.append(Bar(place * STEP, HEIGHT - height, height))
    total = sum(values)
    words = (
        f"{what} per day, {_day(shown[0])} to {_day(last)}: {total:,} in all, "
        f"{min(values):,} to {max(values):,} a day, {values[-1]:,} on the last day."
    )
    return BarChart(bars, days * STEP, words)


def over_time(name: str, readings: Sequence[tuple[datetime, int]]) -> LineChart:
    """Return the line through `readings`, of which there is at least one, in the order of time, from nought up."""
    (first, start), (last, end) = readings[0], readings[-1]
    span = (last - first).total_seconds() or 1
    top = max(value for _, value in readings) or 1
    places = [
        (LINE_WIDTH * (at - first).total_seconds() / span, HEIGHT - (HEIGHT - 2) * value / top)
        for at, value in readings
    ]
    if len(places) == 1:
        places.append((LINE_WIDTH, places[0][1]))
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    since = f" on {_day(first.date())}, {end:,} on {_day(last.date())}" if last != first else ""
    return LineChart(name, points, f"{start:,} {name}{since}.")


def _day(day: date) -> str:
    return date_format(day, "j\xa0M\xa0Y")
