from collections.abc import Iterator
from datetime import date
from typing import Any, NoReturn
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine

from digest.ingest import preview as module
from digest.ingest.fetch import FetchError
from digest.ingest.preview import preview
from digest.models import Fetch, Host, Paper, Source
from digest.sources.catalogue import find
from tests.digest.ingest.make import make_arxiv_item, make_arxiv_rss, make_daily, make_item, make_rss
from tests.feedserver import Answer, FeedServer, feed_server
from tests.make import NOON, make_source

pytestmark = pytest.mark.django_db(transaction=True)

DOI = "<guid>https://doi.org/10.5555/jir.2026.{0}</guid>"
DATE = "<pubDate>Tue, 03 Mar 2026 08:30:00 GMT</pubDate>"
PAGE = (
    b"<!DOCTYPE html><html><head><title>Journal of Invented Results</title>"
    b'<link rel="stylesheet" href="/style.css"><link rel="alternate" type="application/rss+xml" href="/feed.xml">'
    b"<link rel='alternate' type='application/atom+xml' href='https://jir.example.org/a?x=1&amp;y=2'></head></html>"
)


@pytest.fixture
def feeds(settings: Any) -> Iterator[FeedServer]:
    settings.FETCH_ALLOWED_HOSTS = ["127.0.0.1"]
    settings.REDIS_URL = ""
    Host.objects.update_or_create(name="*", defaults={"gap_seconds": 0})
    with time_machine.travel(NOON, tick=True), feed_server() as server:
        yield server


def rss(*items: str) -> Answer:
    return Answer(make_rss(*items), headers={"Content-Type": "application/rss+xml"})


def test_preview_shows_the_first_papers_and_counts_all(feeds: FeedServer) -> None:
    feeds.answers["/feed"] = rss(*(make_item(number, inside=DOI.format(number) + DATE) for number in range(1, 8)))
    found = preview(f" {feeds.url('/feed')} ")
    assert (found.name, found.kind, found.url) == ("Journal of Invented Results", "feed", feeds.url("/feed"))
    assert found.count == 7
    assert [paper.title for paper in found.papers] == [f"Paper {number}" for number in range(1, 6)]
    assert found.papers[0].announced_on == date(2026, 3, 3)
    assert (found.problem, found.skipped, found.notes, found.known) == ("", (), (), None)


def test_preview_stores_nothing(feeds: FeedServer) -> None:
    feeds.answers["/feed"] = rss(make_item())
    preview(feeds.url("/feed"))
    assert not Source.objects.exists()
    assert not Paper.objects.exists()
    assert not Fetch.objects.exists()


def test_preview_says_what_papers_lack(feeds: FeedServer) -> None:
    bare = "<item><title>Bare</title><link>https://jir.example.org/articles/9</link></item>"
    feeds.answers["/feed"] = rss(bare, make_item(1, inside=DOI.format(1) + DATE))
    assert preview(feeds.url("/feed")).notes == (
        "Without an abstract: 1 of 2 papers; they match by their titles alone.",
        "Without a DOI, arXiv id or PMID: 1 of 2 papers; in another source they count as other papers.",
        "Without a date: 1 of 2 papers; they count as announced when first read.",
    )


def test_preview_says_what_is_left_out_and_why(feeds: FeedServer) -> None:
    feeds.answers["/feed"] = rss(make_item(1, inside=DOI.format(1) + DATE), "<item><description/></item>")
    found = preview(feeds.url("/feed"))
    assert (found.count, [item.position for item in found.skipped]) == (1, [2])
    assert found.skipped[0].reason


def test_preview_of_a_feed_that_was_cut_off_says_so(feeds: FeedServer) -> None:
    whole = make_rss(make_item(1, inside=DOI.format(1) + DATE), make_item(2))
    feeds.answers["/feed"] = Answer(whole[: whole.rindex(b"<item>") + 20])
    found = preview(feeds.url("/feed"))
    assert (found.count, found.notes) == (1, ("The answer was cut off on its way: this is what was whole.",))


def test_preview_of_an_empty_feed_is_no_problem(feeds: FeedServer) -> None:
    feeds.answers["/feed"] = Answer(make_arxiv_rss())
    found = preview(feeds.url("/feed"))
    assert (found.kind, found.count, found.problem) == ("arxiv", 0, "")
    assert found.notes == (
        "There is no paper in it now. That is normal on some days; arXiv's feeds are empty on weekends.",
    )


