import gzip
import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from digest.ingest.document import MAX_ITEMS, BrokenFeed, EmptyBody, NotAFeed, ParseError, SourceError
from digest.ingest.kind import KINDS
from digest.ingest.parse import parse
from digest.sources.listing import AnnounceType, Parsed, Scheme, Skipped
from tests.digest.ingest.make import (
    make_api_page,
    make_arxiv_atom,
    make_arxiv_item,
    make_arxiv_rss,
    make_biorxiv_page,
    make_crossref_page,
    make_daily,
    make_item,
    make_paper_page,
    make_rss,
    make_topic_page,
)
from tests.digest.sources.make import make_daily_item, make_oai_answer, make_oai_record

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
PAPER = ("How stones float", "We watch stones.")
DOCUMENTS = {
    "arxiv": make_arxiv_rss(make_arxiv_item()),
    "hf-daily": make_daily(),
    "feed": make_rss(make_item()),
    "topic-page": make_topic_page(PAPER),
    "arxiv-api": make_api_page("2603.00001"),
    "arxiv-oai": make_oai_answer(make_oai_record()),
    "biorxiv": make_biorxiv_page(),
    "crossref": make_crossref_page(),
    "paper-page": make_paper_page(),
}
TOLD = [kind for kind in KINDS if kind != "paper-page"]  # that one is read only where it is asked for
OLD_ARXIV = b"""<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="http://arxiv.org/">
<title>hep-ex updates on arXiv.org</title><link>http://arxiv.org/</link><dc:date>2018-05-23T20:30:00-05:00</dc:date>
</channel><item rdf:about="http://arxiv.org/abs/1805.00017">
<title>How stones float. (arXiv:1805.00017v2 [hep-ex] UPDATED)</title><link>http://arxiv.org/abs/1805.00017</link>
<description rdf:parseType="Literal">&lt;p&gt;In $2.6&amp;lt;\\eta$ they do.&lt;/p&gt;</description>
<dc:creator>&lt;a href="http://arxiv.org/find/1"&gt;Ida Lindgren&lt;/a&gt; (Lab)</dc:creator></item></rdf:RDF>"""
API_ERROR = b"""<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>arXiv Query: x</title><entry>
<id>http://arxiv.org/api/errors#incorrect_id_format</id><title>Error</title><summary>incorrect id format for x</summary>
</entry></feed>"""


def titles(parsed: Parsed) -> list[str]:
    return [listing.title for listing in parsed.listings]


@pytest.mark.parametrize("kind", TOLD)
def test_kind_is_told_by_the_content(kind: str) -> None:
    assert parse(DOCUMENTS[kind], now=NOW).kind == kind
    assert parse(gzip.compress(DOCUMENTS[kind]), now=NOW).kind == kind


@pytest.mark.parametrize("kind", KINDS)
def test_document_is_read_as_the_kind_that_is_asked_for(kind: str) -> None:
    parsed = parse(DOCUMENTS[kind], kind=kind, now=NOW)
    assert (parsed.kind, len(parsed.listings), parsed.skipped, parsed.truncated) == (kind, 1, (), False)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (make_arxiv_atom("2603.00001"), "arxiv"),
        (make_arxiv_atom(), "arxiv"),
        (make_arxiv_rss(), "arxiv"),
        (OLD_ARXIV, "arxiv"),
        (b"\n  " + DOCUMENTS["hf-daily"], "hf-daily"),
        (b"\xef\xbb\xbf" + DOCUMENTS["topic-page"], "topic-page"),
        (make_rss(make_item(inside="<guid>https://arxiv.org/abs/2603.00001</guid>")), "feed"),
        (make_rss(make_item(title="Get trending papers in your email inbox!")), "feed"),
    ],
)
def test_kind_is_told_of_other_documents_too(body: bytes, kind: str) -> None:
    assert parse(body, now=NOW).kind == kind


def test_daily_arxiv_feed() -> None:
    body = make_arxiv_rss(make_arxiv_item("2603.00001"), make_arxiv_item("2603.00002", kind="replace-cross"))
    parsed = parse(body)
    assert (parsed.title, parsed.url) == ("arXiv cs.CL", "http://rss.arxiv.org/rss/cs.CL")
    assert parsed.announced_on == date(2026, 3, 4)
    assert [listing.announce_type for listing in parsed.listings] == [AnnounceType.NEW, AnnounceType.REPLACE_CROSS]
    assert parsed.listings[0].abstract == "We show that $n<p$."
    assert parsed.listings[0].authors == ("Ida Lindgren", "Wei Zhang")


