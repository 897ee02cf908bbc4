from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.ingest.clean import (
    MAX_ABSTRACT,
    MAX_AUTHORS,
    MAX_FEED_TITLE,
    MAX_NAME,
    MAX_REASON,
    MAX_TITLE,
    UNTITLED,
    clean,
    clean_all,
    one_line,
)
from digest.ingest.document import MAX_ITEMS
from digest.sources.identifiers import MAX_URL, title_hash
from digest.sources.listing import Identifier, Listing, Parsed, Scheme, Skipped
from tests.make import make_listing

BY_TITLE = (Identifier(Scheme.TITLE, "0" * 64),)


def make_parsed(*listings: Listing, skipped: tuple[Skipped, ...] = (), **given: Any) -> Parsed:
    stated: dict[str, Any] = {"kind": "feed", "title": "A journal", "url": ""}
    return Parsed(**stated | given, listings=listings, skipped=skipped)


def cleaned(**given: object) -> Listing:
    listing = clean(make_listing(**given))
    assert isinstance(listing, Listing)
    return listing


def test_clean_listing_stays_as_it_is() -> None:
    listing = make_listing(venue="Journal of Invented Results", pdf_url="https://jir.example.org/17.pdf", version=3)
    assert clean(listing) == listing


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("New result\r\nBcc: victim@example.org\r\nX: y", "New result Bcc: victim@example.org X: y"),
        ("  two \t spaces \n", "two spaces"),
        ("a\x00b\x08c\x1bd\x7fe\x9ff", "abcdef"),
        ("a\x0bb\x0cc\x85d\u2028e\u2029f\xa0g", "a b c d e f g"),
        ("abc\u202edef\u202c \u2066x\u2069", "abcdef x"),
        ("zero\u200bwidth\u200d\ufeff and soft\u00adhyphen", "zerowidth and softhyphen"),
        ("lone \ud800 half", "lone \ufffd half"),
        ("e\u0301 o\u0308", "é ö"),
        ("pair 𝒪 and ℝ", "pair 𝒪 and ℝ"),
        ("e\u200b\u0301", "é"),
        ("", ""),
        ("\u200b\n", ""),
    ],
)
def test_text_is_one_line_of_what_people_see(text: str, expected: str) -> None:
    assert one_line(text, 100) == expected


def test_text_that_is_too_long_is_cut_at_a_word() -> None:
    assert one_line("one two three", 13) == "one two three"
    assert one_line("one two three", 12) == "one two…"
    assert one_line("onetwothree", 6) == "onetw…"


@given(st.text(max_size=300), st.integers(min_value=1, max_value=60))
def test_text_is_never_longer_than_its_limit_and_always_printable(text: str, limit: int) -> None:
    line = one_line(text, limit)
    assert len(line) <= limit
    assert line == " ".join(line.split())
    assert one_line(line, limit) == line
    line.encode()


@given(st.text(alphabet=st.characters(codec="ascii"), max_size=200))
def test_no_title_reaches_a_mail_header_with_a_line_break(text: str) -> None:
    listing = clean(make_listing(title=text))
    assert isinstance(listing, Listing)
    assert not set(listing.title) & set(map(chr, [*range(32), 127]))


def test_title_keeps_its_mathematics() -> None:
    title = r"Bounds for $n<p$, <s_1, ..., s_n> and \'etale $\alpha$"
    assert cleaned(title=title, abstract=title).title == title


def test_html_that_reaches_cleaning_is_text() -> None:
    assert cleaned(title="The <b> element & I").title == "The <b> element & I"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (r"Jos\'e  N\'u\~nez", "José Núñez"),
        ("Wei\nZhang\x00", "Wei Zhang"),
        ("\u202eIda Lindgren", "Ida Lindgren"),
        ("{\\L}ukasz", "Łukasz"),
    ],
)
def test_names_are_readable(name: str, expected: str) -> None:
    assert cleaned(authors=(name,)).authors == (expected,)


def test_names_that_are_nothing_are_left_out() -> None:
    assert cleaned(authors=("Ida Lindgren", " ", "\u200b")).authors == ("Ida Lindgren",)


def test_lengths_are_bounded() -> None:
    listing = cleaned(
        title="word " * 1_000_000,
        abstract="word " * 10_000,
        authors=tuple(f"Author {number}" for number in range(5000)),
        categories=tuple(f"c{number}" for number in range(200)),
        venue="v" * 1000,
    )
    assert len(listing.title) <= MAX_TITLE
    assert MAX_ABSTRACT - 10 < len(listing.abstract) <= MAX_ABSTRACT
    assert (len(listing.authors), len(listing.categories), len(listing.venue)) == (500, 50, 300)
    assert len(cleaned(authors=("n" * 500,)).authors[0]) == MAX_NAME


