from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

import feedparser
import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import Reader
from digest.models import Digest, Paper
from tests.digest.web.visits import page_of, preferences_of, said
from tests.feed_rules import broken_rules
from tests.make import NOON, TODAY, make_digest, make_match, make_paper, make_reader, make_sighting, make_topic

pytestmark = pytest.mark.django_db


@pytest.fixture
def subscribed(reader: Reader) -> Reader:
    reader.renew_feed()
    return reader


def path(reader: Reader) -> str:
    return f"/feeds/{reader.feed_key}.atom"


def send(reader: Reader, papers: Sequence[Paper], days_ago: int = 0, **given: Any) -> Digest:
    topic = make_topic()
    stated = {
        "state": "accepted",
        "next_attempt_at": None,
        "settled_at": NOON - timedelta(days=days_ago),
        "picks": [[paper.pk, topic.pk] for paper in papers],
    }
    return make_digest(reader, TODAY - timedelta(days=days_ago), **stated | given)


def read(client: Client, reader: Reader) -> Any:
    answer = client.get(path(reader))
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/atom+xml; charset=utf-8")
    feed = feedparser.parse(answer.content, sanitize_html=False)
    assert feed.bozo == 0
    return feed


def do(client: Client, reader: Reader, what: str) -> list[str]:
    found = said(client.post(page_of(reader, "feed"), {"do": what}, follow=True))
    reader.refresh_from_db()
    return found


# --- The address


def test_address_is_made_shown_renewed_and_closed(client: Client, reader: Reader) -> None:
    assert "/feeds/" not in client.get(preferences_of(reader)).content.decode()
    assert do(client, reader, "make") == ["Your feed is open."]
    first = path(reader)
    assert f'<a href="https://papers.example.org{first}">' in client.get(preferences_of(reader)).content.decode()
    assert do(client, reader, "renew") == ["Your feed has a new address. The address before it does not work any more."]
    second = path(reader)
    assert [client.get(address).status_code for address in (first, second)] == [404, 200]
    assert do(client, reader, "close") == ["Your feed is closed. Its address does not work any more."]
    assert [client.get(address).status_code for address in (first, second)] == [404, 404]


@pytest.mark.parametrize("what", ["", "open sesame"])
def test_button_that_is_none_changes_nothing(client: Client, subscribed: Reader, what: str) -> None:
    before = subscribed.feed_key
    assert do(client, subscribed, what) == []
    assert subscribed.feed_key == before


def test_unknown_address_is_calmly_not_found(client: Client) -> None:
    answer = client.get(f"/feeds/{uuid4()}.atom")
    assert answer.status_code == 404
    assert "There is nothing at this address" in answer.content.decode()
    assert client.get("/feeds/None.atom").status_code == 404


def test_feed_of_a_closed_account_is_not_found(client: Client, subscribed: Reader) -> None:
    Reader.objects.update(is_active=False)
    assert client.get(path(subscribed)).status_code == 404


# --- What it says


def test_feed_without_digests_is_valid_and_as_old_as_its_reader(client: Client, subscribed: Reader) -> None:
    feed = read(client, subscribed)
    assert (feed.entries, feed.feed.title) == ([], "Broadsheet: your papers")
    assert feed.feed.updated == subscribed.created_at.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_entry_says_what_the_digest_said(client: Client, subscribed: Reader) -> None:
    paper = make_paper(
        title="A quiet $\\alpha$ method",
        abstract="It says little.",
        authors=["Ada Lindqvist", "Bo Ek"],
        url="https://papers.example.net/1",
    )
    send(subscribed, [paper])
    make_match(make_topic(), paper, why="has “transfer” in its title")
    feed = read(client, subscribed)
    (entry,) = feed.entries
    assert (entry.title, entry.link, entry.author) == (
        "A quiet α method",
        f"https://papers.example.org/papers/{paper.pk}",
        "Bo Ek",
    )
    assert [author.name for author in entry.authors] == ["Ada Lindqvist", "Bo Ek"]
    assert [link.href for link in entry.links if link.rel == "related"] == ["https://papers.example.net/1"]
    assert [tag.term for tag in entry.tags] == ["knowledge transfer"]
    assert entry.summary == "<p>Knowledge transfer: has “transfer” in its title</p><p>It says little.</p>"
    assert entry.id == f"tag:papers.example.org,2026:paper/{paper.pk}"
    assert entry.updated == "2026-03-04T12:00:00Z"
    (own,) = [link.href for link in feed.feed.links if link.rel == "self"]
    assert own == f"https://papers.example.org{path(subscribed)}"


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "Bounds for $a<b$ & $x > \\alpha$",
        "]]><b>bold</b><!--",
        "tab\tnull\x01bell\x07 \ufffe\uffff\ud800 end",
        "\u202eright to left",
    ],
)
def test_feed_stays_valid_whatever_its_papers_are_called(client: Client, subscribed: Reader, text: str) -> None:
    text = text.replace("\ud800", "")  # no database takes half a character
    topic = make_topic()
    paper = make_paper(title=text, abstract=text, authors=[text], url="javascript:alert(1)")
    send(subscribed, [paper])
    make_match(topic, paper, why=text)
    (entry,) = read(client, subscribed).entries
    assert "<script" not in entry.summary
    assert "<b>" not in entry.summary
    assert [link.rel for link in entry.links] == ["alternate"]
    address = f"https://papers.example.org{path(subscribed)}"
    assert broken_rules(client.get(path(subscribed)).content, address) == []