def test_atom_and_rss_of_one_day_say_the_same() -> None:
    rss = parse(make_arxiv_rss(make_arxiv_item("2603.00001", kind="cross"))).listings[0]
    atom = parse(make_arxiv_atom("2603.00001")).listings[0]
    assert (atom.identifiers, atom.abstract, atom.announced_on, atom.announce_type, atom.categories) == (
        (rss.identifiers, rss.abstract, rss.announced_on, rss.announce_type, rss.categories)
    )


def test_old_arxiv_feed() -> None:
    [listing] = parse(OLD_ARXIV).listings
    assert (listing.title, listing.abstract) == ("How stones float", "In $2.6<\\eta$ they do.")
    assert (listing.authors, listing.version, listing.announced_on) == (("Ida Lindgren",), 2, date(2018, 5, 23))


@pytest.mark.parametrize(
    "abstract", ["for <s_1, ..., s_n> all", "a<b>c</b> & d &amp; e", "$a<b and c>0$", "<script>x</script>"]
)
def test_arxivs_text_is_never_taken_for_html(abstract: str) -> None:
    [listing] = parse(make_arxiv_rss(make_arxiv_item(abstract=abstract))).listings
    assert listing.abstract == abstract.replace("&amp;", "&")


@pytest.mark.parametrize("body", [make_arxiv_rss(), make_arxiv_atom(), make_rss(), b"[]"])
def test_day_without_papers_is_no_error(body: bytes) -> None:
    parsed = parse(body)
    assert (parsed.listings, parsed.skipped, parsed.truncated) == ((), (), False)


def test_arxivs_error_feed_is_an_error_with_its_words() -> None:
    body = make_arxiv_rss(
        title="Feed error for query: http://rss.arxiv.org/rss/cs.XX", description="Bad subject class 'XX'."
    )
    with pytest.raises(SourceError, match=r"arXiv answers: Bad subject class 'XX'\."):
        parse(body)


@pytest.mark.parametrize("kind", [None, "arxiv", "feed"])
def test_api_error_is_no_paper(kind: str | None) -> None:
    with pytest.raises(SourceError, match="arXiv answers: incorrect id format for x"):
        parse(API_ERROR, kind=kind)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"<!DOCTYPE html><html><head><title>503 Try later</title></head></html>", "a page titled '503 Try later'"),
        (b"<html><body><h1>Moved</h1></body></html>", "not a feed: it begins with '<html><body>"),
        (b"<html><body>Get trending papers in your email inbox!</body></html>", "not a feed: it begins with '<html>"),
        (b"/etc/passwd", "not a feed: it begins with '/etc/passwd'"),
        (b"https://example.org/feed", "not a feed: it begins with 'https://example.org/feed'"),
        (b"\x89PNG\r\n\x1a\nxx", "not a feed"),
        (b'{"error": "rate limited"}', "the source answers: rate limited"),
        (b'{"papers": []}', "JSON, but no list of papers"),
        (b"[1, 2", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[1, 2]", "none of 2 items is a paper: no paper in this item"),
    ],
)
def test_success_with_something_else_than_a_feed_is_an_error(body: bytes, message: str) -> None:
    with pytest.raises(NotAFeed) as caught:
        parse(body)
    assert message in str(caught.value)
    assert caught.value.kind == "not_a_feed"


@pytest.mark.parametrize(
    ("kind", "body", "message"),
    [
        ("hf-daily", DOCUMENTS["feed"], "not JSON"),
        ("topic-page", DOCUMENTS["feed"], "not a topic page"),
        ("feed", DOCUMENTS["hf-daily"], "not a feed"),
        ("arxiv", DOCUMENTS["topic-page"], "not a feed"),
        ("arxiv", DOCUMENTS["feed"], "none of 1 items is a paper: no arXiv identifier"),
        ("topic-page", make_topic_page(("—", "x")), "none of 1 items is a paper: no words in the title"),
    ],
)
def test_document_of_another_kind_is_an_error(kind: str, body: bytes, message: str) -> None:
    with pytest.raises(NotAFeed, match=message):
        parse(body, kind=kind)


def test_unknown_kind_is_the_callers_error() -> None:
    with pytest.raises(ValueError, match="no kind of source: 'gopher'; there are arxiv, arxiv-api, "):
        parse(b"", kind="gopher")


