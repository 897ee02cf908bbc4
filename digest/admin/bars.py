"""Small charts of days: bars as inline SVG, drawn by numbers in attributes, with the same said in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

STEP, BAR, HEIGHT = 10, 8, 48


@dataclass(frozen=True, slots=True)
class Bar:
    """One day; `y` and `height` are in units of the drawing."""

    x: int
    y: float
    height: float
    said: str


@dataclass(frozen=True, slots=True)
class Bars:
    name: str
    total: int
    most: int
    said: str
    bars: tuple[Bar, ...]
    first: date
    last: date

    @property
    def width(self) -> int:
        return STEP * len(self.bars)


def bars(name: str, values: Mapping[date, int]) -> Bars:
    """Draw one value per day, `values` being in the order of the days."""
    most, total = max(values.values()), sum(values.values())
    drawn = tuple(_bar(number, day, value, most) for number, (day, value) in enumerate(values.items()))
    days = list(values)
    return Bars(name, total, most, f"{name}: {_said(values, total, most)}", drawn, days[0], days[-1])


def _bar(number: int, day: date, value: int, most: int) -> Bar:
    """Give every day that has any at least one unit, so that it is seen."""
    height = max(1.0, round(HEIGHT * value / most, 1)) if value else 0.0
    return Bar(number * STEP, round(HEIGHT - height, 1), height, f"{day.day} {day:%B}: {value:,}")


def _said(values: Mapping[date, int], total: int, most: int) -> str:
    if not total:
        return f"none in {len(values)} days"
    best = max(values, key=lambda day: values[day])
    return f"{total:,} in {len(values)} days, most on {best.day} {best:%B} ({most:,})"
