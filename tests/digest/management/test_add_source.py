import io
import json
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command

from digest.ingest import preview as preview_module
from digest.management.commands import add_source
from digest.models import Host, Source
from digest.sources.catalogue import CATALOGUE, Entry, find
from tests.digest.ingest.make import make_arxiv_item, make_arxiv_rss, make_item, make_rss
from tests.feedserver import Answer, FeedServer, feed_server
from tests.make import NOON, make_source

pytestmark = pytest.mark.django_db(transaction=True)


class Terminal(io.StringIO):
    """What a person at a terminal types."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def feeds(settings: Any) -> Iterator[FeedServer]:
    settings.FETCH_ALLOWED_HOSTS = ["127.0.0.1"]
    settings.REDIS_URL = ""
    Host.objects.update_or_create(name="*", defaults={"gap_seconds": 0})
    with time_machine.travel(NOON, tick=True), feed_server() as server:
        server.answers["/feed"] = Answer(make_rss(make_item(1), make_item(2), "<item><description/></item>"))
        yield server


def run(*arguments: str) -> list[str]:
    out = io.StringIO()
    call_command("add_source", *arguments, stdout=out, stderr=out)
    return out.getvalue().splitlines()


def refused(*arguments: str) -> tuple[str, list[str]]:
    """Return the command's error, and what it said before."""
    out = io.StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("add_source", *arguments, stdout=out, stderr=out)
    return str(caught.value), out.getvalue().splitlines()


def test_add_source_shows_what_an_address_brings_and_adds_it(feeds: FeedServer) -> None:
    said = run(feeds.url("/feed"), "--yes")
    assert said[:4] == [
        "Journal of Invented Results: feed, 2 papers now",
        f"  {feeds.url('/feed')}",
        "  - Paper 1",
        "    no authors; no date",
    ]
    assert said[6].startswith("  item 3 is left out: ")
    assert said[-1] == "Journal of Invented Results: added; it is fetched at the next minute."
    source = Source.objects.get()
    assert (source.kind, source.url, source.is_active) == ("feed", feeds.url("/feed"), True)
    assert list(Source.objects.due(NOON.replace(hour=13))) == [source]


