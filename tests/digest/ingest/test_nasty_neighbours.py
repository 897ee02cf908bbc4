"""Documents like the hostile ones at hand, and worse: other encodings, other wrappings, other floods. All invented."""

import bz2
import lzma
import re
import zlib

import pytest

from digest.ingest.clean import MAX_ABSTRACT, MAX_AUTHORS, MAX_CATEGORIES, MAX_TITLE
from digest.ingest.document import ParseError
from digest.ingest.guarded import read_guarded
from digest.sources.listing import Parsed
from tests.digest.ingest.make import make_item, make_rss
from tests.digest.sources.make import ABSTRACT
from tests.make import NOON

TITLE = "How stones float"
URL = "https://jir.example.org/1"
ITEM = f"<item><title>{TITLE}</title><link>{URL}</link></item>"
RSS = f'<rss version="2.0"><channel><title>c</title>{ITEM}</channel></rss>'
ATOM = (
    '<feed xmlns="http://www.w3.org/2005/Atom"><title>c</title>'
    f'<entry><title>{TITLE}</title><link href="{URL}"/></entry></feed>'
)
RDF_NAMESPACE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
NAMESPACES = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:a="http://www.w3.org/2005/Atom" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
)
FLOOD = 120_000  # characters


def read(document: str | bytes) -> Parsed:
    body = document if isinstance(document, bytes) else document.encode()
    return read_guarded(body, kind=None, url="https://jir.example.org/feed", now=NOON)


def pairs(document: str | bytes) -> list[tuple[str, str]]:
    return [(listing.title, listing.url) for listing in read(document).listings]


@pytest.mark.parametrize(
    "document",
    [
        f'<?xml version="1.0"?><Envelope><Body>{RSS}</Body></Envelope>',
        f"<html><head><title>x</title></head><body>{RSS}</body></html>",
        f"Warning: no such table in /feed.php\n{RSS}",
        f'\n<br />\n<b>Notice</b>: late\n<?xml version="1.0" encoding="utf-8"?>{RSS}',
        f"{RSS}<script>var cached = 1</script><!-- cached -->",
        f"\ufeff\ufeff{RSS}",
        f"<channel>{ITEM}</channel>",
        ITEM,
        RSS.replace(' version="2.0"', ""),
        RSS.replace("<rss", '<r:rss xmlns:r="x"').replace("</rss", "</r:rss"),
        RSS.replace("<item>", '<item xmlns="http://unheard.example.org/">'),
        RSS.replace('"2.0"', "2.0"),
        RSS.replace("><", ">\r<"),
        f'<?xml version="9.9" standalone="maybe"?>{RSS}',
        f'<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="http://127.0.0.1:1/"?>{RSS}',
        f'<!DOCTYPE rss PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://127.0.0.1:1/x.dtd">{RSS}',
        f'<!DOCTYPE rss [<!ENTITY % far SYSTEM "http://127.0.0.1:1/x"> %far;]>{RSS}',
        ATOM,
        ATOM.replace(' xmlns="http://www.w3.org/2005/Atom"', ""),
        ATOM.replace(f"<title>{TITLE}", f'<title type="html">&lt;p&gt;{TITLE}&lt;/p&gt;'),
        re.sub(r"<(/?)(?=\w)", r"<\1a:", ATOM).replace("xmlns=", "xmlns:a="),
        f'<r:RDF xmlns:r="{RDF_NAMESPACE}" xmlns="http://purl.org/rss/1.0/"><channel r:about="x"/>{ITEM}</r:RDF>',
    ],
    ids=range(22),
)
def test_feed_is_read_whatever_is_around_it(document: str) -> None:
    assert pairs(document) == [(TITLE, URL)]


@pytest.mark.parametrize(
    ("encoding", "title"),
    [
        *(
            (encoding, "Größe — 数学")
            for encoding in ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be")
        ),
        *((encoding, "数学") for encoding in ("gb18030", "shift_jis", "euc-jp", "iso2022_jp", "hz")),
        *((encoding, "Größe") for encoding in ("iso-8859-1", "windows-1252", "cp037", "utf-7")),
        *((encoding, "Камни") for encoding in ("koi8-r", "windows-1251")),
    ],
)
def test_encoding_that_is_declared_is_read(encoding: str, title: str) -> None:
    declared = encoding.removesuffix("-sig")
    document = f'<?xml version="1.0" encoding="{declared}"?>{RSS.replace(TITLE, title)}'
    assert pairs(document.encode(encoding, "ignore" if encoding == "hz" else "strict")) == [(title, URL)]


