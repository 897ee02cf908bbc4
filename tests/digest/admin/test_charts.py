from datetime import timedelta

from digest.admin.charts import Bar, over_time, per_day
from tests.make import NOON, TODAY


def test_bars_are_one_for_each_day_and_as_high_as_its_count() -> None:
    chart = per_day({TODAY: 4, TODAY - timedelta(days=2): 2, TODAY - timedelta(days=9): 99}, TODAY, 3, "Matches")
    assert list(chart.bars) == [Bar(0, 20, 20), Bar(8, 39, 1), Bar(16, 0, 40)]
    assert chart.words == (
        "Matches per day, 2\xa0Mar\xa02026 to 4\xa0Mar\xa02026: 6 in all, 0 to 4 a day, 4 on the last day."
    )


def test_bars_of_nothing_are_all_as_low_as_can_be_seen() -> None:
    chart = per_day({}, TODAY, 2, "Matches")
    assert [bar.height for bar in chart.bars] == [1, 1]


def test_line_runs_from_the_first_reading_to_the_last() -> None:
    readings = [(NOON, 0), (NOON + timedelta(days=1), 19), (NOON + timedelta(days=4), 38)]
    chart = over_time("stars", readings)
    assert chart.points == "0.0,40.0 60.0,21.0 240.0,2.0"
    assert chart.words == "0 stars on 4\xa0Mar\xa02026, 38 on 8\xa0Mar\xa02026."


def test_line_of_one_reading_is_level() -> None:
    chart = over_time("votes", [(NOON, 1234)])
    assert (chart.points, chart.words) == ("0.0,2.0 240.0,2.0", "1,234 votes.")


def test_line_of_readings_that_are_all_nought_stays_down() -> None:
    chart = over_time("votes", [(NOON, 0), (NOON + timedelta(days=1), 0)])
    assert chart.points == "0.0,40.0 240.0,40.0"
