"""The three real topic pages in one database, searched with `manage.py match`: each topic finds its own page."""

import json
from io import StringIO
from math import log2
from pathlib import Path

import pytest
from django.core.management import call_command

from digest.models import Paper

PAGES = Path(__file__).parents[2].parent / "shared" / "data" / "hf_topic_pages"
QUERIES = {"000": "transfer adaptation", "002": "adaptive instance normalization", "003": "knowledge transfer"}
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not PAGES.exists(), reason="needs the real input of ../shared/data"),
]


def average_precision(found: list[bool], relevant: int) -> float:
    hits = [rank for rank, belongs in enumerate(found, start=1) if belongs]
    return sum(count / rank for count, rank in enumerate(hits, start=1)) / relevant


def ndcg(found: list[bool], relevant: int, depth: int = 20) -> float:
    gain = sum(belongs / log2(rank + 1) for rank, belongs in enumerate(found[:depth], start=1))
    return gain / sum(1 / log2(rank + 1) for rank in range(1, min(relevant, depth) + 1))


def searched(query: str) -> list[int]:
    """Return the papers that the command finds, by title, best first."""
    out = StringIO()
    call_command("match", query, "--limit", "0", "--json", stdout=out)
    keys = dict(Paper.objects.values_list("title", "pk"))
    return [keys[json.loads(line)["title"]] for line in out.getvalue().splitlines()]


def test_match_finds_the_papers_of_each_topic_page() -> None:
    for page in sorted(PAGES.glob("*.txt")):
        call_command("ingest", str(page), stdout=StringIO())
    precisions, gains = [], []
    for name, query in QUERIES.items():
        relevant = set(Paper.objects.filter(sightings__source__url__contains=f"{name}_").values_list("pk", flat=True))
        assert len(relevant) > 200
        found = [key in relevant for key in searched(query)]
        precisions.append(average_precision(found, len(relevant)))
        gains.append(ndcg(found, len(relevant)))
    assert len({*Paper.objects.values_list("title", "abstract")}) == Paper.objects.count()
    assert sum(precisions) / 3 >= 0.77
    assert sum(gains) / 3 >= 0.95
