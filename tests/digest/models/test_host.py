from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from digest.models import Host, Source
from digest.models.host import DEFAULT_GAP
from tests.make import NOON, make_source

pytestmark = pytest.mark.django_db


def test_limits_that_come_with_the_installation() -> None:
    assert dict(Host.objects.values_list("name", "gap_seconds")) == {"*": 1.0, "arxiv.org": 3.0}


@pytest.mark.parametrize(
    ("host", "lane"),
    [
        ("rss.arxiv.org", "arxiv.org"),
        ("arxiv.org", "arxiv.org"),
        ("notarxiv.org", "notarxiv.org"),
        ("feeds.example.org", "feeds.example.org"),
        ("a.slow.example.net", "slow.example.net"),
        ("*", "*"),
        ("", ""),
    ],
)
def test_lane_is_the_longest_name_with_a_limit(host: str, lane: str) -> None:
    Host.objects.create(name="slow.example.net", gap_seconds=5)
    Host.objects.create(name="example.net", gap_seconds=2)
    Host.objects.create(name="example.org")  # states no limit: it was asked once
    assert Host.objects.lanes([host]) == {host: lane}


@pytest.mark.parametrize(("lane", "gap"), [("arxiv.org", 3.0), ("example.org", 1.0), ("free.example.org", 0.0)])
def test_gap_is_the_lanes_own_or_that_of_any_host(lane: str, gap: float) -> None:
    Host.objects.create(name="example.org")
    Host.objects.create(name="free.example.org", gap_seconds=0)
    assert Host.objects.gap(lane) == gap


def test_gap_without_any_row_is_the_default() -> None:
    Host.objects.all().delete()
    assert Host.objects.gap("example.org") == DEFAULT_GAP


def test_closed_host_stays_closed_for_the_longest_time_that_was_asked_for() -> None:
    for hours in (2, 5, 1):
        Host.objects.close("example.org", until=NOON + timedelta(hours=hours))
    assert Host.objects.get(name="example.org").closed_until == NOON + timedelta(hours=5)


@pytest.mark.parametrize("bad", [{"name": "*"}, {"name": "new.example.org", "gap_seconds": -1}])
def test_host_that_makes_no_sense_is_refused_by_the_database(bad: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Host.objects.create(**bad)


def test_sources_of_a_closed_lane_come_due_no_sooner() -> None:
    Host.objects.create(name="papers.example.org", gap_seconds=3)
    until = NOON + timedelta(hours=2)
    urls = {
        "https://a.papers.example.org/1": until,
        "https://b.papers.example.org/2": until,
        "https://example.org/3": NOON,
        "https://nopapers.example.org/4": NOON,
    }
    for url in urls:
        make_source(url=url, next_check_at=NOON)
    later = make_source(url="https://papers.example.org/5", next_check_at=until + timedelta(hours=1))
    Host.objects.close("papers.example.org", until=until)
    assert dict(Source.objects.exclude(pk=later.pk).values_list("url", "next_check_at")) == urls
    later.refresh_from_db()
    assert later.next_check_at == until + timedelta(hours=1)
