"""Days and keys of rows in addresses: /archive/2026-03-04/, /topics/17/."""

from datetime import date


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
