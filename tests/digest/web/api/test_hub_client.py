"""The unmodified client of Hugging Face, pointed at a running installation."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from huggingface_hub import HfApi, close_session
from huggingface_hub.errors import HfHubHTTPError
from huggingface_hub.hf_api import PaperInfo
from huggingface_hub.utils._pagination import paginate
from pytest_django.live_server_helper import LiveServer

from digest.ingest.index import index_due
from tests.digest.web.api.make import SUBMITTED, make_full_paper
from tests.make import NOON, TODAY, make_identifier, make_paper

pytestmark = pytest.mark.django_db(transaction=True)

MONDAY = date(2026, 3, 2)
MIDNIGHT = datetime(2026, 3, 4, tzinfo=UTC)


@pytest.fixture
def hub(live_server: LiveServer) -> Iterator[HfApi]:
    yield HfApi(endpoint=live_server.url, token=False)
    close_session()  # or the server goes on waiting for it, with a connection to the database


def titles(papers: Iterable[PaperInfo]) -> list[str | None]:
    return [paper.title for paper in papers]


def test_listed_paper_is_the_clients_own_object_with_our_data(hub: HfApi) -> None:
    make_full_paper()
    (paper,) = hub.list_daily_papers(date="2026-03-04")
    assert isinstance(paper, PaperInfo)
    assert paper.authors
    assert [(author.name, author.hidden) for author in paper.authors] == [("Ada Lindqvist", False), ("Bo Ek", False)]
    assert (paper.id, paper.title, paper.summary) == (
        "2603.00007",
        "Moths and $\\alpha$ light",
        "Why moths circle $\\alpha$ light.",
    )
    assert (paper.published_at, paper.submitted_at) == (SUBMITTED, MIDNIGHT)
    assert (paper.upvotes, paper.comments) == (84, 5)
    assert (paper.discussion_id, paper.submitted_by, paper.ai_summary, paper.organization) == (None,) * 4


def test_paper_alone_is_the_clients_own_object_with_our_data(hub: HfApi) -> None:
    make_full_paper()
    paper: Any = hub.paper_info("2603.00007")
    assert [author.name for author in paper.authors] == ["Ada Lindqvist", "Bo Ek"]
    assert (paper.id, paper.title, paper.summary) == (
        "2603.00007",
        "Moths and $\\alpha$ light",
        "Why moths circle $\\alpha$ light.",
    )
    assert (paper.published_at, paper.submitted_at) == (SUBMITTED, MIDNIGHT)
    assert (paper.upvotes, paper.comments, paper.github_stars) == (84, 5, 12)
    # What the client does not know is there too.
    assert (paper.doi, paper.votesGained, paper.trend) == ("10.5555/2603.00007", 31, 7.25)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["today"]),
        ({"date": "2026-03-04"}, ["today"]),
        ({"date": "2026-03-02"}, ["monday"]),
        ({"date": "2026-03-03"}, []),
        ({"week": "2026-W10"}, ["today", "monday"]),
        ({"week": "2026-W09"}, ["february"]),
        ({"month": "2026-03"}, ["today", "monday"]),
        ({"month": "2026-02"}, ["february"]),
    ],
)
def test_lists_are_of_the_period_that_the_client_asks_for(hub: HfApi, asked: dict[str, str], found: list[str]) -> None:
    for title, day in (("today", TODAY), ("monday", MONDAY), ("february", MONDAY - timedelta(days=3))):
        make_paper(title=title, announced_on=day)
    assert titles(hub.list_daily_papers(**asked)) == found  # type: ignore[arg-type]


def test_lists_come_in_the_order_that_the_client_asks_for(hub: HfApi) -> None:
    make_paper(title="loud and old", votes=9, trend=2, announced_on=MONDAY)
    make_paper(title="quiet and new")
    week = "2026-W10"
    assert titles(hub.list_daily_papers(week=week, sort="trending")) == ["loud and old", "quiet and new"]
    assert titles(hub.list_daily_papers(week=week, sort="publishedAt")) == ["quiet and new", "loud and old"]
    assert titles(hub.list_daily_papers(week=week)) == ["quiet and new", "loud and old"]


def test_pages_of_a_list_have_each_paper_once(hub: HfApi) -> None:
    made = [make_paper(title=f"Paper {number}").title for number in range(7)]
    pages = [titles(hub.list_daily_papers(date="2026-03-04", p=page, limit=3)) for page in range(4)]
    assert [len(page) for page in pages] == [3, 3, 1, 0]
    assert sorted(str(title) for page in pages for title in page) == made


def test_clients_way_through_all_pages_ends(hub: HfApi, live_server: LiveServer) -> None:
    made = [make_paper(title=f"Paper {number}").title for number in range(7)]
    asked = {"date": "2026-03-04", "limit": 3}
    found = paginate(f"{live_server.url}/api/daily_papers", params=asked, headers={})
    assert sorted(PaperInfo(**item).title or "" for item in found) == made


def test_search_finds_papers_by_words_and_by_name(hub: HfApi) -> None:
    make_full_paper()
    make_paper(title="Something else")
    index_due(NOON)
    for query in ("moths", "2603.00007", "10.5555/2603.00007"):
        assert [paper.id for paper in hub.list_papers(query=query)] == ["2603.00007"], query
    assert list(hub.list_papers(query="butterflies")) == []


def test_search_gives_as_many_as_the_client_wants(hub: HfApi) -> None:
    for number in range(3):
        make_paper(title=f"Moths, part {number}")
    index_due(NOON)
    assert len(list(hub.list_papers(query="moths", limit=2))) == 2


@pytest.mark.parametrize(
    ("value", "scheme"), [("hep-th/9901001", "arxiv"), ("10.5555/moths.7/b", "doi"), ("10.1002/(sici)7<1::a>2", "doi")]
)
def test_paper_is_found_by_each_kind_of_name(hub: HfApi, value: str, scheme: str) -> None:
    make_identifier(make_paper(title="Found"), value, scheme)
    assert (hub.paper_info(value).id, hub.paper_info(value).title) == (value, "Found")


def test_paper_without_a_name_is_found_by_our_own_number(hub: HfApi) -> None:
    paper = make_paper(title="Found")
    (listed,) = hub.list_daily_papers()
    assert listed.id == str(paper.pk)
    assert hub.paper_info(listed.id).title == "Found"


def test_what_is_not_there_is_the_clients_own_error_with_our_words(hub: HfApi) -> None:
    with pytest.raises(HfHubHTTPError, match=r"No paper here is known by “2603\.99999”") as raised:
        hub.paper_info("2603.99999")
    assert raised.value.response.status_code == 404


def test_what_cannot_be_asked_for_is_the_clients_own_error_with_our_words(hub: HfApi) -> None:
    for asked in ({"date": "yesterday"}, {"date": "2026-03-04", "week": "2026-W10"}, {"limit": 1000}):
        with pytest.raises(HfHubHTTPError) as raised:
            list(hub.list_daily_papers(**asked))
        assert raised.value.response.status_code == 400
        assert raised.value.server_message == raised.value.response.json()["error"]
