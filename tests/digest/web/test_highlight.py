import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from digest.ranking.query import Query, parse_query
from digest.templatetags.papers import readable
from digest.web.highlight import BEFORE, highlighted, spans, telling

TERMS = ("transfer", "pre-training", "α", "naïve", "of", "script", "b", "x_2")


def marked(text: str, query: str) -> list[str]:
    """Return what is marked of a text that may hold LaTeX."""
    return [
        unescape(found) for found in re.findall("<mark>(.*?)</mark>", highlighted(readable(text), parse_query(query)))
    ]


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        ("Transfer of knowledge", "knowledge transfer", ["Transfer", "knowledge"]),
        ("Knowledge transfer, transferred", "knowledge transfer", ["Knowledge transfer", "transferred"]),
        ("knowledge-transfer", "knowledge transfer", ["knowledge-transfer"]),
        ("Knowledge of transfer", '"knowledge transfer"', []),
        ("Deep knowledge transfers well", '"knowledge transfer"', ["knowledge transfers"]),
        ("A theory of mind", '"theory of mind"', ["theory of mind"]),
        (
            "Pre-training and pretraining and pre training",
            "pretraining",
            ["Pre-training", "pretraining", "pre training"],
        ),
        ("Fine and coarse", "fine", ["Fine"]),
        ("Bounds for $\\alpha$ and $\\beta$", "alpha", ["α"]),
        ("$\\ell_2$ norms", "norm", ["norms"]),
        ("Erd\\H{o}s graphs", "erdos", ["Erdős"]),
        ("Nai\u0308ve cafe\u0301s", "naive", ["Nai\u0308ve"]),
        ("{\\bf Trans}fer \\emph{learning}", "transfer learning", ["Transfer learning"]),
        ("A survey of moths", "moths -survey", ["moths"]),
        ("By Jane Doe, in cs.CL", 'moths author:"Jane Doe" cat:cs.CL', []),
        ("of the and", "moths", []),
        ("", "moths", []),
        ("motherboards", "moths", []),
    ],
)
def test_marks_are_what_the_matching_sees(text: str, query: str, expected: list[str]) -> None:
    assert marked(text, query) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<script>alert(1)</script>", "&lt;<mark>script</mark>&gt;alert(1)&lt;/<mark>script</mark>&gt;"),
        ("a<script b>", "a&lt;<mark>script b</mark>&gt;"),
        ("script<b>", "<mark>script</mark>&lt;<mark>b</mark>&gt;"),
        ("</mark><mark>script", "&lt;/mark&gt;&lt;mark&gt;<mark>script</mark>"),
        ("&lt;script&gt; & 'b' \"", "&amp;lt;<mark>script</mark>&amp;gt; &amp; &#x27;<mark>b</mark>&#x27; &quot;"),
    ],
)
def test_everything_is_escaped(text: str, expected: str) -> None:
    assert highlighted(text, parse_query("script b")) == expected


@given(
    st.text(
        st.one_of(st.sampled_from(" -<>&'\"_^$\\{}\u0301\u0308αbx2"), st.characters(exclude_categories=["Cs", "Cc"]))
    ),
    st.lists(st.sampled_from(TERMS), max_size=6),
)
def test_text_stays_the_same_and_well_formed(text: str, terms: list[str]) -> None:
    text = " ".join([text, *terms, text])
    query = parse_query("transfer pretraining alpha naive script b x2")
    found = highlighted(text, query)
    assert unescape(re.sub("</?mark>", "", found)) == text
    if re.search("[\ufffe\uffff]", text) is None:
        root = etree.fromstring(f"<p>{found}</p>")
        assert {child.tag for child in root} <= {"mark"}
    for term in terms:
        assert term == "of" or term in " ".join(unescape(mark) for mark in re.findall("<mark>(.*?)</mark>", found))


@given(st.text(st.sampled_from("cd .,-\u0301"), max_size=300), st.integers(10, 200), st.sampled_from(["c", "c d"]))
def test_excerpt_is_a_piece_of_the_text_and_shows_what_was_found(text: str, length: int, query: str) -> None:
    wanted = parse_query(query)
    text = readable(text)
    found = telling(text, wanted, length)
    assert found.removeprefix("…").removesuffix("…") in text
    assert len(found) <= length + 1
    if all(len(word) < 5 for word in text.split()) and length > 2 * BEFORE + 20:
        assert bool(spans(found, wanted)) == bool(spans(text, wanted))


def test_excerpt_begins_with_the_text_where_that_shows_it() -> None:
    text = "Moths fly at night. " * 30
    assert telling(text, parse_query("night"), 60) == "Moths fly at night. Moths fly at night. Moths fly at night…"
    assert telling("Moths fly.", parse_query("birds"), 60) == "Moths fly."
    assert telling(text, parse_query("birds"), 18) == "Moths fly at…"


def test_excerpt_begins_shortly_before_a_late_match() -> None:
    text = f"{'Nothing of it is here. ' * 30}Then birds come, and stay. {'And more follows. ' * 20}"
    found = telling(text, parse_query("birds"), 120)
    assert found.startswith("…is here. Nothing of it is here. Nothing of it is here. Then")
    assert "Then birds come, and stay." in found
    assert len(found) <= 121


def test_excerpt_after_a_very_long_word_begins_with_the_match() -> None:
    assert telling(f"{'x' * 5000} birds come", parse_query("birds"), 100) == "…birds come"


def test_query_without_words_marks_nothing() -> None:
    assert highlighted("All <of> it", Query(categories=("cs.CL",))) == "All &lt;of&gt; it"
