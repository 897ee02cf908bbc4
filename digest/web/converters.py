"""What stands in addresses: days, weeks and months, keys of rows, what papers are known by.

/archive/2026-03-04/   /topics/17/   /week/2026-W10   /papers/10.5555/abc
"""

from datetime import date

from digest.web.periods import Kind, Period, parse_period


class DayConverter:
    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)  # a ValueError means that there is no such page

    def to_url(self, value: date) -> str:
        return value.isoformat()


class KeyConverter:
    regex = "[0-9]{1,18}"  # more is no key that a database could hold

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


class PeriodConverter:
    """A subclass names the kind of the period. A ValueError means that there is no such page."""

    kind: Kind

    def to_python(self, value: str) -> Period:
        return parse_period(self.kind, value)

    def to_url(self, value: Period) -> str:
        return str(value)


class DayPeriodConverter(PeriodConverter):
    kind, regex = "day", "[0-9]{4}-[0-9]{2}-[0-9]{2}"


class WeekConverter(PeriodConverter):
    kind, regex = "week", "[0-9]{4}-W[0-9]{2}"


class MonthConverter(PeriodConverter):
    kind, regex = "month", "[0-9]{4}-[0-9]{2}"


class PaperConverter:
    """What `digest.models.paper_address` knows a paper by: it may hold slashes, and any sign that a DOI can have."""

    regex = "[^/].{0,399}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value
