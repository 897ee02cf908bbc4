import re
from datetime import timedelta
from typing import Any
from urllib.robotparser import RobotFileParser

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from digest.models import Paper, Topic
from digest.web import crawlers
from tests.make import NOON, TODAY, make_identifier, make_paper, make_topic

pytestmark = pytest.mark.django_db


def in_map(client: Client) -> list[str]:
    answer = client.get("/sitemap.xml")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/xml")
    return re.findall(r"<loc>(.*?)</loc>", answer.content.decode())


@pytest.fixture
def rules(client: Client) -> RobotFileParser:
    answer = client.get("/robots.txt")
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/plain; charset=utf-8")
    parser = RobotFileParser()
    parser.parse(answer.content.decode().splitlines())
    return parser


@pytest.mark.parametrize(
    "path",
    ["/", "/date/2026-03-04", "/week/2026-W10", "/trending", "/topics/", "/topics/moths", "/search", "/papers/17",
     "/about", "/privacy", "/sign-up", "/api/docs", "/today.atom"],
)  # fmt: skip
def test_public_pages_are_open_to_crawlers(rules: RobotFileParser, path: str) -> None:
    assert rules.can_fetch("*", path)


@pytest.mark.parametrize(
    "path",
    ["/you/", "/preferences/1.abc/", "/preferences/1.abc/archive/", "/unsubscribe/1.abc", "/confirm/1.abc",
     "/address/1.abc", "/feeds/00000000-0000-0000-0000-000000000007.atom", "/accounts/login/", "/admin/", "/vote/7",
     "/submit", "/search?q=moths", "/topics/preview?topic=moths"],
)  # fmt: skip
def test_pages_of_readers_and_endless_ones_are_closed_to_crawlers(rules: RobotFileParser, path: str) -> None:
    assert not rules.can_fetch("*", path)


def test_crawlers_are_told_where_the_map_is(rules: RobotFileParser) -> None:
    assert rules.site_maps() == ["https://papers.example.org/sitemap.xml"]


def test_map_has_the_pages_the_days_the_topics_and_the_papers(client: Client) -> None:
    make_identifier(make_paper(), "2603.00001")
    make_identifier(make_paper(announced_on=TODAY - timedelta(days=30), votes=3), "2602.00001")
    Topic.objects.filter(pk=make_topic("moths").pk).update(slug="moths")
    root = "https://papers.example.org"
    found = in_map(client)
    assert f"{root}/" in found
    assert {f"{root}/{path}" for path in ("trending", "topics/", "search", "sign-up", "about", "privacy")} <= set(found)
    assert [path.removeprefix(root) for path in found if re.search("/(date|week|month|topics|papers)/.", path)] == [
        "/date/2026-03-04",
        "/date/2026-02-02",
        "/week/2026-W10",
        "/week/2026-W06",
        "/month/2026-03",
        "/month/2026-02",
        "/topics/moths",
        "/papers/2603.00001",
    ]


def test_map_leaves_out_what_is_hidden_old_or_to_come(client: Client) -> None:
    make_paper(hidden_at=NOON)
    make_paper(withdrawn_at=NOON, votes=3)
    make_paper(announced_on=TODAY - timedelta(days=61))
    make_paper(announced_on=TODAY + timedelta(days=1))
    assert not [path for path in in_map(client) if "/date/" in path or "/papers/" in path]


def test_map_is_bounded_and_takes_the_same_queries_for_many_papers(
    client: Client, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    monkeypatch.setattr(crawlers, "MOST_PAPERS", 4)
    make_paper(votes=1)
    with django_assert_num_queries(7) as asked:
        in_map(client)
    Paper.objects.bulk_create([Paper(title=f"Method {number}", announced_on=TODAY) for number in range(9)])
    with django_assert_num_queries(len(asked)):
        found = in_map(client)
    assert len([path for path in found if "/papers/" in path]) == 4


def test_addresses_in_the_map_are_those_of_the_site_whoever_asks(client: Client, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    answer = client.get("/sitemap.xml", headers={"host": "elsewhere.example"})
    assert "elsewhere" not in answer.content.decode()
