from datetime import UTC, datetime, timedelta
from typing import Any

import feedparser
import pytest
from lxml import etree

from digest.models import Paper
from digest.web.atom import ABSTRACT_LENGTH, AUTHORS, Entry, Head, atom, entries_of, midnight
from digest.web.stories import stories
from tests.feed_rules import broken_rules
from tests.make import NOON, TODAY, make_identifier, make_paper

pytestmark = pytest.mark.django_db

ADDRESS = "https://papers.example.org/week/2026-W10.atom"
HEAD = Head("A week", "Papers of a week", "/week/2026-W10.atom", "/week/2026-W10", since=NOON)


def read(*entries: Entry, head: Head = HEAD) -> Any:
    feed = feedparser.parse(atom(head, entries), sanitize_html=False)
    assert feed.bozo == 0
    return feed


def entry(paper: Paper, **given: Any) -> Entry:
    return Entry(paper, **{"public_id": "2603.00001", "why": "", "topics": ()} | given)


def links(found: Any, rel: str) -> list[str]:
    return [link.href for link in found.links if link.rel == rel]


def test_feed_says_what_it_is() -> None:
    feed = read().feed
    assert (feed.title, feed.subtitle, feed.language) == ("A week", "Papers of a week", "en")
    assert (feed.id, feed.updated) == ("tag:papers.example.org,2026:feed/week/2026-W10.atom", "2026-03-04T12:00:00Z")
    assert (links(feed, "self"), links(feed, "alternate")) == (
        [ADDRESS],
        ["https://papers.example.org/week/2026-W10"],
    )
    assert (feed.author, feed.generator) == ("Broadsheet", "Broadsheet")


def test_entry_says_what_the_paper_is() -> None:
    paper = make_paper(
        title="A quiet $\\alpha$ method",
        abstract="It says little.",
        authors=["Ada Lindqvist", "Jos\\'e Ek"],
        categories=["cs.CL", "cs.LG"],
        url="http://arxiv.org/abs/2603.00001",
        pdf_url="https://arxiv.org/pdf/2603.00001",
    )
    (found,) = read(entry(paper, why="has “transfer” in its title", topics=("knowledge transfer",))).entries
    assert (found.title, found.id) == ("A quiet α method", f"tag:papers.example.org,2026:paper/{paper.pk}")
    assert [author.name for author in found.authors] == ["Ada Lindqvist", "José Ek"]
    assert [tag.term for tag in found.tags] == ["knowledge transfer", "cs.CL", "cs.LG"]
    assert found.summary == "<p>has “transfer” in its title</p><p>It says little.</p>"
    assert links(found, "alternate") == ["https://papers.example.org/papers/2603.00001"]
    assert links(found, "related") == ["https://arxiv.org/abs/2603.00001", "https://arxiv.org/pdf/2603.00001"]


def test_story_becomes_an_entry_with_its_reason() -> None:
    paper = make_paper(attention="84 votes, +31 since yesterday", votes=84)
    make_identifier(paper, "2603.00009")
    (found,) = entries_of(stories([paper], today=TODAY))
    assert found == Entry(paper, "2603.00009", why="84 votes, +31 since yesterday", topics=())


def test_story_of_a_paper_that_is_gone_is_left_out() -> None:
    shown = stories([make_paper()], today=TODAY)
    Paper.objects.all().delete()
    assert entries_of(shown) == []


def test_updated_paper_is_the_same_entry_with_a_newer_time() -> None:
    paper = make_paper(title="First")
    (before,) = read(entry(paper)).entries
    later = NOON + timedelta(days=3)
    paper.title, paper.changed_at, paper.announced_on = "Second", later, TODAY + timedelta(days=1)
    (after,) = read(entry(paper)).entries
    assert before.id == after.id
    assert (before.updated, after.updated) == ("2026-03-04T12:00:00Z", "2026-03-07T12:00:00Z")
    assert links(before, "alternate") == links(after, "alternate")


