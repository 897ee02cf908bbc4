from datetime import date, timedelta

import pytest
from django.template import Context, Template
from django.template.defaultfilters import wordwrap

from digest.templatetags import papers
from tests.digest.delivery.make import make_card


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("  two\r\n lines\tand\u2028more ", "two lines and more"),
        ("nul\x00 and bell\x07", "nul and bell"),
        ("turned \u202egnorw\u202c round", "turned gnorw round"),
        ("half a pair \ud800", "half a pair"),
        ("", ""),
    ],
)
def test_one_line_of_anything_is_one_printable_line(text: str, line: str) -> None:
    assert papers.one_line(text) == line


def test_readable_mathematics_is_unicode_on_one_line() -> None:
    assert papers.readable("On $\\alpha$-fair\nqueues") == "On α-fair queues"


@pytest.mark.parametrize(
    ("text", "length", "shown"),
    [
        ("Bats and moths", 14, "Bats and moths"),
        ("Bats and moths", 13, "Bats and…"),
        ("Bats, moths", 9, "Bats…"),
        ("Bats (and moths)", 6, "Bats…"),
        ("Bats — moths", 8, "Bats…"),
        ("Unbrokenword", 6, "Unbro…"),
        ("", 6, ""),
    ],
)
def test_excerpt_of_a_text_ends_on_a_whole_word(text: str, length: int, shown: str) -> None:
    assert papers.excerpt(text, length) == shown


@pytest.mark.parametrize(
    ("authors", "count", "shown"),
    [
        ((), 0, ""),
        (("A One",), 1, "A One"),
        (("A One", "B Two"), 2, "A One and B Two"),
        (("A One", "B Two", "C Three"), 3, "A One, B Two and C Three"),
        (("A One", "B Two", "C Three", "D Four"), 4, "A One, B Two, C Three and 1 more"),
        (("A One", "B Two", "C Three"), 2041, "A One, B Two, C Three and 2,038 more"),
        (("A One",), 40, "A One and 39 more"),
        (("A One", "B Two"), 0, "A One and B Two"),
        ((r"Ren\'e {\L}ukasik",), 1, "René Łukasik"),
    ],
)
def test_byline_of_authors_names_three_and_counts_the_rest(authors: tuple[str, ...], count: int, shown: str) -> None:
    assert papers.byline(authors, count) == shown


def test_reason_in_its_topic_is_the_match_and_the_attention() -> None:
    said = papers.reason(make_card(), "knowledge transfer")
    assert said == "“knowledge transfer” in the title · 84 upvotes, +31 since yesterday"


def test_reason_that_repeats_the_heading_is_left_out() -> None:
    card = make_card(why="matches knowledge transfer", topics=("Knowledge Transfer",))
    assert papers.reason(card, "Knowledge Transfer") == "84 upvotes, +31 since yesterday"


def test_reason_that_is_all_there_is_to_say_is_said() -> None:
    card = make_card(why="matches knowledge transfer", attention="")
    assert papers.reason(card, "knowledge transfer") == "matches knowledge transfer"


def test_reason_without_any_words_is_the_topic() -> None:
    assert papers.reason(make_card(why="", attention=""), "knowledge transfer") == "knowledge transfer"


def test_reason_of_a_paper_in_several_topics_names_the_others() -> None:
    card = make_card(topics=("moths", "bats", "bogs"), why="", attention="3 comments")
    assert papers.reason(card, "moths") == "3 comments · also in bats and bogs"


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("84 upvotes, +31 since yesterday", [("84 upvotes, ", False), ("+31 since yesterday", True)]),
        (
            "+1,200 since Friday · 3 comments, +2",
            [("+1,200 since Friday", True), (" · 3 comments, ", False), ("+2", True)],
        ),
        ("“C++11” in the title", [("“C++11” in the title", False)]),
        ("", []),
    ],
)
def test_gains_in_a_reason_are_set_apart(text: str, pieces: list[tuple[str, bool]]) -> None:
    assert papers.gains(text) == pieces


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("knowledge transfer", "Knowledge transfer"),
        ("cs.CL", "cs.CL"),
        ("mRNA vaccines", "mRNA vaccines"),
        ('cat:cs.CL "sign language"', 'cat:cs.CL "sign language"'),
        ("élan vital", "Élan vital"),
    ],
)
def test_opening_of_a_label_capitalises_plain_words_only(label: str, shown: str) -> None:
    assert papers.opening(label) == shown


def test_dates_are_written_out() -> None:
    assert papers.weekday(date(2026, 3, 4)) == "Wednesday, 4 March 2026"
    assert papers.day(date(2026, 3, 4)) == "4\u00a0Mar\u00a02026"


def test_named_topics_beyond_three_are_counted() -> None:
    assert papers.named(["bats", "moths", "bogs", "radio", "graphs"]) == "bats, moths, bogs and 2 more"


def test_underlined_heading_is_as_long_as_its_longest_line() -> None:
    assert papers.underlined("Moths") == "Moths\n-----"
    assert papers.underlined("a" * 70 + " bcd") == "a" * 70 + "\nbcd\n" + "-" * 70


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://arxiv.org/abs/2603.00001", "https://arxiv.org/abs/2603.00001"),
        ("http://arxiv.org/abs/2603.00001", "https://arxiv.org/abs/2603.00001"),
        (
            "https://example.org/Größe and more?a=1&b=“2”",
            "https://example.org/Gr%C3%B6%C3%9Fe%20and%20more?a=1&b=%E2%80%9C2%E2%80%9D",
        ),
        ('https://example.org/"><script>', "https://example.org/%22%3E%3Cscript%3E"),
        ("javascript:alert(1)", ""),
        ("data:text/html,hello", ""),
        ("//example.org/abs", ""),
        ("https://[broken", ""),
        ("https:///no-host", ""),
        ("", ""),
    ],
)
def test_weblink_of_an_address_is_https_in_ascii_or_nothing(url: str, link: str) -> None:
    assert papers.weblink(url) == link


def test_filters_leave_escaping_to_the_template() -> None:
    template = Template("{% load papers %}{{ title|readable|excerpt:40 }} {{ authors|byline:2 }}")
    shown = template.render(Context({"title": "Is <b> bold & loud?", "authors": ["O'Neil", "<i>"]}))
    assert shown == "Is &lt;b&gt; bold &amp; loud? O&#x27;Neil and &lt;i&gt;"


@pytest.mark.parametrize(
    ("days", "said"),
    [(0, "today"), (1, "since yesterday"), (2, "since Monday"), (6, "since Thursday"), (7, "since 25 February")],
)
def test_since_is_said_as_people_say_it(days: int, said: str) -> None:
    today = date(2026, 3, 4)
    assert papers.since(today - timedelta(days=days), today) == said


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "x" * 72, "x" * 73, "x" * 73 + " y", "x " + "y" * 80, "x " + "y" * 80 + " z"),
        *(
            "words " * 20,
            " " + "words " * 20 + "end",
            "some words " * 20 + "end",
            "one\ntwo ",
            "a  b",
            "a\tb " * 30 + "c",
        ),
        *("ab" + " ab" * 23 + "c d", "ab" + " ab" * 23 + " cd", "well-known e-prints " * 9 + "end"),
        *("3\u00a0Nov\u00a02025, in " * 9 + "end", "3\u2003Nov " * 20 + "end", "ﬁn “蛾” " * 20 + "end"),
    ],
)
def test_wrapped_is_what_wordwrap_gives(text: str) -> None:
    assert papers.wrapped(text) == wordwrap(text, 72)