def test_each_error_has_a_word_of_its_own() -> None:
    assert {error.kind for error in (ParseError, EmptyBody, NotAFeed, BrokenFeed, SourceError)} == {
        "parse_error",
        "empty_body",
        "not_a_feed",
        "broken_feed",
        "source_error",
    }
    assert all(issubclass(error, ParseError) for error in (EmptyBody, NotAFeed, BrokenFeed, SourceError))


@pytest.mark.parametrize("body", [b"", b"\n\t ", b"\xef\xbb\xbf"])
def test_empty_body_is_an_error(body: bytes) -> None:
    with pytest.raises(EmptyBody):
        parse(body)


def test_body_that_names_a_file_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "feed.xml"
    path.write_bytes(DOCUMENTS["feed"])
    with pytest.raises(NotAFeed):
        parse(str(path).encode())


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [
        ("UTF-8", "utf-8"),
        ("UTF-8", "utf-8-sig"),
        ("UTF-16", "utf-16"),
        ("UTF-16", "utf-16-le"),
        ("UTF-16", "utf-16-be"),
        ("", "utf-8"),
        ("", "utf-16"),
        ("", "utf-16-le"),
        ("", "utf-16-be"),
    ],
)
def test_encodings_of_feeds(declared: str, encoding: str) -> None:
    declaration = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    body = make_rss(make_item(title="Größe 数"), declaration=declaration).decode().encode(encoding)
    assert titles(parse(body, now=NOW)) == ["Größe 数"]


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [("UTF-8", "latin-1"), ("us-ascii", "utf-8"), ("x-klingon", "utf-8"), ("iso-8859-1", "latin-1")],
)
def test_wrong_declarations_of_encoding_lose_nothing(declared: str, encoding: str) -> None:
    text = make_rss(make_item(title="Größe"), declaration=f'<?xml version="1.0" encoding="{declared}"?>').decode()
    assert titles(parse(text.encode(encoding), now=NOW)) == ["Größe"]


def test_charset_of_the_header_helps_where_nothing_is_declared() -> None:
    body = make_rss(make_item(title="Größe"), declaration="").decode().encode("latin-1")
    assert titles(parse(body, content_type="text/xml; charset=iso-8859-1", now=NOW)) == ["Größe"]


@pytest.mark.parametrize("reference", ["&#xD800;", "&#1114112;", "&#xFFFFFFFF;"])
def test_impossible_characters_cost_only_themselves(reference: str) -> None:
    assert titles(parse(make_rss(make_item(title=f"a {reference} b")), now=NOW)) == ["a \ufffd b"]


def test_doctype_that_breaks_feedparser_costs_nothing() -> None:
    doctype = '<!DOCTYPE rss [<!ENTITY path "C:\\data">]>'
    assert titles(parse(make_rss(make_item(title="&path; good"), declaration=doctype), now=NOW)) == ["&path; good"]


def test_entity_bomb_gives_no_paper_and_takes_no_time() -> None:
    entities = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))
    doctype = f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY l0 "lol">{entities}]>'
    parsed = parse(make_rss(make_item(title="&l9;"), make_item(2), declaration=doctype), now=NOW)
    assert titles(parsed) == ["Paper 2"]
    assert parsed.skipped == (Skipped(1, "nothing but unresolved entities in the title: &l9;"),)


def test_external_entities_are_not_fetched(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    doctype = f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY x SYSTEM "file://{secret}">]>'
    [listing] = parse(make_rss(make_item(title="a &x; b"), declaration=doctype), now=NOW).listings
    assert "secret" not in listing.title


def test_truncated_feed_keeps_its_complete_entries() -> None:
    body = make_arxiv_rss(*(make_arxiv_item(f"2603.0000{number}") for number in range(1, 4)))
    parsed = parse(body[: body.index(b"2603.00003") + 200])
    assert parsed.truncated
    assert [listing.identifiers[0].value for listing in parsed.listings] == ["2603.00001", "2603.00002"]
    assert parsed.listings == parse(body).listings[:2]


def test_feed_cut_off_at_its_start_is_broken() -> None:
    body = make_arxiv_rss(make_arxiv_item())
    with pytest.raises(BrokenFeed, match="cut off before the end of its first entry"):
        parse(body[: body.index(b"</item>")])


def test_one_bad_entry_is_skipped_with_its_reason() -> None:
    parsed = parse(make_rss(make_item(1), "<item></item>", make_item(3), make_item(title="Erratum")), now=NOW)
    assert titles(parsed) == ["Paper 1", "Paper 3"]
    assert parsed.skipped == (
        Skipped(2, "neither a title nor an address"),
        Skipped(4, "a notice about another paper: Erratum"),
    )


