"""What the answers are made of, byte by byte, and how they are asked for."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from digest.ingest.index import index_due
from digest.models import Change
from tests.digest.web.api.make import SUBMITTED, make_full_paper, make_hostile, make_public_topic
from tests.make import NOON, TODAY, make_identifier, make_match, make_paper, make_signal

pytestmark = pytest.mark.django_db

PAPER: dict[str, Any] = {
    "id": "2603.00007",
    "authors": [{"name": "Ada Lindqvist", "hidden": False}, {"name": "Bo Ek", "hidden": False}],
    "publishedAt": "2026-03-02T17:30:15.123Z",
    "submittedOnDailyAt": "2026-03-04T00:00:00.000Z",
    "title": "Moths and $\\alpha$ light",
    "summary": "Why moths circle $\\alpha$ light.",
    "upvotes": 84,
    "githubStars": 12,
    "url": "https://arxiv.org/abs/2603.00007",
    "pageUrl": "https://papers.example.org/papers/2603.00007",
    "pdfUrl": "https://arxiv.org/pdf/2603.00007",
    "doi": "10.5555/2603.00007",
    "votesGained": 31,
    "trend": 7.25,
    "attention": "84 upvotes, +31 since yesterday",
    "topics": [],
}


def read(client: Client, path: str, **headers: str) -> Any:
    answer = client.get(path, headers=headers)
    assert answer.status_code == 200, answer.content
    return answer.json()


def said(client: Client, path: str) -> tuple[int, str]:
    """Return the status and the words of an error."""
    answer = client.get(path)
    assert answer["Content-Type"] == "application/json"
    return answer.status_code, answer.json()["error"]


# --- What an answer says


def test_list_has_all_that_is_known_of_a_paper(client: Client) -> None:
    make_full_paper()
    assert read(client, "/api/daily_papers") == [
        {
            "paper": PAPER,
            "publishedAt": "2026-03-04T00:00:00.000Z",
            "title": PAPER["title"],
            "summary": PAPER["summary"],
            "numComments": 5,
        }
    ]


def test_paper_alone_has_the_same_and_its_comments(client: Client) -> None:
    make_full_paper()
    assert read(client, "/api/papers/2603.00007") == PAPER | {"numComments": 5}


def test_what_does_not_apply_is_left_out(client: Client) -> None:
    paper = make_paper(title="Bare")
    assert read(client, f"/api/papers/{paper.pk}") == {
        "id": str(paper.pk),
        "authors": [],
        "publishedAt": "2026-03-04T00:00:00.000Z",
        "submittedOnDailyAt": "2026-03-04T00:00:00.000Z",
        "title": "Bare",
        "summary": "",
        "upvotes": 0,
        "pageUrl": f"https://papers.example.org/papers/{paper.pk}",
        "votesGained": 0,
        "trend": 0.0,
        "topics": [],
        "numComments": 0,
    }


def test_paper_that_was_only_replaced_has_no_day_in_the_daily_papers(client: Client) -> None:
    paper = make_paper(announced_on=None, created_at=datetime(2026, 3, 1, 8, tzinfo=UTC))
    found = read(client, f"/api/papers/{paper.pk}")
    assert (found["publishedAt"], "submittedOnDailyAt" in found) == ("2026-03-01T08:00:00.000Z", False)


def test_topics_of_a_paper_are_told_best_first_with_the_reason(client: Client) -> None:
    paper = make_full_paper()
    for number in range(4):
        topic = make_public_topic(f"moths {number}", f"moths-{number}", label=f"Moths {number}")
        make_match(topic, paper, score=0.5 + number / 10, why=f"matches moths {number}")
    (listed,), alone = read(client, "/api/daily_papers"), read(client, "/api/papers/2603.00007")
    best = {"slug": "moths-3", "label": "Moths 3", "score": 0.8, "why": "matches moths 3"}
    assert listed["paper"]["topics"][0] == alone["topics"][0] == best
    assert (len(listed["paper"]["topics"]), len(alone["topics"])) == (3, 4)


def test_stars_are_the_latest_that_were_told(client: Client) -> None:
    paper = make_full_paper()
    make_signal(paper, 2, kind="stars", observed_at=NOON.replace(hour=13))
    assert read(client, "/api/papers/2603.00007")["githubStars"] == 2


def test_hostile_words_are_text_and_no_address(client: Client) -> None:
    made = make_hostile()
    answer = client.get("/api/daily_papers")
    assert b"<" not in answer.content
    assert b">" not in answer.content
    found = answer.json()
    assert {item["title"] for item in found} == {paper.title for paper in made}
    assert [("url" in item["paper"], "pdfUrl" in item["paper"]) for item in found] == [(False, False)] * 3
    for item in found:
        assert (
            read(client, item["paper"]["pageUrl"].replace("https://papers.example.org", "/api"))["title"]
            == item["title"]
        )


# --- Which papers


@pytest.mark.parametrize("state", ["withdrawn_at", "hidden_at"])
def test_paper_that_was_taken_back_is_nowhere(client: Client, state: str) -> None:
    make_identifier(make_paper(title="Moths", **{state: NOON}), "2603.00001")
    index_due(NOON)
    assert read(client, "/api/daily_papers") == read(client, "/api/papers/search?q=moths") == []
    assert read(client, "/api/papers/search?q=2603.00001") == []
    assert said(client, "/api/papers/2603.00001")[0] == 404


def test_without_a_period_it_is_the_latest_day_that_had_papers(client: Client) -> None:
    assert read(client, "/api/daily_papers") == []
    make_paper(title="Earlier", announced_on=TODAY.replace(day=2))
    make_paper(title="To come", announced_on=TODAY.replace(day=5))
    assert [item["title"] for item in read(client, "/api/daily_papers")] == ["Earlier"]


def test_next_page_is_named_while_there_is_one(client: Client) -> None:
    for number in range(3):
        make_paper(title=f"Paper {number}")
    first = client.get("/api/daily_papers?limit=2&date=2026-03-04")
    assert first["Link"] == '<http://testserver/api/daily_papers?limit=2&date=2026-03-04&p=1>; rel="next"'
    second = client.get("/api/daily_papers?limit=2&date=2026-03-04&p=1")
    assert (len(second.json()), second.has_header("Link")) == (1, False)
    assert read(client, "/api/daily_papers?limit=2&date=2026-03-04&p=2") == []
    assert read(client, "/api/daily_papers?p=100000&limit=100") == []


# --- What cannot be asked for


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("date=yesterday", "“yesterday” is no day. Write it like this: 2026-03-04"),
        ("date=2026-02-30", "There is no day 2026-02-30 in the calendar."),
        ("date=٢٠٢٦-03-04", "“٢٠٢٦-03-04” is no day. Write it like this: 2026-03-04"),
        ("date=", "“” is no day. Write it like this: 2026-03-04"),
        ("date=2026-03-04%00", "“2026-03-04\0” is no day. Write it like this: 2026-03-04"),
        ("week=2026-W54", "There is no week 2026-W54 in the calendar."),
        ("month=2026-3", "“2026-3” is no month. Write it like this: 2026-03"),
        ("date=2026-03-04&month=2026-03", "date and month cannot be asked for together. Give one of them."),
        ("date=2026-03-04&date=2026-03-05", "“date” is there 2 times. Give it once."),
        (
            "sort=hot",
            "“hot” cannot be used as sort. publishedAt: the newest first; trending: those with most attention first.",
        ),
        ("limit=0", "“0” cannot be used as limit. How many papers at most: 1 to 100."),
        ("limit=101", "“101” cannot be used as limit. How many papers at most: 1 to 100."),
        ("limit=٣", "“٣” cannot be used as limit. How many papers at most: 1 to 100."),
        ("p=-1", "“-1” cannot be used as p. The page: 0 is the first, 100000 the last that can be asked for."),
        (
            "p=" + "9" * 50,
            f"“{'9' * 40}” cannot be used as p. The page: 0 is the first, 100000 the last that can be asked for.",
        ),
        ("page=2", "There is no parameter “page” here. There are: date, week, month, sort, p, limit."),
        ("submitter=ada", "There is no parameter “submitter” here. There are: date, week, month, sort, p, limit."),
    ],
)
def test_mistake_is_told_in_words(client: Client, asked: str, words: str) -> None:
    assert said(client, f"/api/daily_papers?{asked}") == (400, words)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("", '“q” is missing. Words, "phrases", -exclusions, cat:cs.CL, author:"Jane Doe"; at most 300 characters.'),
        ("q=moths&p=1", "There is no parameter “p” here. There are: q, limit."),
    ],
)
def test_mistake_in_a_search_is_told_in_words(client: Client, asked: str, words: str) -> None:
    assert said(client, f"/api/papers/search?{asked}") == (400, words)


def test_search_for_what_is_no_query_takes_its_words(client: Client) -> None:
    make_paper(title="Moths: what is new?")
    index_due(NOON)
    asked = ("Moths%00", 'moths:+"what', "the", "%3F%00")
    answers = [client.get(f"/api/papers/search?q={text}") for text in asked]
    assert [answer.status_code for answer in answers] == [200] * 4
    found = [[hit["title"] for hit in answer.json()] for answer in answers]
    assert found == [["Moths: what is new?"], ["Moths: what is new?"], [], []]


@pytest.mark.parametrize(
    "name",
    ["2603.99999", "10.5555/none", "17", "9" * 30, "٣", "%00", "a%00b", "10.5555/a%00b", "%2e%2e/x", "a" * 500, "%ff"],
)
def test_unknown_paper_is_not_there(client: Client, name: str) -> None:
    assert said(client, f"/api/papers/{name}")[0] == 404


@pytest.mark.parametrize("name", ["2603.00007", "2603.00007v3", "10.5555%2F2603.00007", "10.5555/2603.00007"])
def test_paper_is_found_by_every_spelling_of_its_names(client: Client, name: str) -> None:
    make_full_paper()
    assert read(client, f"/api/papers/{name}")["id"] == "2603.00007"


# --- How often it is made


@pytest.mark.parametrize(
    "path",
    [
        "/api/daily_papers",
        f"/api/daily_papers?month={TODAY:%Y-%m}",
        f"/api/daily_papers?week={TODAY:%G-W%V}&sort=publishedAt",
        "/api/papers/search?q=moths",
        "/api/topics/knowledge-transfer/papers",
        "/api/topics",
    ],
)
def test_answer_costs_as_much_for_thirty_papers_as_for_one(
    client: Client, path: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    topic = make_public_topic()
    asked = []
    for number in range(30):
        paper = make_full_paper(f"2603.1{number:04}", submitted_at=SUBMITTED.replace(minute=number))
        make_match(topic, paper)
        if number in (0, 29):
            index_due(NOON)
            Change.objects.update_or_create(pk=1, defaults={"number": number + 1})
            with django_assert_max_num_queries(16) as captured:
                assert len(read(client, path)) in (1, number + 1)
            asked.append(len(captured))
    assert asked[1] <= asked[0]  # less, where something was learned for both


def test_answer_that_has_not_changed_is_not_sent_again(client: Client) -> None:
    make_paper()
    first = client.get("/api/daily_papers")
    again = client.get("/api/daily_papers", headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    Change.objects.update_or_create(pk=1, defaults={"number": 99})
    assert client.get("/api/daily_papers", headers={"if-none-match": first["ETag"]}).status_code == 200


def test_answer_that_was_kept_names_the_next_page_too(client: Client) -> None:
    for _ in range(2):
        make_paper()
    links = [client.get("/api/daily_papers?limit=1")["Link"] for _ in range(2)]
    assert links[0] == links[1]


def test_head_has_the_fields_and_no_body(client: Client) -> None:
    make_paper()
    asked, head = client.get("/api/daily_papers"), client.head("/api/daily_papers")
    assert (head.status_code, head.content, head["ETag"]) == (200, b"", asked["ETag"])
