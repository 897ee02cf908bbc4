"""Small charts for the admin, as plain geometry: templates draw it as SVG, all by attributes, and say it in words.

Everything is in units of the chart's own view box; colours are the style sheet's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from digest.templatetags.papers import day as dated

BAR_STEP, BAR_HEIGHT = 10, 48
LINE_WIDTH, LINE_HEIGHT = 240, 40


@dataclass(frozen=True, slots=True)
class Bar:
    """One day; nothing is drawn for a day without any."""

    x: int
    y: float
    height: float
    words: str


@dataclass(frozen=True, slots=True)
class BarChart:
    """One bar a day. `words` say what the bars show, for whoever does not see them."""

    name: str
    total: int
    most: int
    words: str
    bars: tuple[Bar, ...]
    first: date
    last: date

    @property
    def width(self) -> int:
        return BAR_STEP * len(self.bars)


@dataclass(frozen=True, slots=True)
class LineChart:
    name: str
    points: str
    words: str
    width: int = LINE_WIDTH
    height: int = LINE_HEIGHT


def per_day(name: str, counts: Mapping[date, int], *, last: date, days: int) -> BarChart:
    """Return one bar for each of the `days` up to `last`."""
    values = {day: counts.get(day, 0) for day in (last - timedelta(days=ago) for ago in reversed(range(days)))}
    most, total = max(values.values()), sum(values.values())
    bars = tuple(_bar(place, day, value, most) for place, (day, value) in enumerate(values.items()))
    return BarChart(name, total, most, f"{name}: {_said(values, total, most)}", bars, min(values), last)


def _bar(place: int, day: date, value: int, most: int) -> Bar:
    """Give every day that has any at least one unit, so that it is seen."""
    height = max(1.0, round(BAR_HEIGHT * value / most, 1)) if value else 0.0
    return Bar(place * BAR_STEP, round(BAR_HEIGHT - height, 1), height, f"{day.day} {day:%B}: {value:,}")


def _said(values: Mapping[date, int], total: int, most: int) -> str:
    if not total:
        return f"none in {len(values)} days"
    best = max(values, key=lambda day: values[day])
    return f"{total:,} in {len(values)} days, most on {best.day} {best:%B} ({most:,})"


def over_time(name: str, readings: Sequence[tuple[datetime, int]]) -> LineChart:
    """Return the line through `readings`, of which there is at least one, in the order of time, from nought up."""
    (first, start), (last, end) = readings[0], readings[-1]
    span = (last - first).total_seconds() or 1
    top = max(value for _, value in readings) or 1
    places = [
        (LINE_WIDTH * (at - first).total_seconds() / span, LINE_HEIGHT - (LINE_HEIGHT - 2) * value / top)
        for at, value in readings
    ]
    if len(places) == 1:
        places.append((LINE_WIDTH, places[0][1]))
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    since = f" on {dated(first.date())}, {end:,} on {dated(last.date())}" if last != first else ""
    return LineChart(name, points, f"{start:,} {name}{since}.")
