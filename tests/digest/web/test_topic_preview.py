from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import HttpResponse
from django.test import Client

from digest.ingest.sample import samples
from digest.models import Topic
from digest.web import topic_preview as module
from tests.make import make_paper

pytestmark = pytest.mark.django_db


def preview(client: Client, text: str, name: str = "topic", **more: Any) -> Any:
    return client.get("/topics/preview", {name: text}, **more)


def test_preview_shows_how_many_and_the_best_papers(client: Client) -> None:
    make_paper(title="Basket weaving", venue="Journal of Baskets")
    page = preview(client, "basket weaving", "topics").content.decode()
    assert "<strong>About one paper a day.</strong>" in page
    assert "Journal of Baskets" in page
    assert "4 March" in page
    assert "matches basket weaving" in page
    assert "<html" not in page


def test_preview_makes_no_topic_and_sets_no_cookie(client: Client) -> None:
    make_paper(title="Basket weaving")
    answer = preview(client, "basket weaving")
    assert not Topic.objects.exists()
    assert answer.cookies == {}
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("text", ["", "   ", "\t\n"])
def test_empty_input_empties_the_preview(client: Client, text: str) -> None:
    assert preview(client, text).content == b""
    assert client.get("/topics/preview").content == b""


def test_post_is_refused(client: Client) -> None:
    assert client.post("/topics/preview", {"topic": "x"}).status_code == 405


def test_what_cannot_be_read_is_said_calmly(client: Client) -> None:
    answer = preview(client, '"half')
    assert answer.status_code == 200
    assert "has no partner" in answer.content.decode()


def test_without_papers_it_says_so(client: Client) -> None:
    assert "nothing to try this on yet" in preview(client, "baskets").content.decode()


def test_before_the_papers_are_read_it_asks_again(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samples, "current", lambda wait: None)
    page = preview(client, 'a&b "c d"').content.decode()
    assert "Reading the papers of the last days" in page
    assert 'data-hx-get="/topics/preview?topic=a%26b%20%22c%20d%22"' in page


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "cat:<b>",
        "'+alert(1)+'",
        "null\x00byte",
        "\u202egnivaew teksab",
        "x" * 10_000,
        "\ud7ff\uffff",
        "{{ 7|add:7 }} {% debug %}",
        "-" * 300,
        '"' * 299,
    ],
)
def test_hostile_text_does_no_harm(client: Client, text: str) -> None:
    make_paper(title="Script of an alert", abstract="alert script")
    answer = preview(client, text)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "<script" not in page
    assert "<img" not in page
    assert "<b>" not in page
    assert "\u202e" not in page
    assert "\x00" not in page
    assert len(page) < 5000


def test_hostile_papers_do_no_harm(client: Client) -> None:
    evil = "Basket weaving, basket weaving <script>alert(1)</script> \u202e"
    for place in range(40):
        make_paper(title=evil, venue="<b>Venue</b>", categories=[f"<i>{place % 2}"])
    page = preview(client, "basket weaving").content.decode()
    assert "<script" not in page
    assert "<b>" not in page
    assert "<i>" not in page
    assert "\u202e" not in page
    assert "&lt;script&gt;" in page
    assert "in &lt;i&gt;1</button>" in page


def test_too_many_are_answered_calmly(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RATE", "2/minute")
    answers: list[HttpResponse] = [preview(client, "baskets", REMOTE_ADDR="203.0.113.7") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert "rests for a minute" in answers[-1].content.decode()
    assert preview(client, "baskets", REMOTE_ADDR="203.0.113.8").status_code == 200
    assert preview(client, "", REMOTE_ADDR="203.0.113.7").status_code == 200


@pytest.mark.parametrize("number", [1, 3])
def test_preview_takes_the_same_queries_however_many_papers(
    number: int, client: Client, settings: Any, django_assert_num_queries: Any
) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}  # takes no queries
    for _ in range(number):
        make_paper(title="Basket weaving")
    preview(client, "basket weaving")
    with django_assert_num_queries(4):
        page = preview(client, "basket weaving").content.decode()
    assert page.count("<li>") == number


def test_only_the_first_parameter_counts(client: Client) -> None:
    query = urlencode([("topics", '"half'), ("other", "baskets")])
    assert "has no partner" in client.get(f"/topics/preview?{query}").content.decode()
