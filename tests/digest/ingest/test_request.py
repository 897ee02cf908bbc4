from datetime import date, timedelta
from typing import Any

import pytest

from digest.ingest.request import Request, first_page, request_of
from digest.models import Source
from tests.make import NOON

FEED = "https://feeds.example.org/rss"


def make_source(**given: Any) -> Source:
    return Source(**{"kind": "feed", "url": FEED, "etag": '"e"', "last_modified": "Wed"} | given)


def test_known_source_is_asked_for_news_with_the_servers_own_words() -> None:
    source = make_source(last_full_at=NOON - timedelta(hours=23))
    assert request_of(source, NOON) == Request(FEED, '"e"', "Wed")


@pytest.mark.parametrize("last_full_at", [None, NOON - timedelta(days=1)])
def test_new_source_and_once_a_day_each_is_asked_for_all(last_full_at: Any) -> None:
    assert request_of(make_source(last_full_at=last_full_at), NOON) == Request(FEED, is_forced=True)


def test_further_page_is_asked_for_as_it_was_named() -> None:
    source = make_source(page_url="https://feeds.example.org/rss?page=2", last_full_at=NOON)
    assert request_of(source, NOON) == Request("https://feeds.example.org/rss?page=2", is_forced=True)


@pytest.mark.parametrize(
    ("kind", "url", "asked"),
    [
        ("feed", FEED, FEED),
        ("arxiv", "https://rss.arxiv.org/rss/cs.CL", "https://rss.arxiv.org/rss/cs.CL"),
        (
            "arxiv-oai",
            "https://oaipmh.arxiv.org/oai?set=cs:cs:CL",
            "https://oaipmh.arxiv.org/oai?verb=ListRecords&metadataPrefix=arXivRaw&set=cs:cs:CL&from=2026-03-01",
        ),
        (
            "biorxiv",
            "https://api.biorxiv.org/details/biorxiv",
            "https://api.biorxiv.org/details/biorxiv/2026-03-01/2026-03-04/0/json",
        ),
    ],
)
def test_server_with_an_archive_is_asked_by_days(kind: str, url: str, asked: str) -> None:
    assert first_page(kind, url, since=date(2026, 3, 1), today=date(2026, 3, 4)) == asked


def test_journal_at_crossref_is_asked_by_days_and_told_who_asks(settings: Any) -> None:
    settings.CONTACT = "staff@papers.example.org"
    url = "https://api.crossref.org/journals/1234-5679/works"
    asked = first_page("crossref", url, since=date(2026, 3, 1), today=date(2026, 3, 4))
    assert asked.startswith(url + "?")
    assert "from-created-date:2026-03-01" in asked
    assert "staff%40papers.example.org" in asked or "staff@papers.example.org" in asked


@pytest.mark.parametrize(("last_full_at", "since"), [(None, "2026-03-01"), (NOON - timedelta(days=9), "2026-02-22")])
def test_days_are_asked_for_from_the_last_full_reading_on(last_full_at: Any, since: str) -> None:
    source = make_source(kind="arxiv-oai", url="https://oaipmh.arxiv.org/oai?set=cs", last_full_at=last_full_at)
    request = request_of(source, NOON)
    assert request.url.endswith(f"&from={since}")
    assert request.is_forced


def test_page_is_asked_for_only_as_long_as_it_follows_the_one_before() -> None:
    page = "https://api.biorxiv.org/details/biorxiv/2026-02-20/2026-02-22/100/json"
    source = make_source(kind="biorxiv", url="https://api.biorxiv.org/details/biorxiv", page_url=page)
    source.last_full_at = NOON - timedelta(days=10)
    source.last_checked_at = NOON - timedelta(hours=5)
    assert request_of(source, NOON).url == page
    source.last_checked_at = NOON - timedelta(days=9)  # what was posted since then is on no page of that reading
    assert request_of(source, NOON).url == "https://api.biorxiv.org/details/biorxiv/2026-02-21/2026-03-04/0/json"


def test_source_that_is_visited_once_a_day_is_asked_for_news_only_too() -> None:
    source = make_source(last_full_at=NOON - timedelta(days=9), check_minutes=24 * 60)
    assert request_of(source, NOON) == Request(FEED, '"e"', "Wed")
    assert request_of(source, NOON + timedelta(days=1)).is_forced