def test_paper_that_changed_since_is_the_same_entry_with_a_newer_time(client: Client, subscribed: Reader) -> None:
    paper = make_paper()
    send(subscribed, [paper])
    (before,), first = read(client, subscribed).entries, client.get(path(subscribed))
    Paper.objects.update(title="Another", changed_at=NOON + timedelta(hours=1))
    (after,) = read(client, subscribed).entries
    assert (after.id, after.title, after.updated) == (before.id, "Another", "2026-03-04T13:00:00Z")
    known = {"if-modified-since": first["Last-Modified"]}
    assert client.get(path(subscribed), headers=known).status_code == 200


def test_paper_is_in_the_feed_once(client: Client, subscribed: Reader) -> None:
    paper, other = make_paper(), make_paper()
    send(subscribed, [paper, other])
    send(subscribed, [paper], days_ago=1)
    ids = [entry.id for entry in read(client, subscribed).entries]
    assert (len(ids), len(set(ids))) == (2, 2)


@pytest.mark.parametrize("state", ["failed", "uncertain", "empty", "suppressed", "expired"])
def test_feed_has_only_what_was_mailed(client: Client, subscribed: Reader, state: str) -> None:
    send(subscribed, [make_paper()], state=state)
    assert read(client, subscribed).entries == []


def test_feed_has_nothing_of_other_readers(client: Client, subscribed: Reader) -> None:
    send(make_reader(), [make_paper()])
    assert read(client, subscribed).entries == []


def test_feed_has_the_last_thirty_digests(client: Client, subscribed: Reader) -> None:
    for days_ago in range(31):
        send(subscribed, [make_paper(title=f"Of {days_ago} days ago")], days_ago=days_ago)
    titles = [entry.title for entry in read(client, subscribed).entries]
    assert (len(titles), titles[0], titles[-1]) == (30, "Of 0 days ago", "Of 29 days ago")


# --- How it is read


def test_feed_that_has_not_changed_is_not_sent_again(client: Client, subscribed: Reader) -> None:
    send(subscribed, [make_paper()])
    first = client.get(path(subscribed))
    assert first["Last-Modified"] == "Wed, 04 Mar 2026 12:00:00 GMT"
    for known in ({"if-none-match": first["ETag"]}, {"if-modified-since": first["Last-Modified"]}):
        again = client.get(path(subscribed), headers=known)
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])


def test_feed_that_has_changed_is_sent(client: Client, subscribed: Reader) -> None:
    send(subscribed, [make_paper(changed_at=NOON - timedelta(days=2))], days_ago=1)
    first = client.get(path(subscribed))
    send(subscribed, [make_paper()])
    for known in ({"if-none-match": first["ETag"]}, {"if-modified-since": first["Last-Modified"]}):
        assert client.get(path(subscribed), headers=known).status_code == 200


def test_feed_is_for_one_reader_and_no_search_engine(client: Client, subscribed: Reader) -> None:
    answer = client.get(path(subscribed))
    assert answer["Cache-Control"] == "private, max-age=900"
    assert answer["X-Robots-Tag"] == "noindex"
    assert answer.cookies == {}


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_feed_takes_no_other_method(client: Client, subscribed: Reader, method: str) -> None:
    assert getattr(client, method)(path(subscribed)).status_code == 405


def test_feed_asks_as_much_for_three_digests_as_for_one(
    client: Client, subscribed: Reader, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for days_ago in range(3):
        paper = make_paper()
        make_sighting(paper)
        send(subscribed, [paper], days_ago=days_ago)
        if days_ago in (0, 2):
            with django_assert_num_queries(8):
                client.get(path(subscribed))
