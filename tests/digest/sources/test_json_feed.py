from datetime import UTC, datetime
from typing import Any

import pytest

from digest.sources import feed
from digest.sources.json_feed import is_json_feed, translated
from digest.sources.listing import Listing
from tests.digest.sources.make import ABSTRACT

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)


def make_item(**given: Any) -> dict[str, Any]:
    stated = {
        "id": "17",
        "url": "https://jir.example.org/articles/17",
        "title": "How stones float",
        "content_html": f"<p>{ABSTRACT}</p>",
        "authors": [{"name": "Ida Lindgren"}, {"name": "Wei Zhang"}],
        "tags": ["geology"],
        "date_published": "2026-03-03T08:30:00Z",
    }
    return stated | given


def make_json_feed(*items: Any, **given: Any) -> dict[str, Any]:
    stated = {"version": "https://jsonfeed.org/version/1.1", "title": "Journal of Invented Results"}
    return stated | {"items": list(items)} | given


def read(*items: Any) -> list[Listing]:
    head, entries = translated(make_json_feed(*items))
    return list(feed.read(head, entries, now=NOW).listings)


def test_item_becomes_a_listing() -> None:
    [listing] = read(make_item())
    assert (listing.title, listing.url) == ("How stones float", "https://jir.example.org/articles/17")
    assert (listing.abstract, listing.authors) == (ABSTRACT, ("Ida Lindgren", "Wei Zhang"))
    assert (listing.categories, str(listing.announced_on)) == (("geology",), "2026-03-03")


def test_text_without_markup_keeps_its_signs() -> None:
    [listing] = read(make_item(content_html=None, content_text=f"{ABSTRACT} For $n<p$ & all."))
    assert listing.abstract == f"{ABSTRACT} For $n<p$ & all."


def test_author_of_the_first_version_is_read() -> None:
    [listing] = read(make_item(authors=None, author={"name": "Ida Lindgren"}))
    assert listing.authors == ("Ida Lindgren",)


def test_external_address_stands_in_for_one_that_is_missing() -> None:
    [listing] = read(make_item(url=None, external_url="https://other.example.org/17"))
    assert listing.url == "https://other.example.org/17"


@pytest.mark.parametrize("item", [None, 1, "text", [], {}, {"title": 1, "url": [], "tags": {}, "authors": "x"}])
def test_item_that_is_none_is_skipped_in_its_place(item: Any) -> None:
    head, entries = translated(make_json_feed(make_item(), item))
    parsed = feed.read(head, entries, now=NOW)
    assert [skipped.position for skipped in parsed.skipped] == [2]
    assert len(parsed.listings) == 1


def test_feed_gives_its_title_and_its_own_address() -> None:
    head, _ = translated(make_json_feed(feed_url="https://jir.example.org/feed.json"))
    assert head["title"] == "Journal of Invented Results"
    assert head["links"] == [{"rel": "self", "href": "https://jir.example.org/feed.json"}]


@pytest.mark.parametrize("payload", [None, [], {}, {"items": []}, {"version": "1", "items": {}}, {"error": "gone"}])
def test_other_documents_are_no_json_feed(payload: Any) -> None:
    assert not is_json_feed(payload)


def test_json_feed_without_items_is_one() -> None:
    assert is_json_feed(make_json_feed())