@pytest.mark.parametrize(
    ("body", "kind", "count"),
    [
        (make_arxiv_rss(make_arxiv_item()), "arxiv", 1),
        (make_daily(), "hf-daily", 1),
        (make_rss(make_item()), "feed", 1),
    ],
)
def test_preview_tells_the_kind_by_content(feeds: FeedServer, body: bytes, kind: str, count: int) -> None:
    feeds.answers["/feed"] = Answer(body)
    found = preview(feeds.url("/feed"))
    assert (found.kind, found.count) == (kind, count)


def test_preview_reads_it_as_the_kind_that_is_asked_for(feeds: FeedServer) -> None:
    feeds.answers["/feed"] = Answer(make_daily())
    assert preview(feeds.url("/feed"), kind="hf-daily").count == 1
    assert preview(feeds.url("/feed"), kind="feed").problem


def test_preview_asks_a_server_with_an_archive_for_the_last_days(feeds: FeedServer) -> None:
    preview(feeds.url("/works"), kind="crossref")
    [path] = feeds.paths()
    assert parse_qs(urlsplit(path).query)["filter"] == ["from-created-date:2026-03-01"]


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("cs.CL", "https://rss.arxiv.org/rss/cs.CL"),
        (
            "bioRxiv: Cell Biology",
            "https://api.biorxiv.org/details/biorxiv/2026-03-01/2026-03-04/0/json?category=cell_biology",
        ),
        ("medRxiv: all subjects", "https://api.biorxiv.org/details/medrxiv/2026-03-01/2026-03-04/0/json"),
        ("The Lancet", "https://api.crossref.org/journals/1474-547X/works?filter=from-created-date:2026-03-01"),
        ("ChemRxiv", "https://api.crossref.org/prefixes/10.26434/works?filter=from-created-date:2026-03-01"),
    ],
)
def test_preview_asks_each_kind_of_the_catalogue_in_its_own_way(
    monkeypatch: pytest.MonkeyPatch, name: str, asked: str
) -> None:
    """Only what is asked for is looked at: nothing answers here."""
    urls: list[str] = []

    def answer(url: str, *, patience: float) -> NoReturn:
        urls.append(url)
        raise FetchError("timeout", "nothing answers")

    monkeypatch.setattr(module, "politely", answer)
    with time_machine.travel(NOON, tick=False):
        assert preview(find(name).url).problem == "Nothing answers."
    assert urls[0].partition("&")[0] == asked


def test_preview_of_an_address_of_the_catalogue_has_its_name_and_kind(
    feeds: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = feeds.url("/rss/cs.CL")
    entry = find("cs.CL")
    monkeypatch.setitem(module._LISTED, url, entry)
    feeds.answers["/rss/cs.CL"] = Answer(make_arxiv_rss(make_arxiv_item()))
    found = preview(url)
    assert (found.name, found.kind) == (entry.name, "arxiv")
    assert found.entry == entry


def test_preview_of_an_unlisted_address_gives_what_to_add(feeds: FeedServer) -> None:
    feeds.answers["/feed"] = rss(make_item())
    entry = preview(feeds.url("/feed")).entry
    assert (entry.name, entry.kind, entry.url) == ("Journal of Invented Results", "feed", feeds.url("/feed"))


def test_preview_takes_the_address_that_it_moved_to_for_good(feeds: FeedServer) -> None:
    feeds.answers |= {
        "/old": Answer(status=301, headers={"Location": feeds.url("/new")}),
        "/new": rss(make_item(inside=DOI.format(1) + DATE)),
    }
    found = preview(feeds.url("/old"))
    assert (found.url, found.entry.url) == (feeds.url("/new"), feeds.url("/new"))
    assert found.notes == (f"It has moved for good to {feeds.url('/new')}.",)


def test_preview_keeps_an_address_that_redirects_for_now(feeds: FeedServer) -> None:
    feeds.answers |= {
        "/feed": Answer(status=302, headers={"Location": feeds.url("/today")}),
        "/today": rss(make_item()),
    }
    assert preview(feeds.url("/feed")).url == feeds.url("/feed")


@pytest.mark.parametrize("status", [301, 302])
def test_preview_says_that_where_it_redirects_to_is_a_source_already(feeds: FeedServer, status: int) -> None:
    source = make_source(url=feeds.url("/feed"))
    feeds.answers |= {
        "/other": Answer(status=status, headers={"Location": feeds.url("/feed")}),
        "/feed": rss(make_item()),
    }
    found = preview(feeds.url("/other"))
    assert found.known == source
    assert found.entry.url == source.url


def test_preview_says_that_the_address_is_a_source_already(feeds: FeedServer) -> None:
    source = make_source(url=feeds.url("/feed"))
    feeds.answers["/feed"] = rss(make_item())
    assert preview(feeds.url("/feed")).known == source


def test_preview_of_a_page_names_the_feeds_that_it_names(feeds: FeedServer) -> None:
    feeds.answers["/"] = Answer(PAGE, headers={"Content-Type": "text/html"})
    assert preview(feeds.url("/")).problem == (
        "Not a feed but a page titled 'Journal of Invented Results'."
        f" The page names these feeds: {feeds.url('/feed.xml')}, https://jir.example.org/a?x=1&y=2"
    )


def test_preview_of_a_page_without_feeds_says_what_it_is(feeds: FeedServer) -> None:
    feeds.answers["/"] = Answer(b"<html><head><title>Welcome</title></head></html>")
    assert preview(feeds.url("/")).problem == "Not a feed but a page titled 'Welcome'."


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (Answer(status=404), "The server answers 404 Not Found."),
        (Answer(b""), "The document is empty."),
    ],
)
def test_preview_of_what_cannot_be_used_says_why(feeds: FeedServer, answer: Answer, problem: str) -> None:
    feeds.answers["/feed"] = answer
    found = preview(feeds.url("/feed"))
    assert (found.problem, found.count, found.papers) == (problem, 0, ())


