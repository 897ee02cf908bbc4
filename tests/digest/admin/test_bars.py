from datetime import timedelta

from digest.admin.bars import Bar, bars
from tests.make import TODAY

YESTERDAY = TODAY - timedelta(days=1)


def test_bars_are_as_high_as_their_share_of_the_most() -> None:
    drawn = bars("Accepted", {YESTERDAY: 500, TODAY: 1000})
    assert drawn.bars == (Bar(0, 24.0, 24.0, "3 March: 500"), Bar(10, 0.0, 48.0, "4 March: 1,000"))
    assert (drawn.width, drawn.first, drawn.last) == (20, YESTERDAY, TODAY)


def test_bars_say_in_words_what_they_show() -> None:
    assert bars("Accepted", {YESTERDAY: 500, TODAY: 1000}).said == (
        "Accepted: 1,500 in 2 days, most on 4 March (1,000)"
    )


def test_bar_of_very_few_is_still_seen() -> None:
    assert bars("Refused", {YESTERDAY: 1, TODAY: 1_000_000}).bars[0].height == 1.0


def test_bars_of_nothing_are_empty_and_say_so() -> None:
    drawn = bars("Refused", {YESTERDAY: 0, TODAY: 0})
    assert [bar.height for bar in drawn.bars] == [0.0, 0.0]
    assert drawn.said == "Refused: none in 2 days"
