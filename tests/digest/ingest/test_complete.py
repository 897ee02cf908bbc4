import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from digest.ingest import complete, politeness
from digest.ingest.complete import PAPERS, complete_due
from digest.ingest.fetch import fetch
from digest.ingest.rank import match_due
from digest.ingest.store import store
from digest.models import Host, Match, Paper
from tests.digest.sources.make import ABSTRACT
from tests.feedserver import Answer, FeedServer, feed_server
from tests.make import NOON, TODAY, make_identifier, make_paper, make_reader, make_sighting, make_topic

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
PII = "S0004370226000123"
PAGE = f"https://www.sciencedirect.com/science/article/pii/{PII}"


@pytest.fixture
def feeds(settings: Any) -> Iterator[FeedServer]:
    settings.FETCH_ALLOWED_HOSTS = ["127.0.0.1"]
    settings.REDIS_URL = ""
    settings.CROSSREF = True
    settings.CONTACT = "staff@papers.example.org"
    Host.objects.update_or_create(name="*", defaults={"gap_seconds": 0})
    with feed_server() as server:
        settings.CROSSREF_URL = server.url("")
        yield server


def make_bare_paper(value: str = "10.5555/jir.1", scheme: str = "doi", **given: Any) -> Paper:
    paper = make_paper(**{"title": "What comes back", "complete_due_at": NOON} | given)
    make_identifier(paper, value, scheme)
    return paper


def make_work(**given: Any) -> dict[str, Any]:
    stated = {
        "DOI": "10.5555/jir.1",
        "type": "journal-article",
        "title": ["What Comes Back"],
        "abstract": f"<jats:title>Abstract</jats:title><jats:p>{ABSTRACT}</jats:p>",
        "author": [{"given": "Ida", "family": "Lindgren"}],
        "container-title": ["Journal of Invented Results"],
        "created": {"date-time": "2026-01-07T10:00:00Z", "date-parts": [[2026, 1, 7]]},
        "URL": "https://doi.org/10.5555/jir.1",
    }
    return stated | given


def answer(message: object, kind: str = "work") -> Answer:
    return Answer(json.dumps({"status": "ok", "message-type": kind, "message": message}).encode())


def state(paper: Paper) -> tuple[int, datetime | None]:
    paper.refresh_from_db()
    return paper.complete_attempts, paper.complete_due_at


def test_paper_gets_the_abstract_that_crossref_has_and_is_matched_again(feeds: FeedServer) -> None:
    paper = make_bare_paper()
    feeds.answers["/works/10.5555%2Fjir.1"] = answer(make_work())
    assert complete_due(NOON) == 1
    paper.refresh_from_db()
    assert (paper.title, paper.abstract, paper.authors) == ("What comes back", ABSTRACT, ["Ida Lindgren"])
    assert paper.venue == "Journal of Invented Results"
    assert (paper.match_due_at, paper.complete_due_at) == (NOON, None)
    assert "mailto=staff@papers.example.org" in feeds.paths()[0]
    assert complete_due(NOON + 30 * DAY) == 0


def test_what_crossref_says_announces_nothing(feeds: FeedServer) -> None:
    paper = make_bare_paper()
    feeds.answers["/works/10.5555%2Fjir.1"] = answer(make_work())
    complete_due(NOON)
    paper.refresh_from_db()
    assert (paper.announced_on, paper.sightings.count()) == (TODAY, 0)


def test_paper_that_is_only_known_by_its_page_learns_its_doi(feeds: FeedServer) -> None:
    paper = make_bare_paper(PAGE, "url")
    feeds.answers["/works"] = answer({"items": [make_work()], "total-results": 1}, "work-list")
    assert complete_due(NOON) == 1
    assert f"alternative-id:{PII}" in feeds.paths()[0]
    assert {str(row) for row in paper.identifiers.all()} >= {f"url:{PAGE}", "doi:10.5555/jir.1"}


def test_page_of_a_number_that_two_works_have_is_no_answer(feeds: FeedServer) -> None:
    paper = make_bare_paper(PAGE, "url")
    works = [make_work(), make_work(DOI="10.5555/jir.2")]
    feeds.answers["/works"] = answer({"items": works, "total-results": 2}, "work-list")
    assert complete_due(NOON) == 0
    assert state(paper) == (1, NOON + DAY)


def test_paper_whose_doi_another_row_has_becomes_one_with_it(feeds: FeedServer) -> None:
    known = make_bare_paper(title="The older row", complete_due_at=None)
    make_sighting(make_bare_paper(PAGE, "url"))
    feeds.answers["/works"] = answer({"items": [make_work()], "total-results": 1}, "work-list")
    assert complete_due(NOON) == 1
    assert Paper.objects.get() == known
    assert (Paper.objects.get().abstract, known.sightings.count()) == (ABSTRACT, 1)


