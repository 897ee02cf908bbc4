import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from digest.models import Paper, Sighting
from tests.digest.ingest.make import FEED, make_daily

pytestmark = pytest.mark.django_db


@pytest.fixture
def feed(tmp_path: Path) -> str:
    path = tmp_path / "journal.xml"
    path.write_bytes(FEED)
    return str(path)


def ingested(*arguments: str) -> str:
    out = StringIO()
    call_command("ingest", *arguments, stdout=out)
    return out.getvalue()


def test_ingest_says_what_came_of_each_input(feed: str) -> None:
    assert ingested(feed).splitlines()[0] == f"{feed}: feed, 2 seen, 1 new, 0 updated, 1 skipped"
    assert ingested(feed).splitlines()[0] == f"{feed}: feed, 2 seen, 0 new, 0 updated, 1 skipped"


def test_ingest_as_json_prints_objects_and_nothing_else(feed: str) -> None:
    [line] = ingested(feed, "--json").splitlines()
    said = json.loads(line)
    assert {key: said[key] for key in ("input", "kind", "seen", "new", "updated", "skipped", "truncated")} == {
        "input": feed,
        "kind": "feed",
        "seen": 2,
        "new": 1,
        "updated": 0,
        "skipped": 1,
        "truncated": False,
    }


def test_ingest_on_a_day_dates_what_has_no_date(feed: str) -> None:
    ingested(feed, "--on", "2026-03-01")
    assert [str(day) for day in Paper.objects.values_list("announced_on", flat=True)] == ["2026-03-01"]


def test_ingest_refuses_a_login_in_an_address_and_never_repeats_it() -> None:
    out = StringIO()
    with pytest.raises(CommandError, match="1 of 1 inputs could not be read"):
        call_command("ingest", "https://ada:secret@feeds.example.org/rss", "--no-color", stdout=out, stderr=out)
    assert out.getvalue() == (
        "https://feeds.example.org/rss: give the address without a user name and password, which many would see\n"
    )
    assert not Sighting.objects.exists()


def test_ingest_takes_a_file_with_such_a_sign_in_its_name(tmp_path: Path) -> None:
    path = tmp_path / "ada@example.xml"
    path.write_bytes(FEED)
    assert ingested(str(path)).startswith(f"{path}: feed, 2 seen")


def test_ingest_of_a_truncated_feed_keeps_the_complete_entries(tmp_path: Path) -> None:
    path = tmp_path / "cut.xml"
    path.write_bytes(FEED[: FEED.index(b"<description/>")])
    assert ingested(str(path)).splitlines() == [
        f"{path}: feed, 1 seen, 1 new, 0 updated, 0 skipped (the document was cut short)"
    ]
    assert Paper.objects.get().title == "Two papers"


def test_ingest_of_one_bad_input_stores_the_others_and_fails(feed: str, tmp_path: Path) -> None:
    absent, page = str(tmp_path / "absent.xml"), tmp_path / "page.html"
    page.write_text("<html><body>Not found</body></html>")
    err = StringIO()
    with pytest.raises(CommandError, match="2 of 3 inputs could not be read; the others are stored"):
        call_command("ingest", absent, str(page), feed, stderr=err, stdout=StringIO())
    assert f"{absent}: cannot be read: No such file or directory" in err.getvalue()
    assert f"{page}: " in err.getvalue()
    assert Paper.objects.count() == 1


def test_ingest_of_a_wrong_kind_says_what_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "daily.json"
    path.write_bytes(make_daily())
    with pytest.raises(CommandError, match=r"1 of 1 inputs could not be read\.$"):
        call_command("ingest", str(path), "--kind", "arxiv", stderr=StringIO(), stdout=StringIO())
    assert not Sighting.objects.exists()


@pytest.mark.parametrize("arguments", [["--kind", "gopher", "x"], ["--on", "yesterday", "x"], []])
def test_ingest_with_bad_arguments_says_so(arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        ingested(*arguments)
