from collections.abc import Callable

import pytest

from digest.sources import topic_page
from digest.sources.identifiers import title_hash
from digest.sources.listing import Identifier, Listing, Parsed, Scheme, Skipped

PAPERS = [
    ("How stones float", "We put stones on water and watch. Most of them do not float."),
    ("Subscribers of rivers", "Rivers have subscribers. We count them."),
    ("May 11: a day in the life of a model", "Abstracts may begin with any word."),
]


def layout_a(papers: list[tuple[str, str]], end: str = "\n") -> str:
    """Make a page whose first title is glued to the word before it."""
    [(title, abstract), *rest] = papers
    lines = [
        "Get trending papers in your email inbox once a day!",
        "Get trending papers in your email inbox!",
        f"Subscribe{title}",
        abstract,
        *(line for paper in rest for line in paper),
    ]
    return end.join(lines)


def layout_b(papers: list[tuple[str, str]], end: str = "\n", curator: str = "byAK", day: str = "Mar 11") -> str:
    """Make a page with blank lines between all, a curator and a date."""
    lines = ["Get trending papers in your email inbox!", "Subscribe", f"{curator} and the research community", day]
    return (end + end).join([*lines, *(line for paper in papers for line in paper)]) + end


def told(parsed: Parsed) -> list[tuple[str, str]]:
    return [(listing.title, listing.abstract) for listing in parsed.listings]


@pytest.mark.parametrize("layout", [layout_a, layout_b])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", " \t\n"])
def test_papers_of_both_layouts(layout: Callable[..., str], end: str) -> None:
    assert told(topic_page.read(layout(PAPERS, end))) == PAPERS


def test_paper_is_known_by_its_title() -> None:
    parsed = topic_page.read(layout_a(PAPERS[:1]))
    assert parsed == Parsed(
        kind="topic-page",
        title="",
        url="",
        listings=(
            Listing(
                title="How stones float",
                identifiers=(Identifier(Scheme.TITLE, title_hash("How stones float")),),
                abstract="We put stones on water and watch. Most of them do not float.",
            ),
        ),
    )


@pytest.mark.parametrize("layout", [layout_a, layout_b])
def test_byte_order_mark_and_blank_lines_are_no_text(layout: Callable[..., str]) -> None:
    assert told(topic_page.read(f"\ufeff\n \n{layout(PAPERS)}\n\n  \n")) == PAPERS


@pytest.mark.parametrize("layout", [layout_a, layout_b])
def test_title_without_abstract_at_the_end_is_kept(layout: Callable[..., str]) -> None:
    text = f"{layout(PAPERS).rstrip()}\n\nA title that was cut off\n"
    assert told(topic_page.read(text)) == [*PAPERS, ("A title that was cut off", "")]


@pytest.mark.parametrize(
    ("curator", "day"),
    [
        ("byAK", "Mar 11"),
        ("by AK", "March 11"),
        ("by The Stone Group", "Mar 11, 2026"),
        ("By Ida and Wei", "11 Mar"),
        ("by AK", "Sept. 3"),
    ],
)
def test_curator_and_date_are_no_papers(curator: str, day: str) -> None:
    assert told(topic_page.read(layout_b(PAPERS, curator=curator, day=day))) == PAPERS


def test_curator_without_date_is_no_paper() -> None:
    text = layout_b(PAPERS).replace("Mar 11\n\n", "", 1)
    assert told(topic_page.read(text)) == PAPERS


def test_layout_b_without_curator() -> None:
    text = layout_b(PAPERS).replace("byAK and the research community\n\nMar 11\n\n", "", 1)
    assert told(topic_page.read(text)) == PAPERS


def test_title_that_begins_with_the_glued_word_keeps_it() -> None:
    papers = [("Subscribe to stones", "We do."), *PAPERS]
    assert told(topic_page.read(layout_a(papers))) == papers


def test_title_that_looks_like_a_date_is_a_title_behind_the_front() -> None:
    papers = [("How stones float", "We watch."), ("Mar 11", "A day.")]
    assert told(topic_page.read(layout_b(papers))) == papers


def test_other_line_ends_of_unicode_are_text() -> None:
    papers = [("How stones float", "One\u2028two\x0cthree\x85four"), *PAPERS]
    assert told(topic_page.read(layout_a(papers))) == papers


def test_title_without_words_is_skipped() -> None:
    parsed = topic_page.read(layout_a([("How stones float", "We watch."), ("— —", "What?")]))
    assert parsed.skipped == (Skipped(2, "no words in the title '— —'"),)
    assert len(parsed.listings) == 1


def test_page_without_papers_is_empty() -> None:
    assert topic_page.read("Get trending papers in your email inbox!\n\nSubscribe\n").listings == ()


@pytest.mark.parametrize("text", ["", "\n\n", "How stones float\nWe watch.", "<html>Get trending papers</html>"])
def test_text_without_the_first_line_is_no_topic_page(text: str) -> None:
    with pytest.raises(ValueError, match="not a topic page: it does not begin with 'Get trending papers in your"):
        topic_page.read(text)