def test_categories_are_each_there_once() -> None:
    assert cleaned(categories=("cs.CL", " cs.CL\n", "", "math.AG")).categories == ("cs.CL", "math.AG")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://jir.example.org/17?utm_source=x#top", "https://jir.example.org/17"),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("file:///etc/passwd", ""),
        ("https://e.example/" + "a" * MAX_URL, ""),
        ("", ""),
    ],
)
def test_links_are_web_addresses_of_bounded_length(url: str, expected: str) -> None:
    listing = cleaned(url=url, pdf_url=url)
    assert (listing.url, listing.pdf_url) == (expected, expected)


def test_paper_without_title_opens_with_its_abstract() -> None:
    assert cleaned(title=" \n", abstract="Stones float.").title == "Stones float."
    words = [f"w{number}" for number in range(40)]
    assert cleaned(title="", abstract=" ".join(words)).title == " ".join(words[:12]) + "…"


def test_paper_without_title_and_abstract_is_untitled_where_it_has_an_identifier() -> None:
    assert cleaned(title="\x00", abstract="").title == UNTITLED


@pytest.mark.parametrize("identifiers", [(), BY_TITLE])
def test_paper_without_anything_is_skipped(identifiers: tuple[Identifier, ...]) -> None:
    listing = make_listing(title="\u200b", abstract="", identifiers=identifiers)
    assert clean(listing) == Skipped(0, "no title, no abstract and no identifier")


def test_title_that_names_the_paper_names_it_as_cleaned() -> None:
    listing = cleaned(title="How\x00 stones\n float", authors=(r"Jos\'e N\'u\~nez",), identifiers=BY_TITLE)
    assert listing.identifiers == (Identifier(Scheme.TITLE, title_hash("How stones float", "José Núñez")),)


def test_cleaning_twice_changes_nothing() -> None:
    once = cleaned(title=" a \u202e title ", abstract="b\n" * 100, authors=(r"Jos\'e",), url="HTTPS://E.example/?rss=1")
    assert clean(once) == once


@pytest.mark.parametrize(
    ("names", "stated", "count"),
    [(3, 0, 0), (3, 40, 40), (MAX_AUTHORS, 0, 0), (MAX_AUTHORS + 1, 0, MAX_AUTHORS + 1), (MAX_AUTHORS + 1, 3309, 3309)],
)
def test_authors_that_are_cut_are_counted(names: int, stated: int, count: int) -> None:
    listing = cleaned(authors=tuple(f"Author {number}" for number in range(names)), author_count=stated)
    assert (len(listing.authors), listing.author_count) == (min(names, MAX_AUTHORS), count)


def test_listings_that_cannot_be_used_are_skipped_in_their_places() -> None:
    usable, unusable = make_listing(title="How stones float"), make_listing(title="\u200b", abstract="", identifiers=())
    skipped = (Skipped(2, "front matter:\n Contents"), Skipped(5, "x" * 1000))
    parsed = clean_all(make_parsed(usable, unusable, usable, unusable, skipped=skipped))
    assert [listing.title for listing in parsed.listings] == ["How stones float"] * 2
    assert [(item.position, item.reason[:20]) for item in parsed.skipped] == [
        (2, "front matter: Conten"),
        (3, "no title, no abstrac"),
        (5, "x" * 20),
        (6, "no title, no abstrac"),
    ]
    assert len(parsed.skipped[2].reason) == MAX_REASON


def test_listing_that_breaks_cleaning_is_skipped() -> None:
    broken = make_listing(authors=(None,))
    [skipped] = clean_all(make_parsed(make_listing(), broken)).skipped
    assert skipped == Skipped(2, "TypeError: object of type 'NoneType' has no len()")


def test_document_is_named_on_one_line() -> None:
    parsed = clean_all(make_parsed(title="A\n journal\x00 " + "x " * 1000, url="javascript:1"))
    assert (parsed.title[:11], parsed.url) == ("A journal x", "")
    assert MAX_FEED_TITLE - 5 < len(parsed.title) <= MAX_FEED_TITLE


def test_items_of_a_document_are_limited() -> None:
    listings = (make_listing(),) * (MAX_ITEMS + 3)
    parsed = clean_all(make_parsed(*listings, skipped=(Skipped(1, "front matter"),)))
    assert len(parsed.listings) == MAX_ITEMS
    assert parsed.skipped == (
        Skipped(1, "front matter"),
        Skipped(MAX_ITEMS + 1, "3 more items: only 5,000 are read"),
    )


def test_reasons_of_a_document_are_limited() -> None:
    skipped = tuple(Skipped(position, "no title") for position in range(1, 20_001))
    told = clean_all(make_parsed(skipped=skipped)).skipped
    assert len(told) == MAX_ITEMS + 1
    assert told[-1] == Skipped(MAX_ITEMS + 1, "15,000 more items: only 5,000 are read")
