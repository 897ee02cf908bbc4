"""The API beside the real one: its answers have the same shape, and one Broadsheet can follow another."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from digest.ingest.by_hand import Document, ingest
from digest.models import Paper, PaperIdentifier, Signal
from tests.digest.web.api.make import make_full_paper
from tests.make import NOON, make_identifier, make_paper

pytestmark = pytest.mark.django_db

CAPTURES = Path(__file__).parents[5] / "shared" / "data" / "hf_api"
OUR_OWN = {"url", "pageUrl", "pdfUrl", "doi", "votesGained", "trend", "attention", "topics"}


def kinds(item: dict[str, Any]) -> dict[str, str]:
    return {name: type(value).__name__ for name, value in item.items()}


def captured() -> list[dict[str, Any]]:
    files = sorted(CAPTURES.glob("*.json"))
    if not files:
        pytest.skip(f"needs real answers in {CAPTURES}")
    return [item for file in files for item in json.loads(file.read_text())]


def test_answers_have_fields_and_types_of_the_real_ones_and_our_own(client: Client) -> None:
    make_full_paper()
    (ours,), real = client.get("/api/daily_papers").json(), captured()
    outer = {name: kind for item in real for name, kind in kinds(item).items()}
    paper = {name: kind for item in real for name, kind in kinds(item["paper"]).items()}
    author = {
        name: kind for item in real for person in item["paper"]["authors"] for name, kind in kinds(person).items()
    }
    assert kinds(ours).items() <= outer.items()
    assert {name: kind for name, kind in kinds(ours["paper"]).items() if name not in OUR_OWN}.items() <= paper.items()
    assert kinds(ours["paper"]["authors"][0]).items() <= author.items()
    assert not OUR_OWN & paper.keys()


def test_times_are_written_as_in_the_real_answers(client: Client) -> None:
    make_full_paper()
    (ours,) = client.get("/api/daily_papers").json()
    pattern = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"
    for item in (ours, *captured()):
        for when in (item["publishedAt"], item["paper"]["publishedAt"], item["paper"]["submittedOnDailyAt"]):
            assert re.match(pattern, when), when


def followed(answer: bytes) -> None:
    """Forget all papers and read `answer`, as another installation would."""
    Paper.objects.all().delete()
    document = Document(answer, "https://papers.example.org/api/daily_papers", "application/json")
    assert ingest(document, now=NOON).skipped == ()


def told() -> list[Any]:
    """Return what is known of all papers, but for our own numbers and for whatever follows from more than an answer."""
    names = ("title", "abstract", "authors", "url", "pdf_url", "announced_on", "submitted_at")
    papers = Paper.objects.order_by("title")
    return [[getattr(paper, name) for name in names] for paper in papers]


def test_broadsheet_that_follows_another_gets_the_same_papers(client: Client) -> None:
    make_full_paper()
    journal = make_paper(
        title="Of a journal", url="https://journal.example.org/a/7", submitted_at=NOON, authors=["Bo Ek"]
    )
    make_identifier(journal, "10.5555/journal", "doi")
    page = make_paper(title="Of a page", url="https://lab.example.org/notes/7", submitted_at=NOON, authors=["Bo Ek"])
    make_identifier(page, page.url, "url")
    before = told()
    followed(client.get("/api/daily_papers").content)
    assert told() == before
    assert set(PaperIdentifier.objects.values_list("scheme", "value")) == {
        ("arxiv", "2603.00007"),
        ("doi", "10.5555/2603.00007"),
        ("doi", "10.5555/journal"),
        ("url", "https://journal.example.org/a/7"),
        ("url", "https://lab.example.org/notes/7"),
    }
    signals = Signal.objects.filter(paper__title__startswith="Moths")
    assert dict(signals.values_list("kind", "value")) == {"upvotes": 84, "comments": 5, "stars": 12}


def test_real_papers_come_back_from_our_answers_as_they_went_in(client: Client) -> None:
    captured()
    file = min(CAPTURES.glob("*.json"))
    followed(file.read_bytes())
    before = told()
    day = before[0][5]
    followed(client.get(f"/api/daily_papers?date={day}&limit=100").content)
    assert (len(before), told()) == (30, before)