def test_preview_of_a_wall_against_robots_says_what_stands_there(feeds: FeedServer) -> None:
    headers = {"Content-Type": "text/html", "cf-mitigated": "challenge"}
    feeds.answers["/feed"] = Answer(b"<html><title>Just a moment...</title></html>", 403, headers)
    assert preview(feeds.url("/feed")).problem.startswith("Cloudflare stands in front of this address")


def test_preview_of_a_private_address_is_refused(feeds: FeedServer, settings: Any) -> None:
    settings.FETCH_ALLOWED_HOSTS = []
    found = preview(feeds.url("/feed"))
    assert found.problem == (
        "127.0.0.1 is at 127.0.0.1, which is not public."
        " If its host is in your own network, name it in FETCH_ALLOWED_HOSTS."
    )
    assert feeds.asked == []


@pytest.mark.parametrize(
    "url",
    ["", "gopher://example.org/feed", "cs.CL", "file:///etc/passwd", "javascript:alert(1)", "https://[::1/feed"],
)
def test_preview_of_what_is_no_web_address_says_how_one_looks(url: str) -> None:
    assert preview(url).problem == "This is no web address: write one like https://rss.arxiv.org/rss/cs.CL"


@pytest.mark.parametrize("url", ["http://ada:secret@127.0.0.1/feed", "http://ada:secret@127.0.0.1:x/", "//a:secret@b/"])
def test_preview_of_an_address_with_a_login_is_refused_without_repeating_it(url: str) -> None:
    found = preview(url)
    assert found.problem
    assert "secret" not in str(found)


def test_preview_says_why_a_login_is_refused() -> None:
    assert preview("http://ada:secret@127.0.0.1/feed").problem == (
        "A user name or password in an address would be seen by many: give the address without them."
    )


def test_preview_does_not_take_an_address_with_a_login_that_it_moved_to(feeds: FeedServer) -> None:
    there = feeds.url("/new").replace("http://", "http://ada:secret@")
    feeds.answers |= {"/old": Answer(status=301, headers={"Location": there}), "/new": rss(make_item())}
    found = preview(feeds.url("/old"))
    assert found.url == feeds.url("/old")
    assert "secret" not in str(found)


def test_preview_of_an_endless_address_says_so() -> None:
    assert preview(f"https://feeds.example.org/{'a' * 2048}").problem


def test_preview_of_a_host_that_wants_to_be_left_alone_does_not_wait(feeds: FeedServer) -> None:
    with time_machine.travel(NOON, tick=True):
        Host.objects.close("127.0.0.1", until=NOON.replace(hour=18))
        assert preview(feeds.url("/feed")).problem == "127.0.0.1 asked to be left alone until 2026-03-04 18:00 UTC."
    assert feeds.asked == []