def test_entries_beyond_the_limit_are_named_as_skipped() -> None:
    body = make_rss(*(f"<item><title>Paper {number}</title></item>" for number in range(MAX_ITEMS + 3)))
    parsed = parse(body, now=NOW)
    assert (len(parsed.listings), parsed.truncated) == (MAX_ITEMS, False)
    assert parsed.skipped == (Skipped(MAX_ITEMS + 1, "3 more entries: only 5,000 are read"),)


def test_daily_papers_beyond_the_limit_are_left_out() -> None:
    body = json.dumps([make_daily_item(id=f"2603.{number:05}") for number in range(MAX_ITEMS + 3)]).encode()
    assert len(parse(body).listings) == MAX_ITEMS


def test_thousands_of_tags_of_one_entry_are_fifty() -> None:
    item = make_item(inside="".join(f"<category>c{number}</category>" for number in range(20_000)))
    assert len(parse(make_rss(item), now=NOW).listings[0].categories) == 50


def test_relative_links_are_resolved_against_the_feed_and_its_base() -> None:
    rss = make_rss("<item><title>T</title><link>/articles/7</link></item>")
    [listing] = parse(rss, url="https://jir.example.org/feeds/new.xml", now=NOW).listings
    assert listing.url == "https://jir.example.org/articles/7"
    atom = (
        b'<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://jir.example.org/x/"><title>T</title>'
        b'<entry><id>urn:7</id><title>t</title><link href="../p/7"/></entry></feed>'
    )
    assert parse(atom, now=NOW).listings[0].url == "https://jir.example.org/p/7"


def test_guid_that_is_a_number_is_no_address() -> None:
    item = "<item><title>T</title><link>https://jir.example.org/7</link><guid>7</guid></item>"
    [listing] = parse(make_rss(item), url="https://jir.example.org/feeds/new.xml", now=NOW).listings
    assert [identifier.value for identifier in listing.identifiers] == ["https://jir.example.org/7"]


def test_title_and_address_of_a_feed_are_one_line_and_its_own() -> None:
    channel = '<a:link xmlns:a="http://www.w3.org/2005/Atom" rel="self" href="https://jir.example.org/feed"/>'
    body = make_rss(channel=channel).replace(b"Journal of", b"Journal\n  of")
    assert parse(body).url == "https://jir.example.org/feed"
    assert parse(body).title == "Journal of Invented Results"
    assert parse(make_rss()).url == ""


def test_dates_ahead_of_the_clock_are_none() -> None:
    body = make_rss(make_item(inside="<pubDate>Wed, 04 Mar 2026 00:00:00 GMT</pubDate>"))
    assert parse(body, now=NOW).listings[0].announced_on == date(2026, 3, 4)
    assert parse(body, now=datetime(2026, 3, 1, tzinfo=UTC)).listings[0].announced_on is None
    assert parse(body.replace(b"2026", b"2099")).listings[0].announced_on is None


def test_topic_page_with_damaged_bytes_is_read() -> None:
    [listing] = parse(make_topic_page(PAPER) + b"\xff\xfe").listings
    assert (listing.title, listing.identifiers[0].scheme) == ("How stones float", Scheme.TITLE)
    assert listing.abstract == "We watch stones.\ufffd\ufffd"


@pytest.mark.parametrize("kind", ["feed", "arxiv"])
def test_answer_of_an_archive_is_no_feed(kind: str) -> None:
    with pytest.raises(NotAFeed, match="not a feed"):
        parse(DOCUMENTS["arxiv-oai"], kind=kind)


@pytest.mark.parametrize(
    ("kind", "body", "words"),
    [
        (
            "arxiv-oai",
            make_oai_answer(content='<error code="badArgument">no such set</error>'),
            "badArgument: no such set",
        ),
        (
            "arxiv-api",
            make_api_page("2603.00001").replace(b">1</open", b">9</open").partition(b"<entry>")[0] + b"</feed>",
            "no papers",
        ),
        ("biorxiv", b'{"messages": [{"status": "invalid interval"}], "collection": []}', "invalid interval"),
        ("crossref", b'{"status": "failed", "message": [{"message": "no such route"}]}', "no such route"),
    ],
)
def test_error_that_an_archive_answers_is_told_in_its_words(kind: str, body: bytes, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        parse(body, kind=kind, url="https://archive.example.org/?start=0")