def test_answer_without_an_abstract_is_asked_for_three_times_more(feeds: FeedServer) -> None:
    paper = make_bare_paper()
    feeds.answers["/works/10.5555%2Fjir.1"] = answer(make_work(abstract=""))
    states: list[tuple[int, datetime | None]] = [(0, NOON)]
    while due := states[-1][1]:
        assert complete_due(due) == 0
        states.append(state(paper))
    assert states[1:] == [(1, NOON + DAY), (2, NOON + 4 * DAY), (3, NOON + 14 * DAY), (4, None)]
    assert paper.authors == ["Ida Lindgren"]


@pytest.mark.parametrize(
    ("given", "after"),
    [
        (Answer(b"Resource not found.", status=404), (1, None)),
        (Answer(b"gone", status=410), (1, None)),
        (Answer(b"no", status=500), (1, NOON + DAY)),
        (Answer(b"no JSON"), (1, NOON + DAY)),
        (Answer(b"[" * 100_000), (1, NOON + DAY)),
        (Answer(b'{"status": "failed", "message": [{"message": "no"}]}'), (1, NOON + DAY)),
        (answer(make_work(type="peer-review")), (1, NOON + DAY)),
        (answer([]), (1, NOON + DAY)),
    ],
)
def test_answer_that_is_none_is_recorded(feeds: FeedServer, given: Answer, after: tuple[int, datetime | None]) -> None:
    paper = make_bare_paper()
    feeds.answers["/works/10.5555%2Fjir.1"] = given
    assert complete_due(NOON) == 0
    assert state(paper) == after


def test_server_that_has_had_enough_is_left_alone_and_that_does_not_count(feeds: FeedServer) -> None:
    papers = [make_bare_paper(f"10.5555/jir.{number}") for number in range(3)]
    feeds.answers["/works/10.5555%2Fjir.0"] = Answer(status=429, headers={"Retry-After": "7200"})
    assert complete_due(NOON) == 0
    assert len(feeds.asked) == 1
    assert [state(paper) for paper in papers] == [(0, NOON + timedelta(hours=2))] * 3


def test_paper_that_crossref_cannot_know_is_not_asked_for(feeds: FeedServer) -> None:
    paper = make_bare_paper("https://jir.example.org/1", "url")
    assert complete_due(NOON) == 0
    assert (state(paper), feeds.asked) == ((1, None), [])


def test_few_papers_are_asked_for_in_one_pass(feeds: FeedServer) -> None:
    for number in range(PAPERS + 2):
        make_bare_paper(f"10.5555/jir.{number}")
    complete_due(NOON)
    assert len(feeds.asked) == PAPERS


def test_nobody_is_asked_unless_it_is_enabled(feeds: FeedServer, settings: Any) -> None:
    settings.CROSSREF = False
    make_bare_paper()
    assert complete_due(NOON) == 0
    assert feeds.asked == []


def test_withdrawal_that_crossref_knows_of_is_learnt(feeds: FeedServer) -> None:
    paper = make_bare_paper()
    feeds.answers["/works/10.5555%2Fjir.1"] = answer(make_work(title=["RETRACTED: What Comes Back"]))
    complete_due(NOON)
    paper.refresh_from_db()
    assert (paper.withdrawn_at, paper.title) == (NOON, "What comes back")


def test_paper_is_matched_on_its_title_and_again_once_it_is_complete(feeds: FeedServer) -> None:
    titled, abstract = make_topic('"what comes back"'), make_topic('"families of models"')
    make_reader(topics=(titled, abstract))
    make_bare_paper(match_due_at=NOON)
    match_due(NOON)
    assert [match.topic for match in Match.objects.all()] == [titled]
    feeds.answers["/works/10.5555%2Fjir.1"] = answer(make_work())
    complete_due(NOON)
    match_due(NOON)
    assert {match.topic for match in Match.objects.all()} == {titled, abstract}


def test_server_that_does_not_answer_is_not_waited_for_by_each_paper(
    feeds: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(politeness, "fetch", partial(fetch, deadline=0.2))
    papers = [make_bare_paper(f"10.5555/jir.{number}") for number in range(3)]
    feeds.answers["/works/10.5555%2Fjir.0"] = Answer(seconds=5)
    assert complete_due(NOON) == 0
    assert len(feeds.asked) == 1
    later = (0, NOON + timedelta(hours=1))
    assert [state(paper) for paper in papers] == [(1, NOON + DAY), later, later]


def test_paper_that_cannot_be_completed_stops_no_other(feeds: FeedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    papers = [make_bare_paper(f"10.5555/jir.{number}") for number in range(2)]
    for number in range(2):
        feeds.answers[f"/works/10.5555%2Fjir.{number}"] = answer(make_work(DOI=f"10.5555/jir.{number}"))

    def fails_once(*given: Any, **named: Any) -> Any:
        monkeypatch.setattr(complete, "store", store)
        raise RuntimeError("no such luck")

    monkeypatch.setattr(complete, "store", fails_once)
    assert complete_due(NOON) == 1
    assert [state(paper) for paper in papers] == [(1, NOON + DAY), (0, None)]


def test_papers_for_which_no_time_is_left_are_due_again(feeds: FeedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    paper = make_bare_paper()
    monkeypatch.setattr(complete, "SECONDS", 0)
    assert complete_due(NOON) == 0
    assert (state(paper), feeds.asked) == ((0, NOON), [])