@pytest.mark.parametrize("encoding", ["rot13", "zlib", "unicode_escape", "idna", "klingon", "a" * 100_000])
def test_encoding_that_is_none_does_no_harm(encoding: str) -> None:
    assert pairs(f'<?xml version="1.0" encoding="{encoding}"?>{RSS}') == [(TITLE, URL)]


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("How st&ouml;nes float", "How stönes float"),
        ("How st&foo;nes float", "How st&foo;nes float"),
        ("How & why < stones&nbsp;float", "How & why < stones float"),
        ("<![CDATA[How <i>stones</i> float & sink]]>", "How stones float & sink"),
        ("How &amp;lt;i&amp;gt;stones&amp;lt;/i&amp;gt; float", "How stones float"),
        ("\u202eHow \u2067stones\u2069 float\u202c", TITLE),
        ("How\u200b sto\u00adnes\ufeff float", TITLE),
        ("How\rstones\r\nfloat\n", TITLE),
        ("How\u2028stones\u2029float", TITLE),
        ("How&#13;&#10;&#9;stones float", TITLE),
        ("How&#xD83D;&#xDE00; stones float", "How\ufffd\ufffd stones float"),
        ("How &#1114112;stones&#xFFFFFFFFFF; float", "How \ufffdstones\ufffd float"),
        ("אבנים צפות", "אבנים צפות"),
        ("\u200b", "(untitled)"),
        ("&lt;b&gt;&lt;/b&gt;", "(untitled)"),
    ],
)
def test_title_is_one_plain_line(written: str, title: str) -> None:
    assert pairs(RSS.replace(TITLE, written)) == [(title, URL)]


@pytest.mark.parametrize(
    ("written", "url"),
    [
        *(
            (link, "")
            for link in ("vbscript:x", "java\nscript:alert(1)", "JAVASCRIPT:1", "data:text/html,x", "file:///x")
        ),
        ("https://ada:secret@jir.example.org/1", ""),
        ("https://jir.example.org:99999/1", ""),
        ("https://jir.example.org/\u202e1", ""),
        ("https://[::1", ""),
        ("https://jir.example.org/" + "a" * 3000, ""),
        ("  https://jir.example.org/a b\n", "https://jir.example.org/a%20b"),
        ('https://jir.example.org/"&gt;&lt;script&gt;', "https://jir.example.org/%22%3E%3Cscript%3E"),
        ("/1", URL),
        ("//jir.example.org/1", URL),
    ],
)
def test_link_leads_to_the_web_or_nowhere(written: str, url: str) -> None:
    assert pairs(RSS.replace(URL, written)) == [(TITLE, url)]


@pytest.mark.parametrize(
    "document",
    [
        b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body></body></html>",
        b'<opml version="1.0"><body><outline text="a" xmlUrl="b"/></body></opml>',
        b'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>https://a.example/</loc></url></urlset>',
        b"<html><body><pre>&lt;rss&gt;&lt;item&gt;</pre></body></html>",
        b"/etc/passwd",
        b"http://127.0.0.1:1/feed",
        b'{"items": 1}',
        b'[{"a": 1}]',
        b"null",
        b"%PDF-1.7",
        *(squeeze(RSS.encode()) for squeeze in (bz2.compress, lzma.compress, zlib.compress)),
        bytes(range(256)) * 50,
        RSS.encode()[:40],
        RSS.replace("</item></channel></rss>", "").encode(),
    ],
    ids=range(16),
)
def test_what_is_no_feed_is_an_error(document: bytes) -> None:
    with pytest.raises(ParseError) as raised:
        read(document)
    assert raised.value.kind in ("not_a_feed", "broken_feed")


