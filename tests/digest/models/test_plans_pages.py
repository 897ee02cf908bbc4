"""On PostgreSQL, with some ten thousand papers, what public pages and the API ask reads no table of many rows whole."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from pytest_django import DjangoDbBlocker

from digest.ingest.topic_days import count_days_due
from digest.models import Match, Paper, PaperIdentifier, PaperWords, Sighting, Signal
from tests.make import NOON, TODAY, make_identifier, make_match, make_paper, make_public, make_sighting, make_signal
from tests.many import analyze, multiply, scans

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="query plans need PostgreSQL: set DATABASE_URL"),
    pytest.mark.django_db,
]
PAPERS, TOPICS = 20_000, 200
MANY = {Paper, PaperIdentifier, PaperWords, Sighting, Signal, Match}


@pytest.fixture(scope="module", autouse=True)
def many(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Any:
    """Make papers of 200 days; of a hundred each, one has votes and one a trend; each belongs to one of many topics."""
    with django_db_blocker.unblock():
        topic, paper = make_public(slug="knowledge-transfer"), make_paper(index_due_at=None)
        day = f"date '{TODAY}' - (n / 100)::int"
        own = {"announced_on": day, "votes": "(n % 100 = 1)::int * n", "trend": "(n % 100 = 2)::int * n"}
        multiply(paper, PAPERS, **own)
        key = f"{paper.pk} + n"
        multiply(make_identifier(paper, "2603.00001"), PAPERS, paper_id=key, value="'2603.' || n + 10000")
        multiply(make_sighting(paper), PAPERS, paper_id=key, announced_on=day)
        multiply(make_signal(paper), PAPERS, paper_id=key)
        multiply(topic, TOPICS, query="'word' || n", slug="''")
        multiply(
            make_match(topic, paper), PAPERS, paper_id=key, announced_on=day, topic_id=f"{topic.pk} + n % {TOPICS}"
        )
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO digest_paperwords SELECT id, announced_on, 'word' || id % 500, 'paper',"
                " array_to_tsvector(ARRAY['word' || id % 500, 'paper']) FROM digest_paper"
            )
        analyze(*MANY, vacuum=True)
        yield
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE digest_paper, digest_topic, digest_source CASCADE")


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/date/2026-03-03",
        "/week/2026-W09",
        "/month/2026-02?page=40",
        "/trending",
        "/papers/2603.10050",
        "/topics/",
        "/topics/knowledge-transfer?page=2",
        "/topics/knowledge-transfer?order=best&period=week",
        "/search?q=word7",
        "/search?q=word7&order=newest",
        "/today.atom",
        "/api/daily_papers?month=2026-02&sort=publishedAt&p=10",
        "/api/topics",
        "/api/topics/knowledge-transfer/papers",
        "/api/papers/2603.10050",
        "/api/openapi.json",
        "/about",
    ],
)
def test_pages_read_indexes_alone(path: str, client: Client, django_assert_max_num_queries: Any) -> None:
    with time_machine.travel(NOON, tick=False), django_assert_max_num_queries(100) as asked:
        assert client.get(path).status_code == 200
    assert scans(asked, MANY) == []


def test_days_that_are_to_be_counted_are_found_by_an_index(django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(20) as asked:
        count_days_due(NOON + timedelta(hours=1), most=0)
    assert scans(asked, MANY) == []
