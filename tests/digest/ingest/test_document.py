import gzip
import zlib

import pytest

from digest.ingest.document import (
    MAX_BYTES,
    MAX_ITEMS,
    MAX_TAGS,
    BrokenFeed,
    EmptyBody,
    bounded,
    mended,
    scrubbed,
    unpacked,
    without_entities,
)
from tests.digest.growth import LINEAR, growth
from tests.digest.ingest.make import make_arxiv_atom, make_item, make_rss

RDF = (
    b'<rdf:RDF xmlns:rdf="r" xmlns="http://purl.org/rss/1.0/"><channel/>'
    b"<item><title>a</title></item><item><title>b</title></item></rdf:RDF>"
)


def test_plain_document_stays_as_it_is() -> None:
    body = make_rss(make_item())
    assert unpacked(body) == body


def test_gzip_is_inflated() -> None:
    body = make_rss(make_item())
    assert unpacked(gzip.compress(body, mtime=0)) == body


def test_gzip_that_ends_too_early_is_broken() -> None:
    with pytest.raises(BrokenFeed, match="the compressed data ends too early"):
        unpacked(gzip.compress(make_rss(make_item()))[:-20])


def test_gzip_that_is_damaged_is_broken() -> None:
    body = bytearray(gzip.compress(b"<rss>" * 100, mtime=0))
    body[12:20] = b"\xff" * 8
    with pytest.raises(BrokenFeed, match="the compressed data is damaged"):
        unpacked(bytes(body))


def test_gzip_bomb_is_not_inflated_further_than_the_limit() -> None:
    deflater = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(deflater.compress(b" " * 1_000_000) for _ in range(100)) + deflater.flush()
    assert len(bomb) < 200_000
    with pytest.raises(BrokenFeed, match=f"holds more than {MAX_BYTES:,} bytes"):
        unpacked(bomb)


@pytest.mark.parametrize(
    "body", [b"", b" \r\n\t", b"\xef\xbb\xbf", b"\xff\xfe", b"\0\0\0", gzip.compress(b"\n", mtime=0)]
)
def test_document_with_nothing_in_it_is_empty(body: bytes) -> None:
    with pytest.raises(EmptyBody, match="the document is empty"):
        unpacked(body)


@pytest.mark.parametrize(
    "encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"]
)
def test_encodings_of_several_bytes_become_utf_8(encoding: str) -> None:
    text = make_rss(make_item(title="Größe 数")).decode()
    expected = text if encoding == "utf-8-sig" else text.partition("?>")[2]
    assert unpacked(text.encode(encoding)) == expected.encode()


def test_declaration_of_another_encoding_goes_with_the_encoding() -> None:
    text = '<?xml version="1.0" encoding="UTF-16"?>\n<rss><item/></rss>'
    assert unpacked(text.encode("utf-16")) == b"\n<rss><item/></rss>"


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        ("<rss>é</rss>".encode("latin-1"), "text/xml; charset=ISO-8859-1", "<rss>é</rss>"),
        ("<rss>é</rss>".encode(), "text/xml; charset=ISO-8859-1", "<rss>é</rss>"),
        ("<rss>Б</rss>".encode("koi8-r"), "text/xml; Charset='koi8-r'", "<rss>Б</rss>"),
    ],
)
def test_charset_of_the_header_is_used_where_the_text_is_not_utf_8(
    body: bytes, content_type: str, expected: str
) -> None:
    assert unpacked(body, content_type).decode() == expected


@pytest.mark.parametrize("content_type", ["", "text/xml", "text/xml; charset=klingon", "text/xml; charset=us-ascii"])
def test_charset_that_does_not_help_changes_nothing(content_type: str) -> None:
    body = "<rss>é</rss>".encode("latin-1")
    assert unpacked(body, content_type) == body


def test_declared_encoding_is_believed_more_than_the_header() -> None:
    body = '<?xml version="1.0" encoding="iso-8859-1"?><rss>é</rss>'.encode("latin-1")
    assert unpacked(body, "text/xml; charset=koi8-r") == body


