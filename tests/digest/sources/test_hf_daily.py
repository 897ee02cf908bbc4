from datetime import UTC, date, datetime
from typing import Any

import pytest

from digest.sources import hf_daily
from digest.sources.listing import Identifier, Listing, Reading, Scheme, SignalKind, Skipped
from tests.digest.sources.make import ABSTRACT, make_daily_item


def read_one(item: object) -> Listing:
    parsed = hf_daily.read([item])
    assert parsed.skipped == ()
    return parsed.listings[0]


def test_daily_paper() -> None:
    assert read_one(make_daily_item()) == Listing(
        title="What comes back",
        identifiers=(Identifier(Scheme.ARXIV, "2603.00001"),),
        abstract=ABSTRACT,
        authors=("Ida Lindgren", "Wei Zhang"),
        url="https://arxiv.org/abs/2603.00001",
        pdf_url="https://arxiv.org/pdf/2603.00001",
        announced_on=date(2026, 3, 4),
        submitted_at=datetime(2026, 3, 1, tzinfo=UTC),
        readings=(
            Reading(SignalKind.UPVOTES, 12),
            Reading(SignalKind.COMMENTS, 3),
            Reading(SignalKind.STARS, 340),
        ),
    )


def test_paper_of_another_broadsheet_is_known_by_all_that_it_tells() -> None:
    told = {
        "doi": "10.5555/ABC",
        "url": "https://journal.example.org/a/7",
        "pdfUrl": "https://journal.example.org/7.pdf",
    }
    listing = read_one(make_daily_item(**told))
    assert listing.identifiers == (
        Identifier(Scheme.ARXIV, "2603.00001"),
        Identifier(Scheme.DOI, "10.5555/abc"),
        Identifier(Scheme.URL, "https://journal.example.org/a/7"),
    )
    assert (listing.url, listing.pdf_url) == (told["url"], told["pdfUrl"])


@pytest.mark.parametrize(
    ("told", "known", "url"),
    [
        ({"id": "10.5555/abc"}, Identifier(Scheme.DOI, "10.5555/abc"), "https://doi.org/10.5555/abc"),
        (
            {"id": "17", "url": "https://journal.example.org/a/7"},
            Identifier(Scheme.URL, "https://journal.example.org/a/7"),
            "https://journal.example.org/a/7",
        ),
    ],
)
def test_paper_that_is_not_of_arxiv_is_known_otherwise(told: dict[str, str], known: Identifier, url: str) -> None:
    listing = read_one(make_daily_item(**told))
    assert (listing.identifiers, listing.url, listing.pdf_url) == ((known,), url, "")


def test_document_is_dated_by_its_latest_day() -> None:
    items = [make_daily_item(), make_daily_item(id="2603.00002", submittedOnDailyAt="2026-03-05T00:00:00.000Z")]
    parsed = hf_daily.read(items)
    assert (parsed.kind, parsed.title, parsed.announced_on) == (
        "hf-daily",
        "Hugging Face daily papers",
        date(2026, 3, 5),
    )


def test_day_falls_back_to_the_outer_date() -> None:
    item = make_daily_item()
    del item["paper"]["submittedOnDailyAt"]
    assert read_one(item).announced_on == date(2026, 2, 28)


def test_day_that_is_nowhere_is_none() -> None:
    assert read_one(make_daily_item(submittedOnDailyAt=None, outer={"publishedAt": 17})).announced_on is None


def test_absent_signals_are_no_readings() -> None:
    item = make_daily_item()
    del item["paper"]["upvotes"], item["paper"]["githubStars"], item["numComments"]
    assert read_one(item).readings == ()


def test_zero_is_a_reading() -> None:
    assert read_one(make_daily_item(upvotes=0)).readings[0] == Reading(SignalKind.UPVOTES, 0)


@pytest.mark.parametrize("value", [None, "12", True, -1, 1.5, 10**12, [12]])
def test_signals_that_are_no_counts_are_no_readings(value: object) -> None:
    kinds = [reading.kind for reading in read_one(make_daily_item(upvotes=value)).readings]
    assert kinds == [SignalKind.COMMENTS, SignalKind.STARS]


def test_hidden_authors_are_left_out() -> None:
    people = [{"name": "Ida Lindgren", "hidden": True}, {"name": "Wei Zhang", "hidden": False}, {"name": "Tomas Berg"}]
    assert read_one(make_daily_item(authors=people)).authors == ("Wei Zhang", "Tomas Berg")


@pytest.mark.parametrize("authors", [None, "Wei Zhang", [], [{"name": " "}], [{"name": None}], ["Wei Zhang"]])
def test_authors_that_are_none_are_left_out(authors: object) -> None:
    assert read_one(make_daily_item(authors=authors)).authors == ()


def test_title_and_abstract_fall_back_to_the_outer_ones() -> None:
    item = make_daily_item(title="", outer={"title": "Outer title", "summary": "Outer summary"})
    del item["paper"]["summary"]
    listing = read_one(item)
    assert (listing.title, listing.abstract) == ("Outer title", "Outer summary")


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (None, "no paper in this item"),
        ("2603.00001", "no paper in this item"),
        ({}, "no paper in this item"),
        ({"paper": None}, "no paper in this item"),
        ({"paper": {}}, "no arXiv identifier, DOI or address: ''"),
        (make_daily_item(id="not-a-paper"), "no arXiv identifier, DOI or address: 'not-a-paper'"),
        (make_daily_item(id=2603.00001), "no arXiv identifier, DOI or address: ''"),
        (make_daily_item(title=" ", outer={"title": ""}), "no title: 2603.00001"),
    ],
)
def test_bad_items_are_skipped_with_a_reason(item: Any, reason: str) -> None:
    parsed = hf_daily.read([make_daily_item(), item])
    assert len(parsed.listings) == 1
    assert parsed.skipped == (Skipped(2, reason),)


def test_day_without_papers_is_empty() -> None:
    parsed = hf_daily.read([])
    assert (parsed.listings, parsed.skipped, parsed.announced_on) == ((), (), None)
