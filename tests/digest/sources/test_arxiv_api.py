import gzip
import json
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.sources import arxiv_api
from digest.sources.arxiv_api import EmptyPage, announced_on, announcement_days
from digest.sources.listing import AnnounceType, Identifier, Listing, Parsed, Scheme, Skipped
from tests.digest.sources.make import make_api_entry, make_api_feed

DATA = Path(__file__).parents[4] / "shared" / "data"
URL = "https://export.arxiv.org/api/query?search_query=cat:cs.CL&start=0&max_results=10"
NEWEST_FIRST = f"{URL}&sortBy=submittedDate&sortOrder=descending"


def read(*entries: dict[str, Any], url: str = "", **head: Any) -> Parsed:
    return arxiv_api.read(make_api_feed(**head), entries, url=url)


def read_one(**given: Any) -> Listing:
    parsed = read(make_api_entry(**given), opensearch_totalresults="1")
    assert parsed.skipped == ()
    return parsed.listings[0]


def page(**given: Any) -> list[dict[str, Any]]:
    return [make_api_entry(number=f"2603.{place:05}", **given) for place in range(1, 11)]


def test_entry() -> None:
    assert read_one(arxiv_doi="10.5555/JIR.17") == Listing(
        title="On things that are\n not yet known",
        identifiers=(Identifier(Scheme.ARXIV, "2603.00001"), Identifier(Scheme.DOI, "10.5555/jir.17")),
        abstract="We show that $n<p$.",
        authors=("Ida Lindgren", "Wei Zhang"),
        categories=("cs.CL", "math.AG"),
        url="https://arxiv.org/abs/2603.00001",
        pdf_url="https://arxiv.org/pdf/2603.00001",
        version=1,
        announce_type=AnnounceType.NEW,
        announced_on=date(2026, 3, 4),
        submitted_at=datetime(2026, 3, 3, 15, tzinfo=UTC),
    )


def test_later_version_is_a_replacement_of_the_day_of_its_own_batch() -> None:
    listing = read_one(version=3, updated="2026-03-10T15:00:00Z")
    assert (listing.version, listing.announce_type) == (3, AnnounceType.REPLACE)
    assert (listing.announced_on, listing.submitted_at) == (date(2026, 3, 11), datetime(2026, 3, 3, 15, tzinfo=UTC))


def test_entry_without_dates_is_of_no_day() -> None:
    listing = read_one(published="", updated="")
    assert (listing.announced_on, listing.submitted_at) == (None, None)


def test_entry_without_authors_and_categories_is_kept() -> None:
    entry = make_api_entry()
    del entry["authors"], entry["tags"], entry["arxiv_primary_category"]
    listing = read(entry, opensearch_totalresults="1").listings[0]
    assert (listing.authors, listing.categories) == ((), ())


def test_author_with_a_comma_is_one_person() -> None:
    assert read_one(authors=[{"name": "Ida Lindgren, Jr."}, {}]).authors == ("Ida Lindgren, Jr.",)


def test_comment_of_a_withdrawn_paper_is_heard() -> None:
    assert read_one(arxiv_comment="This paper has been withdrawn by the author").withdrawn
    assert not read_one(arxiv_comment="12 pages").withdrawn


@pytest.mark.parametrize("number", ["hep-th/9901001", "math.GT/0309136"])
def test_old_numbers(number: str) -> None:
    assert read_one(number=number).identifiers[0].value == number.replace(".GT", "")


def test_entry_that_names_no_arxiv_id_is_skipped() -> None:
    parsed = read(make_api_entry(), {"id": "https://example.org/", "title": "T"}, opensearch_totalresults="2")
    assert len(parsed.listings) == 1
    assert parsed.skipped == (Skipped(2, "no arXiv identifier"),)


def test_answer_is_of_the_latest_day_on_which_one_of_its_papers_was_announced() -> None:
    entries = [
        make_api_entry(),
        make_api_entry(number="2602.00001", published="2026-02-03T15:00:00Z"),
        make_api_entry(number="2601.00001", version=2, updated="2026-03-09T15:00:00Z"),
    ]
    parsed = read(*entries, opensearch_totalresults="3")
    assert (parsed.kind, parsed.announced_on) == ("arxiv-api", date(2026, 3, 4))


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("arXiv Query: search_query=cat:cs.CL&id_list=&start=0&max_results=10", "arXiv: cat:cs.CL"),
        ("arXiv Query: search_query=&id_list=2603.00001&start=0&max_results=10", "arXiv"),
        ("", "arXiv"),
    ],
)
def test_answer_is_called_after_its_query(title: str, name: str) -> None:
    assert read(title=title, opensearch_totalresults="0").title == name


