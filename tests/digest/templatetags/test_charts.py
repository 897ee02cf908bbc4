from datetime import timedelta

from digest.templatetags.charts import Bar, by_week, over_time, per_day, per_week, strokes
from tests.make import NOON, TODAY

YESTERDAY = TODAY - timedelta(days=1)


def test_bars_are_one_for_each_day_and_as_high_as_their_share_of_the_most() -> None:
    chart = per_day("Accepted", {TODAY: 1000, YESTERDAY: 500, TODAY - timedelta(days=9): 99}, last=TODAY, days=3)
    assert chart.bars == (
        Bar(0, 48.0, 0.0, "2 March: 0"),
        Bar(10, 24.0, 24.0, "3 March: 500"),
        Bar(20, 0.0, 48.0, "4 March: 1,000"),
    )
    assert (chart.width, chart.first, chart.last) == (30, TODAY - timedelta(days=2), TODAY)


def test_bars_say_in_words_what_they_show() -> None:
    chart = per_day("Accepted", {YESTERDAY: 500, TODAY: 1000}, last=TODAY, days=2)
    assert chart.words == "Accepted: 1,500 in 2 days, most on 4 March (1,000)"
    assert (chart.total, chart.most) == (1500, 1000)


def test_bar_of_very_few_is_still_seen() -> None:
    assert per_day("Refused", {YESTERDAY: 1, TODAY: 1_000_000}, last=TODAY, days=2).bars[0].height == 1.0


def test_bars_of_nothing_are_empty_and_say_so() -> None:
    chart = per_day("Refused", {}, last=TODAY, days=2)
    assert [bar.height for bar in chart.bars] == [0.0, 0.0]
    assert chart.words == "Refused: none in 2 days"


def test_line_runs_from_the_first_reading_to_the_last() -> None:
    readings = [(NOON, 0), (NOON + timedelta(days=1), 19), (NOON + timedelta(days=4), 38)]
    chart = over_time("stars", readings)
    assert chart.points == "0.0,40.0 60.0,21.0 240.0,2.0"
    assert chart.words == "0 stars on 4\xa0Mar\xa02026, 38 on 8\xa0Mar\xa02026."


def test_line_of_one_reading_is_level() -> None:
    chart = over_time("votes", [(NOON, 1234)])
    assert (chart.points, chart.words) == ("0.0,2.0 240.0,2.0", "1,234 votes.")


def test_line_of_a_single_vote_says_so() -> None:
    chart = over_time("upvotes", [(NOON, 1), (NOON + timedelta(days=1), 2)])
    assert chart.words == "1 upvote on 4\xa0Mar\xa02026, 2 on 5\xa0Mar\xa02026."


def test_line_of_readings_that_are_all_nought_stays_down() -> None:
    chart = over_time("votes", [(NOON, 0), (NOON + timedelta(days=1), 0)])
    assert chart.points == "0.0,40.0 240.0,40.0"


def test_weeks_begin_on_monday_and_hold_what_their_days_hold() -> None:
    counts = {TODAY: 5, TODAY - timedelta(days=2): 1, TODAY - timedelta(days=3): 7, TODAY - timedelta(days=30): 99}
    monday = TODAY - timedelta(days=2)
    assert by_week(counts, last=TODAY, weeks=2) == {monday - timedelta(weeks=1): 7, monday: 6}


def test_bars_of_weeks_say_so() -> None:
    chart = per_week("Papers", {TODAY: 5, TODAY - timedelta(days=3): 10}, last=TODAY, weeks=2)
    assert chart.words == "Papers: 15 in 2 weeks, most in the week of 23 February (10)"
    assert [bar.words for bar in chart.bars] == ["week of 23 February: 10", "week of 2 March: 5"]
    assert (chart.first, chart.last, chart.span) == (TODAY - timedelta(days=9), TODAY, "week")


def test_bars_of_one_week_do_not_speak_of_several() -> None:
    assert per_week("Papers", {}, last=TODAY, weeks=1).words == "Papers: none in 1 week"


def test_strokes_are_one_path_and_leave_out_what_is_nought() -> None:
    assert strokes([10, 0, 5]) == "M3 20v-20M15 20v-10"


def test_stroke_of_very_few_is_still_seen() -> None:
    assert strokes([1000, 1]) == "M3 20v-20M9 20v-1"


def test_strokes_of_nothing_are_empty() -> None:
    assert [strokes([]), strokes([0, 0])] == ["", ""]
