from typing import Any

import pytest
from django.test import Client

from digest.ingest.sample import samples
from digest.models import Topic
from digest.web import search
from tests.make import make_paper

pytestmark = pytest.mark.django_db

HTMX = {"hx-request": "true"}


def estimate(client: Client, text: str, **given: Any) -> str:
    answer = client.get("/search/estimate", {"q": text}, **given)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    return answer.content.decode()


def test_estimate_says_how_many_papers_a_day(client: Client) -> None:
    for place in range(14):
        make_paper(title=f"Basket weaving {place}")
    piece = estimate(client, "basket weaving", headers=HTMX)
    assert "As a topic it would bring <strong>about " in piece
    assert "<html" not in piece
    assert not Topic.objects.exists()


def test_without_javascript_it_is_a_page_with_a_way_back(client: Client) -> None:
    make_paper(title="Basket weaving")
    page = estimate(client, 'basket "weaving"')
    assert "<h1>What this would bring as a topic</h1>" in page
    assert "As a topic it would bring" in page
    assert '<a href="/search?q=basket+%22weaving%22">Back to the search</a>' in page
    assert 'content="noindex"' in page


def test_broad_search_comes_with_ways_to_narrow_it(client: Client) -> None:
    for place in range(40):
        make_paper(title="Basket weaving", categories=[("cs.CL", "cs.LG")[place % 2]])
    page = estimate(client, "basket weaving")
    assert '<a class="suggestion" href="/search?q=basket%20weaving%20cat%3Acs.CL">in cs.CL</a>' in page


def test_before_the_papers_are_read_it_asks_again(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samples, "current", lambda wait: None)
    assert 'data-hx-get="/search/estimate?q=a%26b%20%22c%20d%22"' in estimate(client, 'a&b "c d"', headers=HTMX)


@pytest.mark.parametrize(
    ("text", "said"), [("", "Name a topic first"), ('"half', "has no partner"), ("baskets", "No papers have come in")]
)
def test_what_cannot_be_said_is_said_calmly(client: Client, text: str, said: str) -> None:
    assert said in estimate(client, text)


def test_too_many_are_answered_calmly(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "RATE", "1/minute")
    answers = [client.get("/search/estimate", {"q": "x"}, REMOTE_ADDR="203.0.113.7") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert "rests for a minute" in answers[1].content.decode()
