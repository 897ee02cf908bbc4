"""What is typed into the search, and what papers are called, by somebody who means harm."""

import pytest
from django.test import Client
from django.utils import timezone

from digest.ingest.index import index_due
from tests.make import make_paper

pytestmark = pytest.mark.django_db

HOSTILE = [
    "<script>alert(7)</script>",
    '"><img src=x onerror=alert(7)>',
    "cat:<b>",
    "'+alert(7)+'",
    "\u202egnivaew teksab",
    "moths " + "x" * 290,
    "x" * 10_000,
    "{{ 7|add:7 }} {% debug %}",
    "-" * 300,
    '"' * 299,
    "%00 %s %(x)s \\",
    "a\u0301" * 100,
    "https://[broken",
    "https://papers.example.org/papers/../../etc/passwd",
    "10.5555/<script>alert(7)</script>",
    "' OR 1=1 --",
    "moths* NEAR(a b) OR ^x: & | !",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("path", ["/search", "/search/estimate", "/search.atom"])
def test_hostile_query_does_no_harm(client: Client, path: str, text: str) -> None:
    make_paper(title=text[:900], abstract=text)
    index_due(timezone.now())
    answer = client.get(path, {"q": text})
    page = answer.content.decode()
    assert answer.status_code in (200, 400)
    if not answer["Content-Type"].startswith("text/plain"):
        assert "<script>alert" not in page
        assert "<img" not in page
        assert "<b>" not in page
        assert "\u202e" not in page


@pytest.mark.parametrize(
    ("title", "query", "expected"),
    [
        ("<script>alert(1)</script>", "script", "&lt;<mark>script</mark>&gt;alert(1)&lt;/<mark>script</mark>&gt;"),
        ("Bounds for $\\alpha$-mixing", '"alpha mixing"', "Bounds for <mark>α-mixing</mark>"),
        ("\\emph{Moths} {\\bf at} lamps", '"moths at lamps"', "<mark>Moths at lamps</mark>"),
        ("Nai\u0308ve moths", "naive", "<mark>Nai\u0308ve</mark> moths"),
        ("x" * 900 + " moths", "moths", "x" * 900 + " <mark>moths</mark>"),
    ],
)
def test_marks_hold_in_hostile_titles(client: Client, title: str, query: str, expected: str) -> None:
    make_paper(title=title, abstract=title)
    index_due(timezone.now())
    assert f">{expected}</a></h2>" in client.get("/search", {"q": query}).content.decode()
