"""The bytes of a document, made fit for reading: inflated, in one encoding, whole, and of bounded size.

What the document says is `digest.ingest.parse`'s business; here are also the errors of reading, whoever raises them.
"""

import codecs
import re
import zlib
from collections.abc import Iterator

MAX_BYTES = 15_000_000  # decoded; no honest feed comes near
HEAD = 20_000  # bytes in which a document shows what it is
MAX_ITEMS = 5000
MAX_TAGS = 50  # of one entry: feedparser's time grows with their square
MANY_TAGS = 2000  # of a whole document, from which on it is worth counting
MAX_ATTRIBUTES = 500  # of one element: time grows with their square, too
MAX_DIGITS = 8  # of a character's number

_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Where the first eight bytes are not zero.
_UNMARKED = (
    (b"\1\0\0\0\1\0\0\0", "utf-32-le"),
    (b"\0\0\0\1\0\0\0\1", "utf-32-be"),
    (b"\1\0\1\0", "utf-16-le"),
    (b"\0\1\0\1", "utf-16-be"),
)
_DECLARATION = re.compile(rb"^\s*<\?xml[^>]*>")
_DECLARED = re.compile(rb"^\s*<\?xml[^>]*encoding=", re.IGNORECASE)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
# Forbidden in XML, and NUL in PostgreSQL. Three controls stay: ISO-2022 encodings shift with them.
_FORBIDDEN = bytes(code for code in range(32) if code not in b"\t\n\x0b\x0c\r\x0e\x0f\x1b")
_SPACED = bytes.maketrans(b"\x0b\x0c", b"  ")

_ROOT = re.compile(rb"<((?:[\w.-]+:)?(?:rss|feed|rdf))(?=[\s>/])[^>]*?(/?)>", re.IGNORECASE)
_ITEM = re.compile(rb"<(?:[\w.-]+:)?(?:item|entry)[\s/>]", re.IGNORECASE)
_ITEM_END = re.compile(rb"</(?:[\w.-]+:)?(?:item|entry)\s*>", re.IGNORECASE)
_TAG = re.compile(
    rb"<(?:[\w.-]+:)?(?:item|entry)[\s>]"
    rb"|<((?:[\w.-]+:)?(?:category|subject|keywords))\b[^>]*?(?:/>|>(?:[^<]|<!\[CDATA\[[^<]*?\]\]>)*?</\1\s*>)",
    re.IGNORECASE,
)
_LONG_ELEMENT = re.compile(rb"<([\w.:-]{1,100})\s[^<>]{5000,}?(/?)>")
_LOOSE_END = re.compile(
    rb"<(title|link|guid|id|pubDate)((?:\s[^<>]*)?)(?<!/)>([^<]*)(?=<(?!/\1\s*>|!\[CDATA\[))", re.IGNORECASE
)
_SUBSET = re.compile(rb"[\[>]")
_SUBSET_END = re.compile(rb"\]\s*>")
_CHARACTER = re.compile(rb"&#(?:x([0-9a-fA-F]++)|([0-9]++));")
_MAX_CODE_POINT = 0x10FFFF


class ParseError(ValueError):
    """A document that cannot be read; `kind` is one word, the message is for people."""

    kind = "parse_error"


class EmptyBody(ParseError):
    kind = "empty_body"


class NotAFeed(ParseError):
    kind = "not_a_feed"


class BrokenFeed(ParseError):
    kind = "broken_feed"


class SourceError(ParseError):
    """The source answered with an error of its own, in the form of a valid document."""

    kind = "source_error"


class ParseTimeout(ParseError):
    """Reading the document takes more time than any document deserves."""

    kind = "parse_timeout"


class ParseMemory(ParseError):
    """Reading the document takes more memory than there is for it."""

    kind = "parse_memory"


class ParseCrash(ParseError):
    """Reading the document ended in a way that nobody foresaw."""

    kind = "parse_crash"


def unpacked(body: bytes, content_type: str = "") -> bytes:
    """Return the document without compression, byte order mark and control signs, in an encoding that extends ASCII.

    Raises EmptyBody where there is nothing to read, and BrokenFeed for compressed data that is damaged or too large.
    """
    if body.startswith(b"\x1f\x8b"):
        body = _inflated(body)
    if encoding := _wide_encoding(body):
        text = body.decode(encoding, "replace").lstrip("\ufeff")
        body = _DECLARATION.sub(b"", text.encode("utf-8", "replace"))
    else:
        body = _as_declared(body.removeprefix(codecs.BOM_UTF8), content_type)
    body = body.translate(_SPACED, _FORBIDDEN)
    if not body.strip():
        raise EmptyBody("the document is empty")
    return body