@pytest.mark.parametrize(
    "piece",
    [
        *(
            "<category>x</category>",
            "<category><![CDATA[x]]></category>",
            "<category/>",
            "<category>",
            "<category a='>'/>",
        ),
        *("<dc:subject>&amp;</dc:subject>", "<itunes:category text='x'>", "<link>https://a.example/2</link>"),
        *("<a:link href='https://a.example/2'/>", "<author>a@b.example (A B)</author>", "<dc:creator>A B</dc:creator>"),
        *("<enclosure url='x' length='1' type='a/b'/>", "<content:encoded>x</content:encoded>", "<guid>x</guid>"),
        *(
            "<description>x</description>",
            "<pubDate>Wed, 04 Mar 2026 00:00:00 GMT</pubDate>",
            "<source url='x'>x</source>",
        ),
        *(
            "<!-- -->",
            "<!-- ",
            "<a>",
            "</a>",
            "<a b='",
            "<?p ?>",
            "<![CDATA[",
            "<![CDATA[x]]>",
            "]]>",
            "\0",
            "&",
            "&#0;",
        ),
        *(
            "&amp;",
            "&lt;",
            "&lt;p&gt;",
            "&lt;!-- ",
            "&lt;a b=",
            "&lt;div a='b' ",
            "<item>",
            "</item>",
            "<",
            "<a ",
            "\r\n",
        ),
    ],
)
def test_flood_inside_an_entry_leaves_the_others_readable(piece: str) -> None:
    flood = make_item(2, inside=piece * (FLOOD // len(piece)))
    document = make_rss(ITEM, flood, ITEM.replace("/1", "/3")).replace(b"<rss ", f"<rss {NAMESPACES} ".encode(), 1)
    found = read(document)
    assert (found.listings[0].title, found.listings[0].url) == (TITLE, URL)
    for listing in found.listings:
        assert len(listing.categories) <= MAX_CATEGORIES
        assert len(listing.authors) <= MAX_AUTHORS


@pytest.mark.parametrize(
    ("field", "piece"),
    [
        *(("title", piece) for piece in ("a ", "a", "&lt;b&gt;", "$x<y$ ", "\u200b", "e\u0301", "\U0001d4aa")),
        *(("description", piece) for piece in ("we ", "&lt;p&gt;we ", "doi:10.1234/ ", "Abstract: ", "\\frac{", "(")),
        *(("author", piece) for piece in ("A B, ", "and ", "(", "a ", "A B; ", "<")),
        *(("dc:creator", piece) for piece in ("A B, ", "X. ", "(a) ")),
        *(("pubDate", piece) for piece in ("1 ", "1", "2026-01-01T", ":")),
        *(("guid", piece) for piece in ("a", "https://", "%2f", "10.1234/")),
    ],
)
def test_field_without_end_is_cut(field: str, piece: str) -> None:
    flood = f"<item><{field}>{piece * (FLOOD // len(piece))}</{field}><link>https://jir.example.org/2</link></item>"
    document = make_rss(ITEM, flood).replace(b"<rss ", f"<rss {NAMESPACES} ".encode(), 1)
    listings = read(document).listings
    assert listings[0].title == TITLE
    for listing in listings:
        assert 0 < len(listing.title) <= MAX_TITLE
        assert len(listing.abstract) <= MAX_ABSTRACT
        assert len(listing.authors) <= MAX_AUTHORS


@pytest.mark.parametrize(
    "entity", ["a" * 100_000, "a;" * 1000, "#" * 100_000, "#x" + "F" * 100_000, "#" + "9" * 100_000]
)
def test_entity_of_any_length_is_survived(entity: str) -> None:
    assert len(read(RSS.replace("</title><link>", f"&{entity};</title><link>")).listings) == 1


def test_entities_that_multiply_are_not_resolved() -> None:
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    document = (
        f'<!DOCTYPE rss [<!ENTITY e0 "boom">{levels}]>{RSS.replace("<item>", "<item><description>&e11;</description>")}'
    )
    assert "boom" not in str(read(document))


def test_hundred_thousand_attributes_are_survived() -> None:
    attributes = " ".join(f"a{number}=''" for number in range(100_000))
    assert pairs(RSS.replace("<channel>", f"<channel {attributes}>")) == [(TITLE, URL)]


def test_thousand_namespaces_are_survived() -> None:
    nested = "".join(f'<n{number}:x xmlns:n{number}="u{number}">' for number in range(1000))
    assert pairs(RSS.replace("</channel>", f"{nested}</channel>")) == [(TITLE, URL)]


def test_entries_beyond_the_limit_are_counted_however_they_are_written() -> None:
    for entry in ("<item/>", "<ITEM></ITEM>", "<item><title/>"):
        found = read(make_rss(ITEM, entry * 7000))
        assert (len(found.listings), len(found.skipped)) == (1, 5000)
        assert found.skipped[-1].reason == "2,001 more entries: only 5,000 are read"


def test_guids_that_repeat_do_not_make_different_papers_one() -> None:
    items = "".join(
        f"<item><title>Stone {number}</title><guid>https://jir.example.org/</guid><description>{ABSTRACT}</description>"
        "</item>"
        for number in range(5)
    )
    listings = read(make_rss(items)).listings
    assert len({listing.identifiers for listing in listings}) == 5


def test_two_feeds_in_one_document_are_both_read() -> None:
    assert pairs(RSS + RSS.replace(TITLE, "Why").replace(URL, "https://jir.example.org/2")) == [
        (TITLE, URL),
        ("Why", "https://jir.example.org/2"),
    ]


@pytest.mark.parametrize(
    ("written", "broken"),
    [
        ("</title><link>", "</titel><link>"),
        ("</title><link>", "<link>"),
        ("</link>", ""),
        ("</title>", ""),
        ("</title><link>", "</link><link>"),
    ],
)
def test_tags_that_do_not_match_lose_no_entry(written: str, broken: str) -> None:
    two = RSS.replace("</channel>", ITEM.replace("/1", "/2") + "</channel>")
    assert pairs(two.replace(written, broken)) == [(TITLE, URL), (TITLE, "https://jir.example.org/2")]


def test_json_feed_is_read() -> None:
    item = f'{{"id": "1", "url": "{URL}", "title": "{TITLE}"}}'
    assert pairs(f'{{"version": "https://jsonfeed.org/version/1.1", "title": "J", "items": [{item}]}}') == [
        (TITLE, URL)
    ]