def test_control_characters_are_removed() -> None:
    assert unpacked(b"<a>b\0c\x08d\x0be\x0cf\tg\nh\x1f</a>") == b"<a>bcd e f\tg\nh</a>"


def test_shifts_of_asian_encodings_are_kept() -> None:
    body = "<rss>数学</rss>".encode("iso2022_jp")
    assert unpacked(body) == body


def test_whole_feed_is_not_touched() -> None:
    body = make_rss(make_item(1), make_item(2)) + b"\n<!-- made in no time -->\n"
    assert bounded(body) == (body, False, 0)


@pytest.mark.parametrize(
    "body", [b"<html><body>no feed", b"plain", b'<feed xmlns="x"/>', RDF, make_arxiv_atom("2603.00001")]
)
def test_what_is_whole_or_no_feed_is_not_truncated(body: bytes) -> None:
    assert bounded(body) == (body, False, 0)


def test_truncated_rss_keeps_its_complete_items() -> None:
    body = make_rss(make_item(1), make_item(2), make_item(3))
    cut = body[: body.index(b"Paper 3") + 4]
    assert bounded(cut) == (make_rss(make_item(1), make_item(2)), True, 0)


def test_truncated_atom_keeps_its_complete_entries() -> None:
    body = make_arxiv_atom("2603.00001", "2603.00002")
    assert bounded(body[:-60]) == (make_arxiv_atom("2603.00001"), True, 0)


def test_truncated_rdf_keeps_its_complete_items() -> None:
    expected = RDF.replace(b"<item><title>b</title></item>", b"")
    assert bounded(RDF[: RDF.index(b"b</title>")]) == (expected, True, 0)


def test_feed_that_lacks_only_its_end_keeps_all() -> None:
    body = make_rss(make_item(1), make_item(2))
    assert bounded(body.removesuffix(b"</channel></rss>")) == (body, True, 0)
    assert bounded(body.removesuffix(b"</rss>")) == (body, True, 0)


def test_feed_cut_off_in_its_first_item_is_broken() -> None:
    body = make_rss(make_item(1))
    with pytest.raises(BrokenFeed, match="cut off before the end of its first entry"):
        bounded(body[: body.index(b"Paper 1")])


def test_feed_is_readable_wherever_it_was_cut() -> None:
    body = make_rss(*(make_item(number) for number in range(4)))
    first = body.index(b"</item>") + len(b"</item>")
    for end in range(first, len(body) - len(b"</rss>")):
        whole, truncated, _ = bounded(body[:end])
        assert truncated
        assert whole.endswith(b"</item></channel></rss>")
        assert whole.count(b"<item>") == whole.count(b"</item>") == body[:end].count(b"</item>")


def test_items_beyond_the_limit_are_left_out_and_counted() -> None:
    body = make_rss(*(f"<item><title>{number}</title></item>" for number in range(MAX_ITEMS + 7)))
    whole, truncated, left_out = bounded(body)
    assert (whole.count(b"<item>"), truncated, left_out) == (MAX_ITEMS, False, 7)
    assert whole.endswith(b"<title>4999</title></item></channel></rss>")


@pytest.mark.parametrize(
    "tag",
    [
        "<category>c{}</category>",
        "<category><![CDATA[c{}]]></category>",
        "<dc:subject>c{}</dc:subject>",
        '<category term="c{}"/>',
        "<media:keywords>c{}</media:keywords>",
    ],
)
def test_tags_of_one_item_are_limited(tag: str) -> None:
    many = make_item(1, inside="".join(tag.format(number) for number in range(3000)))
    few = make_item(1, inside="".join(tag.format(number) for number in range(MAX_TAGS)))
    assert bounded(make_rss(many, make_item(2))) == (make_rss(few, make_item(2)), False, 0)


def test_attributes_of_one_element_are_limited() -> None:
    many = " ".join(f"a{number}=''" for number in range(2000))
    items = (f"<item {many}><title>1</title></item>", f"<item {many}/>", make_item(3))
    few = make_rss("<item><title>1</title></item>", "<item/>", make_item(3))
    assert bounded(make_rss(*items)) == (few, False, 0)