def _wide_encoding(body: bytes) -> str | None:
    """Return the encoding of a document that begins with a mark of it, or with two ASCII signs that are wider."""
    written = bytes(code != 0 for code in body[:8])
    marked = (encoding for mark, encoding in _BOMS if body.startswith(mark))
    unmarked = (encoding for pattern, encoding in _UNMARKED if written.startswith(pattern))
    return next(marked, None) or next(unmarked, None)


def _inflated(body: bytes) -> bytes:
    inflater = zlib.decompressobj(wbits=31)
    try:
        inflated = inflater.decompress(body, MAX_BYTES + 1)
    except zlib.error as error:
        raise BrokenFeed(f"the compressed data is damaged: {error}") from error
    if len(inflated) > MAX_BYTES:
        raise BrokenFeed(f"the compressed data holds more than {MAX_BYTES:,} bytes")
    if not inflater.eof:
        raise BrokenFeed("the compressed data ends too early")
    return inflated


def _as_declared(body: bytes, content_type: str) -> bytes:
    """Use the charset of the HTTP header only where it must be right: servers add one to everything they send."""
    charset = _CHARSET.search(content_type)
    if not charset or _DECLARED.match(body):
        return body
    try:
        body.decode()
    except UnicodeDecodeError:
        try:
            return body.decode(charset[1]).encode()
        except (LookupError, UnicodeError):
            return body
    return body


def bounded(body: bytes) -> tuple[bytes, bool, int]:
    """Return the feed with its complete entries only, whether it was cut off, and how many entries are left out.

    Raises BrokenFeed for a feed that was cut off before the end of its first entry.
    """
    root = _ROOT.search(body, 0, HEAD)
    if not root or root[2]:
        return body, False, 0
    truncated = body.rfind(b"</" + root[1]) < 0
    if truncated:
        body = _complete(body, root[1])
    starts = [item.start() for item in _ITEM.finditer(body)]
    if len(starts) > MAX_ITEMS:
        body = _closed(body[: starts[MAX_ITEMS]].rstrip(), root[1])
    return _thinned(body), truncated, max(0, len(starts) - MAX_ITEMS)


def _complete(body: bytes, root: bytes) -> bytes:
    ends = [end.end() for end in _ITEM_END.finditer(body)]
    if not ends:
        raise BrokenFeed("the feed was cut off before the end of its first entry")
    return _closed(body[: ends[-1]], root)


def _closed(body: bytes, root: bytes) -> bytes:
    channel = b"</channel>" if root.lower() == b"rss" and b"</channel" not in body else b""
    return body + channel + b"</" + root + b">"


def _thinned(body: bytes) -> bytes:
    """Drop the tags of each entry after the first fifty, and the attributes of an element that has far too many."""
    body = _LONG_ELEMENT.sub(_few_attributes, body)
    if sum(body.count(name) for name in (b"category", b"subject", b"keywords")) < MANY_TAGS:
        return body
    return b"".join(_few_tags(body))


def _few_attributes(element: re.Match[bytes]) -> bytes:
    return element[0] if element[0].count(b"=") <= MAX_ATTRIBUTES else b"<" + element[1] + element[2] + b">"


def _few_tags(body: bytes) -> Iterator[bytes]:
    position, tags = 0, 0
    for found in _TAG.finditer(body):
        tags = tags + 1 if found[1] else 0
        if tags > MAX_TAGS:
            yield body[position : found.start()]
            position = found.end()
    yield body[position:]


def mended(body: bytes) -> bytes:
    """Return the feed with its titles and addresses closed where they are not, before the next element begins.

    Only for a feed that cannot be read otherwise: of a title with elements in it, the rest would be lost.
    """
    return _LOOSE_END.sub(rb"<\1\2>\3</\1>", body)


def scrubbed(body: bytes) -> bytes:
    """Return the document without what feedparser is known to fail on: impossible characters and a DOCTYPE."""
    return _CHARACTER.sub(_possible, _without_doctype(body))


def without_entities(body: bytes) -> bytes:
    """Drop a DOCTYPE that declares entities: they may stand for a hundred times the document's own size."""
    return _without_doctype(body) if b"<!ENTITY" in body else body


def _without_doctype(body: bytes) -> bytes:
    start = body.find(b"<!DOCTYPE")
    last = _SUBSET.search(body, start) if start >= 0 else None
    if last and last[0] == b"[":
        last = _SUBSET_END.search(body, last.end())
    return body[:start] + body[last.end() :] if last else body


def _possible(reference: re.Match[bytes]) -> bytes:
    digits = (reference[1] or reference[2]).lstrip(b"0") or b"0"
    code = int(digits, 16 if reference[1] else 10) if len(digits) <= MAX_DIGITS else 0
    possible = 0 < code <= _MAX_CODE_POINT and not 0xD800 <= code <= 0xDFFF  # halves of surrogate pairs
    return reference[0] if possible else b"&#xFFFD;"