def test_next_page_begins_after_the_papers_of_this_one() -> None:
    expected = "https://export.arxiv.org/api/query?search_query=cat:cs.CL&start=10&max_results=10"
    assert read(*page(), url=URL).next_url == expected
    short = "https://export.arxiv.org/api/query?search_query=cat:cs.CL&start=3&max_results=10"
    assert read(*page()[:3], url=URL).next_url == short


def test_next_page_of_a_query_that_names_no_start() -> None:
    parsed = read(*page(), url="https://export.arxiv.org/api/query?search_query=cat:cs.CL+AND+all:%22two+words%22")
    assert parsed.next_url == (
        "https://export.arxiv.org/api/query?search_query=cat:cs.CL+AND+all:%22two+words%22&start=10"
    )


def test_start_of_the_address_counts_where_the_answer_names_none() -> None:
    head = make_api_feed()
    del head["opensearch_startindex"]
    asked = URL.replace("start=0", "start=10")
    assert arxiv_api.read(head, page(), url=asked).next_url == URL.replace("start=0", "start=20")


@pytest.mark.parametrize(
    ("start", "total"), [("20", "30"), ("20", "25"), ("29990", "214881"), ("0", "nonsense"), ("40", "30")]
)
def test_last_page(start: str, total: str) -> None:
    assert read(*page(), url=URL, opensearch_startindex=start, opensearch_totalresults=total).next_url == ""


def test_answer_without_papers_to_a_query_that_finds_none() -> None:
    parsed = read(url=URL, opensearch_totalresults="0")
    assert (parsed.listings, parsed.next_url, parsed.announced_on) == ((), "", None)


def test_empty_page_before_the_last_one_is_an_error() -> None:
    with pytest.raises(EmptyPage, match=r"^no papers from 10 on, although there are 30$"):
        read(url=URL, opensearch_startindex="10")


def test_answer_read_from_a_file_has_no_next_page() -> None:
    assert read(*page(), url="").next_url == ""


@pytest.mark.parametrize(
    ("address", "published", "goes_on"),
    [
        (NEWEST_FIRST, "2026-03-01T15:00:00Z", True),
        (NEWEST_FIRST, "2026-02-20T15:00:00Z", False),
        (URL, "2026-02-20T15:00:00Z", True),
        (NEWEST_FIRST.replace("descending", "ascending"), "2026-02-20T15:00:00Z", True),
        (
            NEWEST_FIRST.replace("cat:cs.CL", "submittedDate:[202602010000+TO+202602280000]"),
            "2026-02-20T15:00:00Z",
            True,
        ),
        (NEWEST_FIRST, "", True),
    ],
)
def test_query_sorted_by_date_is_read_down_to_the_recent_papers(address: str, published: str, goes_on: bool) -> None:
    assert bool(read(*page(published=published), url=address).next_url) is goes_on


@pytest.mark.parametrize(
    ("submitted", "expected"),
    [
        ("2026-03-03T13:59:59-05:00", date(2026, 3, 4)),  # Tuesday
        ("2026-03-03T14:00:00-05:00", date(2026, 3, 5)),
        ("2026-03-05T13:00:00-05:00", date(2026, 3, 6)),  # Thursday
        ("2026-03-05T15:00:00-05:00", date(2026, 3, 9)),  # announced on Sunday evening
        ("2026-03-06T13:59:59-05:00", date(2026, 3, 9)),  # Friday
        ("2026-03-06T14:00:00-05:00", date(2026, 3, 10)),
        ("2026-03-07T09:00:00-05:00", date(2026, 3, 10)),  # Saturday
        ("2026-03-09T13:59:59-04:00", date(2026, 3, 10)),  # Monday, summer time since Sunday
        ("2026-03-09T14:00:00-04:00", date(2026, 3, 11)),
        ("2026-03-10T18:30:00+00:00", date(2026, 3, 12)),  # after the cutoff in summer, before it in winter
        ("2026-03-03T18:30:00+00:00", date(2026, 3, 4)),
    ],
)
def test_day_that_follows_from_the_moment_of_submission(submitted: str, expected: date) -> None:
    assert announced_on(datetime.fromisoformat(submitted)) == expected


def moment(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}:00+00:00")


