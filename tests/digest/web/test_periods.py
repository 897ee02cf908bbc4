from datetime import date

import pytest

from digest.web.periods import Kind, holding, parse_period

SPELLED: list[tuple[Kind, str]] = [
    ("day", "2026-03-04"),
    ("day", "2024-02-29"),
    ("day", "1900-01-01"),
    ("week", "2026-W10"),
    ("week", "2020-W53"),
    ("week", "2025-W01"),
    ("month", "2026-03"),
    ("month", "2199-12"),
]


@pytest.mark.parametrize(("kind", "text"), SPELLED)
def test_period_is_written_as_it_is_read(kind: Kind, text: str) -> None:
    period = parse_period(kind, text)
    assert (str(period), period.path) == (text, f"/{'date' if kind == 'day' else kind}/{text}")


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        ("day", "2026-3-4", "“2026-3-4” is no day. Write it like this: 2026-03-04"),
        ("day", "٢٠٢٦-٠٣-٠٤", "is no day"),
        ("day", "2026-02-30", "There is no day 2026-02-30 in the calendar."),
        ("day", "2026-03-04\n", "is no day"),
        ("week", "2026-10", "Write it like this: 2026-W10"),
        ("week", "2026-W54", "There is no week 2026-W54 in the calendar."),
        ("month", "2026-13", "There is no month 2026-13 in the calendar."),
        ("month", "1899-12", "1899-12 is too far away."),
        ("day", "2200-01-01", "2200-01-01 is too far away."),
        ("day", "x" * 5000, "is no day"),
    ],
)
def test_what_is_no_period_is_refused_in_words(kind: Kind, text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_period(kind, text)


@pytest.mark.parametrize(
    ("kind", "day", "title", "short"),
    [
        ("day", date(2026, 3, 4), "Wednesday, 4 March 2026", "4 March"),
        ("week", date(2026, 3, 4), "2 to 8 March 2026", "2 to 8 March"),
        ("week", date(2026, 3, 31), "30 March to 5 April 2026", "30 March to 5 April"),
        ("week", date(2026, 1, 1), "29 December 2025 to 4 January 2026", "29 December 2025 to 4 January"),
        ("month", date(2026, 3, 4), "March 2026", "March"),
    ],
)
def test_period_has_a_title(kind: Kind, day: date, title: str, short: str) -> None:
    period = holding(kind, day)
    assert (period.title, period.short) == (title, short)


@pytest.mark.parametrize(
    ("kind", "text", "before", "after"),
    [
        ("day", "2026-03-01", "2026-02-28", "2026-03-02"),
        ("week", "2026-W01", "2025-W52", "2026-W02"),
        ("month", "2026-12", "2026-11", "2027-01"),
    ],
)
def test_period_knows_its_neighbours(kind: Kind, text: str, before: str, after: str) -> None:
    period = parse_period(kind, text)
    assert (str(period.previous), str(period.next)) == (before, after)


def test_calendar_has_ends() -> None:
    assert parse_period("day", "1900-01-01").previous is None
    assert parse_period("month", "2199-12").next is None
