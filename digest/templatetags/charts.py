"""Small charts for pages and admin, as plain geometry: templates draw it as SVG, by attributes, and say it in words.

    chart = over_time("upvotes", [(moment, 3), (moment, 9)])      {% include "charts/line.html" %}
    chart = per_week("Papers", {day: 4}, last=today, weeks=26)    {% include "charts/bars.html" %}
    path = strokes([4, 0, 7])                                     <svg viewBox="0 0 18 20"><path d="{{ path }}"/></svg>

Both templates expect `chart` and make a figure of class "chart" with its text alternative. Everything is in units of
the chart's own view box; colours are the style sheet's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from digest.templatetags.papers import day as dated

BAR_STEP, BAR_HEIGHT = 10, 48
LINE_WIDTH, LINE_HEIGHT = 240, 40
STROKE_STEP, STROKE_HEIGHT = 6, 20

Span = Literal["day", "week"]


@dataclass(frozen=True, slots=True)
class Bar:
    """One day or week; nothing is drawn for one without any."""

    x: int
    y: float
    height: float
    words: str


@dataclass(frozen=True, slots=True)
class BarChart:
    """One bar for each `span`. `words` say what the bars show, for whoever does not see them."""

    name: str
    total: int
    most: int
    words: str
    bars: tuple[Bar, ...]
    first: date
    last: date
    span: Span = "day"

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
    return _bars(name, values, last, "day")


def per_week(name: str, counts: Mapping[date, int], *, last: date, weeks: int) -> BarChart:
    """Return one bar for each of the `weeks`, Monday to Sunday, up to the one that holds `last`."""
    return _bars(name, by_week(counts, last=last, weeks=weeks), last, "week")


def by_week(counts: Mapping[date, int], *, last: date, weeks: int) -> dict[date, int]:
    """Add up `counts` of days: Monday -> sum of its week, for the `weeks` up to the one that holds `last`."""
    values = {monday_of(last) - timedelta(weeks=ago): 0 for ago in reversed(range(weeks))}
    for day, count in counts.items():
        if monday_of(day) in values:
            values[monday_of(day)] += count
    return values


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _bars(name: str, values: Mapping[date, int], last: date, span: Span) -> BarChart:
    most, total = max(values.values()), sum(values.values())
    bars = tuple(_bar(place, day, value, most, span) for place, (day, value) in enumerate(values.items()))
    return BarChart(name, total, most, f"{name}: {_said(values, total, most, span)}", bars, min(values), last, span)


def _bar(place: int, day: date, value: int, most: int, span: Span) -> Bar:
    """Give every day or week that has any at least one unit, so that it is seen."""
    height = max(1.0, round(BAR_HEIGHT * value / most, 1)) if value else 0.0
    when = f"{day.day} {day:%B}" if span == "day" else f"week of {day.day} {day:%B}"
    return Bar(place * BAR_STEP, round(BAR_HEIGHT - height, 1), height, f"{when}: {value:,}")


def _said(values: Mapping[date, int], total: int, most: int, span: Span) -> str:
    spans = f"{len(values)} {span}{'s' if len(values) != 1 else ''}"
    if not total:
        return f"none in {spans}"
    best = max(values, key=lambda day: values[day])
    when = "on" if span == "day" else "in the week of"
    return f"{total:,} in {spans}, most {when} {best.day} {best:%B} ({most:,})"


def strokes(values: Sequence[int]) -> str:
    """Return one upright stroke for each of `values` as a single SVG path: for many charts on one page."""
    most = max(values, default=0) or 1
    heights = [-(-STROKE_HEIGHT * value // most) for value in values]  # rounded up, so that one of very few is seen
    places = enumerate(heights)
    return "".join(f"M{place * STROKE_STEP + 3} {STROKE_HEIGHT}v-{height}" for place, height in places if height)


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
    one = name.removesuffix("s") if start == 1 else name
    return LineChart(name, points, f"{start:,} {one}{since}.")
