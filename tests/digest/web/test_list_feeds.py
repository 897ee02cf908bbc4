from datetime import timedelta
from typing import Any

import feedparser
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from digest.ingest.index import index_due
from digest.models import Change, Paper, Topic
from tests.feed_rules import broken_rules
from tests.make import NOON, make_identifier, make_match, make_paper, make_topic

pytestmark = pytest.mark.django_db

TOPIC = "/topics/moths.atom"
FEEDS = {
    "/today.atom": "/",
    "/date/2026-03-04.atom": "/date/2026-03-04",
    "/week/2026-W10.atom": "/week/2026-W10",
    "/month/2026-03.atom": "/month/2026-03",
    "/trending.atom": "/trending",
    TOPIC: "/topics/moths",
}
HOSTILE = [
    "<script>alert(1)</script>",
    "Bounds for $a<b$ & $x > \\alpha$",
    "]]><b>bold</b><!--",
    "tab\tbell\x07 \ufffe\uffff end",
    "\u202eright to left",
]


@pytest.fixture(autouse=True)
def topic() -> Topic:
    made = make_topic("moths")
    Topic.objects.update(slug="moths")
    return made


def make_noticed(number: int = 1, **given: Any) -> list[Paper]:
    """Make papers that are in every one of the feeds."""
    papers = []
    for _ in range(number):
        stated = {"votes": 84, "trend": 2.0, "attention": "84 votes, +31 since yesterday"}
        papers.append(make_paper(**stated | given))
        make_match(Topic.objects.get(), papers[-1], why="matches moths")
    return papers


def read(client: Client, path: str) -> Any:
    answer = client.get(path)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/atom+xml; charset=utf-8")
    assert broken_rules(answer.content, f"https://papers.example.org{path}") == []
    return feedparser.parse(answer.content, sanitize_html=False)


@pytest.mark.parametrize("path", FEEDS)
def test_feed_has_the_papers_of_its_page(client: Client, path: str) -> None:
    (paper,) = make_noticed(title="On moths")
    make_identifier(paper, "2603.00001")
    feed = read(client, path)
    (entry,) = feed.entries
    assert (entry.title, entry.link) == ("On moths", "https://papers.example.org/papers/2603.00001")
    assert "84 votes, +31 since yesterday" in entry.summary
    assert [tag.term for tag in entry.tags] == ["moths"]
    assert feed.feed.link == f"https://papers.example.org{FEEDS[path]}"


def test_paper_is_the_same_entry_in_every_feed(client: Client) -> None:
    (paper,) = make_noticed(title="On moths")
    index_due(NOON)
    ids = {entry.id for path in [*FEEDS, "/search.atom?q=moths"] for entry in read(client, path).entries}
    assert ids == {f"tag:papers.example.org,2026:paper/{paper.pk}"}


def test_every_feed_has_an_id_of_its_own(client: Client) -> None:
    paths = [*FEEDS, "/search.atom?q=moths", "/search.atom?q=birds"]
    assert len({read(client, path).feed.id for path in paths}) == len(paths)


@pytest.mark.parametrize("path", FEEDS)
def test_feed_keeps_to_the_rules_whatever_its_papers_are_called(client: Client, path: str) -> None:
    for text in HOSTILE:
        (paper,) = make_noticed(
            title=text, abstract=text, authors=[text], categories=[text], venue=text, attention=text, url=text
        )
        make_identifier(paper, f"10.5555/<{paper.pk}>&;é", "doi")
    Topic.objects.update(label=HOSTILE[0], description=HOSTILE[1])
    assert len(read(client, path).entries) == len(HOSTILE)


@pytest.mark.parametrize("path", FEEDS)
def test_feed_without_papers_keeps_to_the_rules(client: Client, path: str) -> None:
    assert read(client, path).entries == []


@pytest.mark.parametrize("path", FEEDS)
def test_feed_has_forty_entries_at_most(client: Client, path: str) -> None:
    make_noticed(41)
    assert len(read(client, path).entries) == 40


@pytest.mark.parametrize("path", FEEDS)
def test_updated_paper_is_no_second_entry(client: Client, path: str) -> None:
    make_noticed()
    (before,) = read(client, path).entries
    later = NOON + timedelta(hours=2)
    Paper.objects.update(title="Another", version=2, changed_at=later)
    (after,) = read(client, path).entries
    assert (after.id, after.title, after.updated) == (before.id, "Another", "2026-03-04T14:00:00Z")


@pytest.mark.usefixtures("pages_kept")
@pytest.mark.parametrize("path", FEEDS)
def test_feed_that_has_not_changed_is_not_made_again(client: Client, path: str, noon: Any) -> None:
    make_noticed()
    first = client.get(path)
    noon.shift(60)
    for known in ({"if-none-match": first["ETag"]}, {"if-modified-since": first["Last-Modified"]}):
        with CaptureQueriesContext(connection) as made:
            again = client.get(path, headers=known)
        assert (again.status_code, again.content, len(made)) == (304, b"", 1)
    Change.objects.all()._count_up()
    for known in ({"if-none-match": first["ETag"]}, {"if-modified-since": first["Last-Modified"]}):
        assert client.get(path, headers=known).status_code == 200


@pytest.mark.parametrize("path", FEEDS)
def test_feed_asks_as_much_for_thirty_papers_as_for_one(client: Client, path: str) -> None:
    counts = []
    for number in (1, 29):
        for paper in make_noticed(number):
            make_identifier(paper, f"2603.{paper.pk:05}")
        with CaptureQueriesContext(connection) as made:
            read(client, path)
        counts.append(len(made))
    assert counts[0] == counts[1] < 16


@pytest.mark.parametrize(
    "path", ["/date/2026-02-30.atom", "/week/2026-W99.atom", "/month/2026-13.atom", "/topics/unknown.atom", "/x.atom"]
)
def test_feed_of_what_is_not_there_is_calmly_not_found(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "There is" in answer.content.decode()


def test_feed_is_for_everybody_but_search_engines(client: Client) -> None:
    answer = client.get("/today.atom")
    assert (answer["X-Robots-Tag"], answer["Cache-Control"]) == ("noindex", "public, max-age=60")
    assert answer.cookies == {}
    assert client.post("/today.atom").status_code == 405