def test_paper_that_was_held_back_opens_a_later_batch() -> None:
    days = announcement_days(
        {
            "2603.00001": moment("03-02T15:00"),
            "2603.00002": moment("03-02T18:00"),
            "2603.00003": moment("02-24T15:00"),  # held for a week
            "2603.00004": moment("03-02T16:00"),  # held for a day
            "2603.00005": moment("03-02T20:00"),
            "2603.00010": moment("03-03T15:00"),
        }
    )
    assert days == {
        "2603.00001": date(2026, 3, 3),
        "2603.00002": date(2026, 3, 3),
        "2603.00003": date(2026, 3, 4),
        "2603.00004": date(2026, 3, 4),
        "2603.00005": date(2026, 3, 4),
        "2603.00010": date(2026, 3, 4),
    }


def test_older_paper_inside_a_batch_keeps_its_day() -> None:
    submitted = {"2603.1": "03-03T15:00", "2603.2": "02-24T15:00", "2603.3": "03-03T16:00"}
    days = announcement_days({number.replace(".", ".0000"): moment(text) for number, text in submitted.items()})
    assert days["2603.00002"] == date(2026, 2, 25)


def test_wrong_date_is_not_taken_for_a_paper_held_back() -> None:
    submitted = {"2603.00001": moment("03-02T15:00"), "2603.00002": moment("01-01T15:00")}
    days = announcement_days(submitted | {"2603.00003": moment("03-03T15:00")})
    assert days["2603.00002"] == date(2026, 1, 2)


def test_one_moment_that_is_too_late_moves_no_other_paper() -> None:
    submitted = {f"2603.{day:05}": moment(f"03-{day:02}T15:00") for day in range(2, 7)}
    days = announcement_days(submitted | {"2603.00001": moment("03-05T15:00")})
    assert days == {number: announced_on(at) for number, at in submitted.items()} | {"2603.00001": date(2026, 3, 6)}


def test_last_papers_that_were_held_back_keep_the_day_of_their_moment() -> None:
    days = announcement_days({"2603.00001": moment("03-03T15:00"), "2603.00002": moment("02-24T15:00")})
    assert days == {"2603.00001": date(2026, 3, 4), "2603.00002": date(2026, 2, 25)}


def test_numbers_of_four_and_five_digits_and_old_ones() -> None:
    days = announcement_days(
        {
            "hep-th/9901001": datetime(1999, 1, 4, 15, tzinfo=UTC),
            "1412.9999": datetime(2014, 12, 30, 15, tzinfo=UTC),
            "1501.00001": datetime(2014, 12, 22, 15, tzinfo=UTC),
            "1501.00002": datetime(2014, 12, 31, 15, tzinfo=UTC),
        }
    )
    assert days["1501.00001"] == days["1501.00002"] == date(2015, 1, 1)
    assert days["hep-th/9901001"] == date(1999, 1, 5)


@given(st.lists(st.integers(0, 60 * 24), max_size=30))
def test_no_paper_is_announced_before_its_moment_allows(hours: list[int]) -> None:
    submitted = {
        f"2603.{place:05}": datetime(2026, 3, 1, tzinfo=UTC) + timedelta(hours=hour)
        for place, hour in enumerate(hours, start=1)
    }
    days = announcement_days(submitted)
    assert days.keys() == submitted.keys()
    assert all(days[number] >= announced_on(at) for number, at in submitted.items())
    assert all(day.weekday() < 5 for day in days.values())


def test_held_back_paper_of_a_page_is_of_its_batch() -> None:
    moments = ["2026-03-02T15:00:00Z", "2026-02-24T15:00:00Z", "2026-03-03T15:00:00Z"]
    entries = [make_api_entry(number=f"2603.{place:05}", published=at) for place, at in enumerate(moments, start=1)]
    parsed = read(*reversed(entries), opensearch_totalresults="3")
    assert [paper.announced_on for paper in parsed.listings] == [date(2026, 3, 4), date(2026, 3, 4), date(2026, 3, 3)]


def test_days_that_follow_from_moments_and_numbers_are_those_of_the_feeds() -> None:
    if not DATA.is_dir():
        pytest.skip("needs the feeds and daily papers of ../shared/data")
    stated: dict[str, date] = {}
    for path in sorted((DATA / "arxiv_feeds").glob("*.rss.xml.gz")):
        text = gzip.decompress(path.read_bytes()).decode()
        for number in re.findall(r"arXiv:([\d.]+)v1 Announce Type: new", text):
            stated.setdefault(number, date.fromisoformat(path.name[:10]))
    with gzip.open(DATA / "hf_daily" / "daily_snapshots.jsonl.gz", "rt") as lines:
        rows = map(json.loads, lines)
        submitted = {row["arxiv_id"]: datetime.fromisoformat(row["published"]) for row in rows if row["published"]}
    known = stated.keys() & submitted.keys()
    days = announcement_days(submitted)
    assert len(known) > 100
    assert {number: days[number] for number in known} == {number: stated[number] for number in known}