@pytest.mark.parametrize(
    ("days", "expected"), [(-1, "2026-03-04T12:00:00Z"), (0, "2026-03-04T12:00:00Z"), (2, "2026-03-06T12:00:00Z")]
)
def test_paper_that_came_later_is_as_new_as_its_coming(days: int, expected: str) -> None:
    feed = read(entry(make_paper(), came_at=NOON + timedelta(days=days)))
    assert (feed.entries[0].updated, feed.feed.updated) == (expected, expected)


def test_published_is_the_day_of_announcement_and_never_after_updated() -> None:
    paper = make_paper(announced_on=TODAY + timedelta(days=1))
    (found,) = read(entry(paper)).entries
    assert (found.published, found.updated) == ("2026-03-05T00:00:00Z", "2026-03-05T00:00:00Z")
    paper = make_paper(announced_on=None, created_at=datetime(2026, 3, 1, 23, tzinfo=UTC))
    assert entry(paper).published == datetime(2026, 3, 1, tzinfo=UTC)


def test_many_authors_and_long_abstracts_are_cut_short() -> None:
    paper = make_paper(authors=[f"Author {place}" for place in range(500)], abstract="word " * 1000)
    (found,) = read(entry(paper)).entries
    assert len(found.authors) == AUTHORS
    assert ABSTRACT_LENGTH - 20 < len(found.summary) < ABSTRACT_LENGTH + 20


def test_paper_without_authors_has_those_of_the_feed_and_no_links_that_are_none() -> None:
    (found,) = read(entry(make_paper(authors=["", "\x07"], url="javascript:alert(1)", pdf_url=""))).entries
    assert "author" not in found
    assert links(found, "related") == []


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("Bounds for $a<b$ & $x > \\alpha$", "Bounds for a<b & x > α"),
        ("]]><b>bold</b><!--", "]]><b>bold</b><!--"),
        ("AT&amp;T &lt;b&gt; &nbsp;", "AT&amp;T &lt;b&gt; &nbsp;"),
        ("tab\tnull\x01bell\x07 \ufffe\uffff end", "tab null bell end"),
        ("\u202eright to left", "right to left"),
        ("\x01\x02", "Without a title"),
    ],
)
def test_title_is_text_whatever_it_holds(title: str, expected: str) -> None:
    paper = make_paper(title=title, abstract=title, authors=[title], categories=[title], url=title)
    document = atom(HEAD, [entry(paper, why=title, topics=(title,))])
    assert broken_rules(document, ADDRESS) == []
    found = etree.fromstring(document).find("{*}entry/{*}title")
    assert (found.text, found.get("type"), len(found)) == (expected, "text", 0)


def test_summary_is_escaped_twice_over() -> None:
    paper = make_paper(abstract="<script>alert(1)</script> a<b & c")
    (found,) = read(entry(paper, why="<b>")).entries
    assert found.summary == ("<p>&lt;b&gt;</p><p>&lt;script&gt;alert(1)&lt;/script&gt; a&lt;b &amp; c</p>")


def test_midnight_is_in_utc() -> None:
    assert midnight(TODAY) == datetime(2026, 3, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        (b"12:00:00Z", b"12:00:00", "time"),
        (b"12:00:00Z", b"noon", "grammar"),
        (b'rel="self"', b'rel="next"', "self is"),
        (b"https://papers.example.org/papers/", b"/papers/", "link"),
        (b' xml:lang="en"', b"", "grammar"),
        (b"&lt;p&gt;", b"&lt;p&gt;&lt;img src=/x&gt;", "in HTML"),
        (b"<name>", b"<name/><name>", "grammar"),
        (b"</feed>", b"", "feedparser"),
    ],
)
def test_rules_notice_what_is_wrong(right: bytes, wrong: bytes, said: str) -> None:
    document = atom(HEAD, [entry(make_paper(abstract="What it says."))])
    assert broken_rules(document, ADDRESS) == []
    try:
        found = broken_rules(document.replace(right, wrong), ADDRESS)
    except etree.XMLSyntaxError:
        found = ["feedparser"]
    assert [rule for rule in found if rule.startswith(said)]


def test_rules_notice_an_entry_that_is_there_twice() -> None:
    paper = make_paper()
    said = f"not unique: tag:papers.example.org,2026:paper/{paper.pk}"
    assert broken_rules(atom(HEAD, [entry(paper), entry(paper)]), ADDRESS) == [said]
