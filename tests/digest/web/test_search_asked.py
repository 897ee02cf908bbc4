import pytest
from django.http import QueryDict
from django.test import Client

from digest.models import PaperIdentifier
from digest.sources.listing import Scheme
from digest.web.search_asked import LONGEST_ADDRESS, NO_PAGE, Asked, named_paper
from tests.make import make_identifier, make_paper

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("", Asked("")),
        ("q=moths", Asked("moths")),
        ("q=+moths%0A%00+at++lamps+&x=1", Asked("moths at lamps")),
        ("q=moths&order=newest&page=3", Asked("moths", "newest", 3)),
        ("q=moths&order=worst&page=03", Asked("moths", "best", NO_PAGE)),
        ("q=first&q=last&page=10000", Asked("last", "best", NO_PAGE)),
        ("q=%E2%80%AEmoths&page=", Asked("moths", "best", NO_PAGE)),
    ],
)
def test_parameters_are_read(typed: str, expected: Asked) -> None:
    assert Asked.read(QueryDict(typed)) == expected


def test_address_has_one_spelling() -> None:
    asked = Asked('a&b "c" é', "newest", 3)
    assert asked.path() == "/search?q=a%26b+%22c%22+%C3%A9&order=newest"
    assert asked.path(page=2) == "/search?q=a%26b+%22c%22+%C3%A9&order=newest&page=2"
    assert asked.best_path == "/search?q=a%26b+%22c%22+%C3%A9"
    assert Asked("moths").newest_path == "/search?q=moths&order=newest"
    assert asked.feed_path == "/search.atom?q=a%26b+%22c%22+%C3%A9"


def test_very_long_text_is_no_name() -> None:
    assert named_paper(f"https://arxiv.org/abs/2603.00001?{'x' * LONGEST_ADDRESS}") is None


@pytest.mark.parametrize(
    "text",
    [
        "2603.00001",
        "2603.00001v3",
        "arXiv:2603.00001",
        "arXiv: 2603.00001",
        "https://arxiv.org/abs/2603.00001v2",
        "http://arxiv.org/pdf/2603.00001.pdf",
        "huggingface.co/papers/2603.00001",
        "10.48550/arXiv.2603.00001",
        "10.5555/moths.7",
        "doi: 10.5555/MOTHS.7",
        "https://doi.org/10.5555/moths.7",
        "https://publisher.example.net/doi/10.5555/moths.7/full",
        "https://journal.example.net/moths?utm_source=mail",
        "https://papers.example.org/papers/2603.00001",
        "https://papers.example.org/papers/10.5555/moths.7",
    ],
)
def test_what_a_paper_is_known_by_leads_to_it(client: Client, text: str) -> None:
    paper = make_paper()
    make_identifier(paper, "2603.00001")
    make_identifier(paper, "10.5555/moths.7", Scheme.DOI)
    make_identifier(paper, "https://journal.example.net/moths", Scheme.URL)
    answer = client.get("/search", {"q": f"  {text} "})
    assert (answer.status_code, answer.headers.get("Location")) == (302, "/papers/2603.00001")


@pytest.mark.parametrize("text", ["7", "2026", "moths 10.5555/moths.7", "https://papers.example.org/papers/x"])
def test_what_is_no_name_of_a_paper_is_searched(client: Client, text: str) -> None:
    paper = make_paper(pk=7)
    PaperIdentifier.objects.create(paper=paper, scheme=Scheme.DOI, value="10.5555/moths.7")
    assert client.get("/search", {"q": text}).status_code == 200


@pytest.mark.parametrize("text", ["2603.99999", "10.5555/unknown", "https://arxiv.org/abs/2603.99999"])
def test_paper_that_is_not_here_is_said(client: Client, text: str) -> None:
    page = client.get("/search", {"q": text}).content.decode()
    assert f"No paper that has come in is known by “{text}”." in page
