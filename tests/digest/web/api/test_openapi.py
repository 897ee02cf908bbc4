"""The description of the API keeps its word: schemathesis asks all that it allows and much that it does not."""

import re
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from digest.ingest.index import index_due
from digest.models import TopicDay
from digest.web.api.asked import PERIODS, patterns
from digest.web.periods import FIRST, LAST, holding, parse_period
from tests.digest.web.api.make import HOSTILE, make_full_paper, make_hostile, make_public_topic
from tests.make import NOON, TODAY, make_match

OPERATIONS = {"daily_papers", "search_papers", "paper_info", "list_topics", "topic_papers"}


def described(client: Client) -> dict[str, Any]:
    answer = client.get("/api/openapi.json")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    said: dict[str, Any] = answer.json()
    return said


def operations(said: dict[str, Any]) -> dict[str, Any]:
    assert all(list(path) == ["get"] for path in said["paths"].values())
    return {path["get"]["operationId"]: path["get"] for path in said["paths"].values()}


@pytest.mark.once  # what a database has a part in is asked by tests/digest/web/test_fuzzed.py, of both of them
@pytest.mark.django_db(transaction=True)
def test_schemathesis_finds_nothing(live_server: LiveServer, settings: Any, tmp_path: Path) -> None:
    """Papers with hostile words are among those that are asked for."""
    settings.SITE_URL = live_server.url
    make_hostile()
    make_match(make_public_topic(), make_full_paper(trend=1e10))
    index_due(NOON)
    asked = [f"{live_server.url}/api/openapi.json", "--phases=examples,coverage,fuzzing", "--max-examples=5"]
    told = ["--generation-deterministic", "--no-color", "--workers=2"]
    command = [str(Path(sys.executable).with_name("schemathesis")), "run"]
    run = subprocess.run([*command, *asked, *told], cwd=project.BASE_DIR, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout[-5000:] + run.stderr
    assert "Tested: 5" in run.stdout


@pytest.mark.django_db
def test_every_operation_says_what_it_takes_and_gives(client: Client) -> None:
    found = operations(described(client))
    assert found.keys() == OPERATIONS
    for name, operation in found.items():
        expected = {"200", "304", "400", "429"} | (
            {"404"} if "{" in str(operation) and name in ("paper_info", "topic_papers") else set()
        )
        assert operation["responses"].keys() == expected, name
        for status, answer in operation["responses"].items():
            assert answer["description"], (name, status)
            assert {"RateLimit", "RateLimit-Policy"} <= answer["headers"].keys()
        assert "Retry-After" in operation["responses"]["429"]["headers"]
        assert all(parameter["description"] for parameter in operation["parameters"]), name
        assert operation["summary"]
        assert operation["description"]
    links = {name for name, operation in found.items() if "Link" in operation["responses"]["200"]["headers"]}
    assert links == {"daily_papers", "topic_papers"}


@pytest.mark.django_db
def test_description_holds_no_null(client: Client) -> None:
    assert "null" not in str(described(client)).lower().replace("never null", "")


@pytest.mark.django_db
def test_description_says_who_answers(client: Client, settings: Any) -> None:
    settings.SITE_NAME, settings.CURATOR, settings.CONTACT = "Lab papers", "The lab", "lab@example.org"
    said = described(client)
    assert (said["openapi"], said["servers"]) == ("3.1.0", [{"url": "https://papers.example.org"}])
    assert said["info"]["title"] == "Lab papers: papers"
    contact = {"name": "The lab", "url": "https://papers.example.org", "email": "lab@example.org"}
    assert (said["info"]["contact"], "license" in said["info"]) == (contact, False)
    settings.API_LICENCE = "CC0-1.0"
    settings.CURATOR = "Another"  # what was made for another curator is not shown
    assert described(client)["info"]["license"] == {"name": "CC0-1.0"}


@pytest.mark.django_db
def test_examples_are_answers_of_this_installation_cut_short(client: Client) -> None:
    make_match(make_public_topic(), make_full_paper(authors=["A", "B", "C", "D"], abstract="word " * 100))
    found = operations(described(client))
    (listed,) = found["daily_papers"]["responses"]["200"]["content"]["application/json"]["example"]
    (answered,) = client.get("/api/daily_papers").json()
    assert listed.keys() == answered.keys()
    assert listed["paper"].keys() == answered["paper"].keys()
    assert [author["name"] for author in listed["paper"]["authors"]] == ["A", "B", "C"]
    assert len(listed["summary"]) <= 241
    examples = {parameter["name"]: parameter.get("example") for parameter in found["daily_papers"]["parameters"]}
    assert examples["period"] == {"date": "2026-03-04"}
    assert found["paper_info"]["parameters"][0]["example"] == "2603.00007"


@pytest.mark.parametrize("name", PERIODS)
def test_pattern_of_a_period_holds_just_what_is_in_the_calendar(name: str) -> None:
    pattern, kind = re.compile(patterns()[name]), PERIODS[name]
    day = FIRST
    while day <= LAST - timedelta(days=3):  # whose week is of the year after
        assert pattern.fullmatch(str(holding(kind, day))), day
        day += timedelta(days=1 if kind == "day" and day.month == 2 else 7)
    wrong = {
        "date": [
            "2026-02-29",
            "1900-02-29",
            "2026-04-31",
            "2026-13-01",
            "2026-00-01",
            "2026-01-00",
            "1899-12-31",
            "2200-01-01",
        ],
        "week": ["2026-W00", "2025-W53", "2026-W54"],
        "month": ["2026-00", "2026-13", "1899-12"],
    }
    for text in wrong[name]:
        assert not pattern.fullmatch(text), text
        with pytest.raises(ValueError, match=text):
            parse_period(kind, text)
    assert parse_period("week", "2026-W53").first == date(2026, 12, 28)


# --- The page


@pytest.mark.django_db
def test_page_shows_what_the_description_says(client: Client, settings: Any) -> None:
    settings.API_RATE = "120/minute,20/second"
    make_match(make_public_topic(), make_full_paper())
    page = client.get("/api/docs").content.decode()
    for name, operation in operations(described(client)).items():
        assert f'id="{name}"' in page
        assert operation["summary"] in page
    assert (
        "curl &#x27;https://papers.example.org/api/papers/2603.00007&#x27;" in page
        or "curl 'https://papers.example.org/api/papers/2603.00007'" in page
    )
    assert "20 in a second and 120 in a minute times" in page
    assert 'HfApi(endpoint="https://papers.example.org", token=False)' in page


@pytest.mark.django_db
def test_page_has_no_script_and_shows_hostile_words_as_text(client: Client) -> None:
    make_hostile()
    page = client.get("/api/docs").content.decode()
    assert "<script" not in page
    assert HOSTILE[:9] not in page
    assert "&lt;/script&gt;" in page


@pytest.mark.django_db
def test_page_of_an_empty_installation_has_no_examples(client: Client) -> None:
    page = client.get("/api/docs").content.decode()
    assert "cut short here" not in page
    assert "/api/papers/paper_id" in page


# --- Topics


@pytest.mark.django_db
def test_topics_are_those_of_the_catalogue_with_their_papers_of_a_week(client: Client) -> None:
    topic = make_public_topic()
    for days_ago, papers in ((0, 100), (1, 3), (7, 4), (8, 100)):
        TopicDay.objects.create(topic=topic, day=TODAY - timedelta(days=days_ago), papers=papers)
    (found,) = client.get("/api/topics").json()
    assert {name: found[name] for name in ("slug", "label", "query", "papersPerWeek", "url", "feed")} == {
        "slug": "knowledge-transfer",
        "label": topic.label,
        "query": "knowledge transfer",
        "papersPerWeek": 7,
        "url": "https://papers.example.org/topics/knowledge-transfer",
        "feed": "https://papers.example.org/topics/knowledge-transfer.atom",
    }


@pytest.mark.django_db
def test_papers_of_a_topic_come_in_pages(client: Client) -> None:
    topic = make_public_topic()
    for number in range(3):
        make_match(topic, make_full_paper(f"2603.0000{number}", title=f"Paper {number}", votes=number))
    first = client.get("/api/topics/knowledge-transfer/papers?limit=2&sort=trending")
    assert [item["title"] for item in first.json()] == ["Paper 2", "Paper 1"]
    assert first["Link"] == (
        '<http://testserver/api/topics/knowledge-transfer/papers?limit=2&sort=trending&p=1>; rel="next"'
    )
    second = client.get("/api/topics/knowledge-transfer/papers?limit=2&sort=trending&p=1")
    assert ([item["title"] for item in second.json()], second.has_header("Link")) == (["Paper 0"], False)
    assert client.get("/api/topics/knowledge-transfer/papers?p=9").json() == []