def test_long_attribute_is_kept() -> None:
    body = make_rss(f'<item><title>1</title><enclosure url="data:image/png;base64,{"A" * 20_000}=="/></item>')
    assert bounded(body) == (body, False, 0)


def test_few_tags_of_many_items_are_kept() -> None:
    body = make_rss(*(make_item(number, inside="<category>c</category>" * 5) for number in range(600)))
    assert bounded(body) == (body, False, 0)


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        (b"&#xD800;", b"&#xFFFD;"),
        (b"&#57343;", b"&#xFFFD;"),
        (b"&#0;", b"&#xFFFD;"),
        (b"&#1114112;", b"&#xFFFD;"),
        (b"&#xFFFFFFFF;", b"&#xFFFD;"),
        (b"&#x" + b"f" * 9000 + b";", b"&#xFFFD;"),
        (b"&#" + b"9" * 9000 + b";", b"&#xFFFD;"),
        (b"&#" + b"0" * 9000 + b"65;", b"&#" + b"0" * 9000 + b"65;"),
        (b"&#xE9;", b"&#xE9;"),
        (b"&#337;", b"&#337;"),
        (b"&amp;", b"&amp;"),
        (b"&#;", b"&#;"),
    ],
)
def test_scrubbing_replaces_impossible_characters(reference: bytes, expected: bytes) -> None:
    assert scrubbed(b"<a>" + reference + b"</a>") == b"<a>" + expected + b"</a>"


@pytest.mark.parametrize(
    "doctype",
    [
        b"<!DOCTYPE rss>",
        b'<!DOCTYPE rss [<!ENTITY path "C:\\data">\n]>',
        b'<!DOCTYPE rss SYSTEM "http://127.0.0.1/x.dtd">',
    ],
)
def test_scrubbing_removes_the_doctype(doctype: bytes) -> None:
    assert scrubbed(doctype + b"<rss>&path;</rss>") == b"<rss>&path;</rss>"


def test_doctype_that_never_ends_stays() -> None:
    assert scrubbed(b"<!DOCTYPE rss [<rss></rss>") == b"<!DOCTYPE rss [<rss></rss>"


def test_doctype_goes_with_its_entities() -> None:
    body = b'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><rss>&c;</rss>'
    assert without_entities(body) == b'<?xml version="1.0"?><rss>&c;</rss>'


def test_doctype_without_entities_stays() -> None:
    body = b'<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://x.example/rss.dtd"><rss></rss>'
    assert without_entities(body) == body


@pytest.mark.parametrize(
    "piece",
    [
        *(b"<item>", b"</item", b"<category>", b"<!DOCTYPE [", b"&#x0", b"<rss ", b"\0", b"<a b='' "),
        *(b"0", b"<title>", b"<title a", b"<link>&#", b"<guid "),
    ],
)
def test_time_for_hostile_bytes_grows_with_their_length(piece: bytes) -> None:
    def prepared(pieces: bytes) -> bytes:
        body = b'<rss version="2.0">&#' + pieces + b"</rss>"
        bounded(unpacked(body))
        mended(body)
        return scrubbed(body)

    assert growth(prepared, piece, 10_000) < LINEAR


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("<title>a<link>b</link>", "<title>a</title><link>b</link>"),
        ("<title>a</titel><link>b</link>", "<title>a</title></titel><link>b</link>"),
        ("<title>a</title><link>b<guid>c</guid>", "<title>a</title><link>b</link><guid>c</guid>"),
        ('<title type="text">a<link href="b"/>', '<title type="text">a</title><link href="b"/>'),
        ("<title>a</title><link>b</link>", "<title>a</title><link>b</link>"),
        ("<title><![CDATA[a<b]]></title><link/>", "<title><![CDATA[a<b]]></title><link/>"),
        ('<link href="b" /><title>a</title >', '<link href="b" /><title>a</title >'),
    ],
)
def test_mended_feed_has_its_titles_and_addresses_closed(written: str, expected: str) -> None:
    assert mended(written.encode()) == expected.encode()