def test_add_source_adds_a_name_of_the_catalogue(feeds: FeedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = find("cs.CL")
    feeds.answers["/rss/cs.CL"] = Answer(make_arxiv_rss(make_arxiv_item()))
    here = Entry(entry.name, entry.kind, feeds.url("/rss/cs.CL"), entry.group, quiet_days=14)
    monkeypatch.setattr(add_source, "find", lambda name: here if name == "cs.CL" else find(name))
    monkeypatch.setitem(preview_module._LISTED, here.url, here)
    assert run("cs.CL", "--yes")[-1] == f"{entry.name}: added; it is fetched at the next minute."
    source = Source.objects.get()
    assert (source.name, source.kind, source.quiet_days) == (entry.name, "arxiv", 14)


@pytest.mark.parametrize(
    ("typed", "is_added"), [("y\n", True), ("YES\n", True), ("n\n", False), ("\n", False), ("", False)]
)
def test_add_source_asks_a_person_first(
    feeds: FeedServer, monkeypatch: pytest.MonkeyPatch, typed: str, is_added: bool
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    said = "\n".join(run(feeds.url("/feed")))
    end = "Journal of Invented Results: added; it is fetched at the next minute." if is_added else "Nothing added."
    assert said.endswith(f"Fetch it from now on? [y/N] {end}")
    assert Source.objects.exists() is is_added


@pytest.mark.parametrize("arguments", [["cs.CL"], ["cs.CL", "--json"]])
def test_add_source_without_anybody_to_ask_wants_yes(monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    assert refused(*arguments) == ("Nobody is there to be asked: add --yes to add what can be used.", [])
    assert not Source.objects.exists()


@pytest.mark.parametrize("arguments", [[], [""], ["  ", "--yes"], ["cs.CL", "", "--yes"]])
def test_add_source_without_a_name_says_where_names_are(arguments: list[str]) -> None:
    assert refused(*arguments) == ("Name a source or give its address; --list prints the names.", [])


@pytest.mark.parametrize(
    "given",
    [
        *("example.org/feed", "127.0.0.1:8000/x", "localhost:8000", "[::1]:8000/x"),
        *("feed://example.org/rss", "ftp://example.org/rss", "feed:https://example.org/rss"),
    ],
)
def test_add_source_of_half_an_address_asks_for_the_whole(given: str) -> None:
    assert refused(given, "--yes") == (
        "1 of 1 could not be added.",
        [f"{given}: Write the whole address, beginning with https://"],
    )


def test_add_source_of_an_address_in_capitals_is_the_same_address(feeds: FeedServer) -> None:
    run(feeds.url("/feed").replace("http", "HTTP"), "--yes")
    assert run(feeds.url("/feed"), "--yes") == ["Journal of Invented Results: there already."]
    assert Source.objects.get().url == feeds.url("/feed")


def test_add_source_counts_one_paper_in_plain_words(feeds: FeedServer) -> None:
    feeds.answers["/feed"] = Answer(make_rss(make_item(1)))
    assert run(feeds.url("/feed"), "--yes")[0] == "Journal of Invented Results: feed, 1 paper now"


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("http://ada:secret@127.0.0.1/feed", "http://127.0.0.1/feed"),
        ("ftp://ada:secret@127.0.0.1/feed", "ftp://127.0.0.1/feed"),
        ("ada:secret@example.org/feed", "example.org/feed"),
    ],
)
@pytest.mark.parametrize("as_json", [False, True])
def test_add_source_refuses_a_login_and_never_repeats_it(given: str, shown: str, as_json: bool) -> None:
    _, [said] = refused(given, "--yes", *(["--json"] if as_json else []))
    assert (json.loads(said)["input"] if as_json else said[: len(shown)]) == shown
    assert "secret" not in said
    assert not Source.objects.exists()


def test_add_source_at_a_private_address_names_the_setting_that_allows_it(feeds: FeedServer, settings: Any) -> None:
    settings.FETCH_ALLOWED_HOSTS = []
    _, [said] = refused(feeds.url("/feed"), "--yes")
    assert said.endswith(" If its host is in your own network, name it in FETCH_ALLOWED_HOSTS.")


def test_add_source_of_what_is_there_says_so_without_fetching(feeds: FeedServer) -> None:
    make_source(name="Known", url=feeds.url("/feed"))
    assert run(feeds.url("/feed"), "--yes") == ["Known: there already."]
    assert feeds.asked == []


def test_add_source_of_what_is_off_switches_it_on(feeds: FeedServer) -> None:
    source = make_source(name="Known", url=feeds.url("/feed"))
    source.disable(NOON, "It is gone.")
    source.save()
    assert run(feeds.url("/feed"), "--yes") == ["Known: switched on again; it is fetched at the next minute."]
    source.refresh_from_db()
    assert (source.is_active, source.disabled_at, source.disabled_reason) == (True, None, "")


def test_add_source_of_what_leads_to_a_source_says_so_and_asks_nothing(
    feeds: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_source(name="Known", url=feeds.url("/feed"))
    feeds.answers["/old"] = Answer(status=301, headers={"Location": feeds.url("/feed")})
    monkeypatch.setattr(sys, "stdin", Terminal(""))
    assert run(feeds.url("/old"))[-1] == "Known: there already."
    assert Source.objects.count() == 1


@pytest.mark.parametrize(("typed", "is_active"), [("y\n", True), ("n\n", False)])
def test_add_source_of_what_leads_to_one_that_is_off_asks(
    feeds: FeedServer, monkeypatch: pytest.MonkeyPatch, typed: str, is_active: bool
) -> None:
    make_source(name="Known", url=feeds.url("/feed"), is_active=False)
    feeds.answers["/old"] = Answer(status=302, headers={"Location": feeds.url("/feed")})
    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    said = "\n".join(run(feeds.url("/old")))
    end = "Known: switched on again; it is fetched at the next minute." if is_active else "It stays switched off."
    assert said.endswith(f"It is a source already, and off. Fetch it again? [y/N] {end}")
    assert Source.objects.get().is_active is is_active


def test_add_source_of_what_cannot_be_used_says_why_and_adds_the_others(feeds: FeedServer) -> None:
    absent = feeds.url("/absent")
    error, said = refused(absent, "Natrue", feeds.url("/feed"), "--yes")
    assert error == "2 of 3 could not be added."
    assert said[:2] == [
        f"{absent}: The server answers 404 Not Found.",
        "Natrue: “Natrue” is not in the catalogue. Near: Nature. See --list.",
    ]
    assert Source.objects.get().url == feeds.url("/feed")


def test_add_source_reads_an_address_as_the_kind_that_is_given(feeds: FeedServer) -> None:
    error, said = refused(feeds.url("/feed"), "--kind", "hf-daily", "--yes")
    assert error == "1 of 1 could not be added."
    assert said[0].startswith(f"{feeds.url('/feed')}: Not JSON")


def test_add_source_of_an_unknown_kind_says_so() -> None:
    with pytest.raises(CommandError, match="invalid choice: 'gopher'"):
        run("cs.CL", "--kind", "gopher")


def test_add_source_as_json_prints_objects_and_nothing_else(feeds: FeedServer) -> None:
    out = io.StringIO()
    with pytest.raises(CommandError):
        call_command("add_source", feeds.url("/feed"), feeds.url("/absent"), "--yes", "--json", stdout=out)
    added, absent = map(json.loads, out.getvalue().splitlines())
    assert {key: added[key] for key in ("input", "outcome", "name", "kind", "url", "papers")} == {
        "input": feeds.url("/feed"),
        "outcome": "added",
        "name": "Journal of Invented Results",
        "kind": "feed",
        "url": feeds.url("/feed"),
        "papers": 2,
    }
    assert absent == {"input": feeds.url("/absent"), "problem": "The server answers 404 Not Found."}


def test_list_prints_the_catalogue_by_group_with_what_is_on() -> None:
    make_source(url=find("Nature").url)
    make_source(url=find("Nature Communications").url, is_active=False)
    assert run("--list", "nature portfolio") == [
        "Journals",
        "  on  Nature (Nature Portfolio)",
        "  off Nature Communications (Nature Portfolio)",
    ]


def test_list_prints_every_entry_under_its_group() -> None:
    said = run("--list")
    groups = dict.fromkeys(entry.group for entry in CATALOGUE)
    assert len(said) == len(CATALOGUE) + len(groups)
    assert [line for line in said if not line.startswith(" ")] == list(groups)


def test_list_says_when_nothing_has_the_words() -> None:
    assert run("--list", "gopher") == ["Nothing in the catalogue has “gopher” in it."]


def test_list_as_json_prints_one_object_for_each() -> None:
    make_source(url=find("cs.CL").url)
    [line] = run("--list", "computation language", "--json")
    assert json.loads(line) == {
        "name": "arXiv cs.CL: Computation and Language",
        "group": "arXiv: Computer Science",
        "kind": "arxiv",
        "url": "https://rss.arxiv.org/rss/cs.CL",
        "publisher": "",
        "state": "on",
    }


def test_list_as_json_says_nothing_when_nothing_has_the_words() -> None:
    assert run("--list", "gopher", "--json") == []
