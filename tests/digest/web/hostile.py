"""What somebody writes who means harm, rows that hold it, and what an answer must never be made of.

Everything that could become markup names `zz7`: it is on no page but as text.
"""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

import feedparser
from django.db import models

from digest.models import Feedback, Match, Paper, Source, Topic, TopicDay, Vote
from tests.make import NOON, TODAY, make_identifier, make_match, make_paper, make_sighting, make_signal, make_topic

MARKUP = (
    '"><script>zz7()</script>',
    "'><zz7 onzz7=zz7()>",
    "</title></textarea></script></style><zz7>",
    "]]><zz7/>--><!--zz7",
    '" onzz7="zz7()" x="',
    "javascript:zz7()",
    "JaVa\tScRiPt:zz7()//",
    "data:text/html,<zz7>",
    "&lt;zz7&gt;&#60;zz7&#62;",
    "$<zz7>$ \\href{javascript:zz7()}{x} \\begin{zz7} {{{ \\url{ $$ \\[",
    "{{ zz7 }}{% zz7 %}",
    "@article{zz7, title={}}\n@string{a={",
    "\u202e\u2066zz7\u200b\ufeff\u2028",
    "\x01\x08\x1b\x7f\x85\ufffe",
    "é" * 90,
    "w" * 300,
    "𝒪\U0010ffff",
    "zz7\r\nSet-Cookie: zz7=1",
)
STORED = (*MARKUP, " ", "\\", "%00%s", "\\emph{")
REFERS = {"href", "src", "action", "formaction", "data-hx-get", "data-hx-post"}
EMPTY = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
SCRIPTED = re.compile(
    r"[\x00-\x20]*j[\s]*a[\s]*v[\s]*a[\s]*s[\s]*c[\s]*r[\s]*i[\s]*p[\s]*t[\s]*:|\s*data:\w", re.IGNORECASE
)


def make_hostile() -> list[Paper]:
    """Make a paper and a topic of each text that is meant to do harm, and rows with as little as may be."""
    papers = []
    for number, text in enumerate(STORED, 1):
        paper = _paper(number, text)
        topic = make_topic(f"moths {number}")
        Topic.objects.filter(pk=topic.pk).update(
            label=text, description=text[:200], group=text[:60], slug=f"moths-{number}", match_due_at=None
        )
        topic.refresh_from_db()
        make_match(topic, paper, why=text[: _room(Match, "why")])
        TopicDay.objects.create(topic=topic, day=TODAY, papers=1)
        papers.append(paper)
    make_paper(announced_on=None)
    make_paper(withdrawn_at=NOON)
    make_paper(hidden_at=NOON)
    Source.objects.update(name=MARKUP[0])
    return papers


def make_said(reader: int, papers: list[Paper]) -> None:
    """Have a reader vote and say a word of each of `papers`."""
    for paper in papers:
        Vote.objects.cast(reader, paper.pk, NOON)
        Feedback.objects.say(reader, paper.pk, wants_more=True, now=NOON)


def _paper(number: int, text: str) -> Paper:
    texts = ("title", "abstract", "url", "pdf_url", "venue", "staff_note", "attention")
    stated: dict[str, Any] = {name: text[: _room(Paper, name)] for name in texts}
    stated |= {
        "authors": [text, ""] * 4,
        "categories": [text[:50], "cs.CL"],
        "featured_at": NOON if number < 6 else None,
    }
    paper = make_paper(trend=number, votes=number, gained=1, comments=2, **stated)
    make_identifier(paper, f"2506.{number:05}")
    make_identifier(paper, f"10.5555/{number}<zz7>\"'&{{}}", "doi")
    make_sighting(paper)
    make_signal(paper, number)
    return paper


def _room(model: type[models.Model], name: str) -> int | None:
    return getattr(model._meta.get_field(name), "max_length", None)


class Page(HTMLParser):
    """Reads a page as strictly as no browser does: what is open is closed, in order. `faults` is what is wrong."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.open: list[str] = []
        self.ids: set[str] = set()
        self.feed(text)
        self.close()
        self.faults += [f"never closed: {tag}" for tag in self.open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in EMPTY:
            self.open.append(tag)
        if "zz7" in tag:
            self.faults.append(f"a tag of somebody else's: {tag}")
        for name, value in attrs:
            if "zz7" in name or name.startswith("on"):
                self.faults.append(f"an attribute of somebody else's: {name}")
            if name in REFERS and SCRIPTED.match(value or ""):
                self.faults.append(f"a script as an address: {value}")
            if name == "id" and value in self.ids:
                self.faults.append(f"twice: #{value}")
            if name == "id":
                self.ids.add(value or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in EMPTY:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"closed, but not open: {tag}")

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in ("script", "style") and "zz7" in data:
            self.faults.append(f"a script of somebody else's: {data[:80]}")

    def handle_comment(self, data: str) -> None:
        if "zz7" in data:
            self.faults.append("a comment of somebody else's")


def faults(answer: Any, address: str) -> Iterator[str]:
    """Yield what is wrong with an answer, whatever was asked for."""
    kind = answer.headers.get("Content-Type", "").partition(";")[0]
    body = b"".join(answer) if answer.streaming else answer.content
    is_read = bool(body) and not answer.has_header("Content-Encoding")
    if answer.status_code >= 500:
        yield f"status {answer.status_code}"
    if 300 < answer.status_code < 400 and answer.has_header("Location"):
        yield from _of_way(answer["Location"])
    yield from (f"header: {name}" for name, value in answer.items() if re.search(r"[\r\n\0]", value))
    if address.startswith("/api/") and answer.status_code >= 400 and not address.startswith("/api/docs"):
        yield from [] if kind == "application/json" else [f"an error of the API as {kind}"]
    if is_read and kind == "text/html":
        yield from Page(body.decode()).faults
    if is_read and kind == "application/json":
        json.loads(body)
    if is_read and kind == "application/atom+xml":
        yield from _of_feed(body)
    if "public" in answer.headers.get("Cache-Control", ""):
        yield from ["a cookie for everybody"] if answer.cookies else []
        yield from ["a token for everybody"] if b"csrfmiddlewaretoken" in body else []


def _of_way(location: str) -> Iterator[str]:
    led = urlsplit(urljoin("http://testserver/a/b", location.replace("\\", "/")))
    if led.scheme not in ("http", "https") or led.netloc not in ("testserver", "papers.example.org"):
        yield f"leads away: {location}"


def _of_feed(body: bytes) -> Iterator[str]:
    read = feedparser.parse(body, sanitize_html=False)
    if read.bozo:
        yield f"feed: {read.bozo_exception}"
    if any("<zz7" in str(entry.get("summary")) or "<script" in str(entry.get("summary")) for entry in read.entries):
        yield "a tag of somebody else's in a feed"
