import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.ingest.clean import MAX_ABSTRACT, MAX_NAME, MAX_TITLE, UNTITLED, clean, one_line
from digest.sources.identifiers import MAX_URL, title_hash
from digest.sources.listing import Identifier, Listing, Scheme, Skipped
from tests.make import make_listing

BY_TITLE = (Identifier(Scheme.TITLE, "0" * 64),)


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
