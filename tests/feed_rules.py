"""The rules that a feed validator holds Atom feeds to, from RFC 4287 and RFC 3339: which of them a feed breaks."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import feedparser
from lxml import etree, html

ATOM = "{http://www.w3.org/2005/Atom}"
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")

# What RFC 4287 allows inside a feed, as far as our feeds use it: order is free, so everything is interleaved.
SCHEMA = """
<grammar xmlns="http://relaxng.org/ns/structure/1.0" ns="http://www.w3.org/2005/Atom"
         datatypeLibrary="http://www.w3.org/2001/XMLSchema-datatypes">
  <start><element name="feed"><attribute name="xml:lang"/><interleave>
    <ref name="id"/><ref name="title"/><ref name="updated"/>
    <optional><element name="subtitle"><ref name="plain"/></element></optional>
    <optional><element name="rights"><ref name="plain"/></element></optional>
    <optional><element name="generator"><text/></element></optional>
    <oneOrMore><ref name="author"/></oneOrMore>
    <zeroOrMore><ref name="category"/></zeroOrMore>
    <oneOrMore><ref name="link"/></oneOrMore>
    <zeroOrMore><ref name="entry"/></zeroOrMore>
  </interleave></element></start>
  <define name="entry"><element name="entry"><interleave>
    <ref name="id"/><ref name="title"/><ref name="updated"/>
    <optional><element name="published"><data type="dateTime"/></element></optional>
    <zeroOrMore><ref name="author"/></zeroOrMore>
    <zeroOrMore><ref name="category"/></zeroOrMore>
    <oneOrMore><ref name="link"/></oneOrMore>
    <optional><element name="summary"><ref name="plain"/></element></optional>
  </interleave></element></define>
  <define name="id"><element name="id"><data type="anyURI"><param name="minLength">1</param></data></element></define>
  <define name="title"><element name="title"><ref name="plain"/></element></define>
  <define name="updated"><element name="updated"><data type="dateTime"/></element></define>
  <define name="author"><element name="author">
    <element name="name"><data type="string"><param name="minLength">1</param></data></element>
  </element></define>
  <define name="category"><element name="category"><attribute name="term"/></element></define>
  <define name="link"><element name="link">
    <attribute name="href"><data type="anyURI"/></attribute><attribute name="rel"/>
    <optional><attribute name="type">
      <data type="string"><param name="pattern">.+/.+</param></data>
    </attribute></optional>
    <optional><attribute name="title"/></optional><optional><attribute name="hreflang"/></optional>
  </element></define>
  <define name="plain">
    <optional><attribute name="type"><choice><value>text</value><value>html</value></choice></attribute></optional>
    <text/>
  </define>
</grammar>"""
GRAMMAR = etree.RelaxNG(etree.fromstring(SCHEMA))


def broken_rules(document: bytes, address: str) -> list[str]:
    """Return what is wrong with the feed that was read from `address`."""
    return [*_of_the_document(document), *_of_the_tree(etree.fromstring(document), address)]


def _of_the_document(document: bytes) -> Iterator[str]:
    read = feedparser.parse(document, sanitize_html=False)
    if read.bozo:
        yield f"feedparser: {read.bozo_exception}"
    if read.version != "atom10":
        yield f"no Atom: {read.version}"
    if not document.startswith(b"<?xml") or b"utf-8" not in document.split(b"?>")[0].lower():
        yield "no declaration of UTF-8"


def _of_the_tree(feed: Any, address: str) -> Iterator[str]:
    if not GRAMMAR.validate(feed):
        yield f"grammar: {GRAMMAR.error_log.last_error}"
    if not feed.get("{http://www.w3.org/XML/1998/namespace}lang"):
        yield "no language"
    if _hrefs(feed, "self") != [address]:
        yield f"self is {_hrefs(feed, 'self')}, asked was {address}"
    entries = feed.findall(f"{ATOM}entry")
    for part in (feed, *entries):
        yield from _of_a_part(part)
    ids = Counter(found.text for found in feed.iter(f"{ATOM}id"))
    yield from (f"not unique: {found}" for found, count in ids.items() if count > 1)
    yield from (f"id that is none: {found}" for found in ids if not urlsplit(found or "").scheme)
    latest = max((entry.findtext(f"{ATOM}updated") for entry in entries), default="")
    if feed.findtext(f"{ATOM}updated") < latest:
        yield "older than its entries"


def _of_a_part(part: Any) -> Iterator[str]:
    """Check a feed or an entry, without what is inside of entries."""
    if len(_hrefs(part, "alternate")) != 1:
        yield f"alternate: {_hrefs(part, 'alternate')}"
    for link in part.findall(f"{ATOM}link"):
        href = urlsplit(link.get("href"))
        if href.scheme != "https" or not href.netloc or not link.get("href").isascii():
            yield f"link: {link.get('href')}"
    for name in ("id", "title", "updated"):
        if not (part.findtext(f"{ATOM}{name}") or "").strip():
            yield f"empty: {name}"
    for name in ("updated", "published"):
        yield from (f"time: {found.text}" for found in part.findall(f"{ATOM}{name}") if not STAMP.fullmatch(found.text))
    if (part.findtext(f"{ATOM}published") or "") > part.findtext(f"{ATOM}updated"):
        yield "updated before it was published"
    for summary in part.findall(f"{ATOM}summary"):
        yield from _of_html(summary.text or "")


def _of_html(text: str) -> Iterator[str]:
    """Check what stands in a feed as HTML: paragraphs of text, so that nothing refers to anything."""
    for found in html.fragments_fromstring(f"<div>{text}</div>")[0].iterdescendants():
        if found.tag != "p" or found.attrib:
            yield f"in HTML: {found.tag}"


def _hrefs(part: Any, rel: str) -> list[str]:
    return [link.get("href") for link in part.findall(f"{ATOM}link") if link.get("rel") == rel]
