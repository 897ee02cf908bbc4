"""The front page in tests: its papers, and what it shows of them."""

import re
from typing import Any

from django.test import Client

from digest.models import Paper
from tests.make import make_paper, make_sighting, make_source


def page(client: Client) -> str:
    answer = client.get("/")
    assert answer.status_code == 200
    return answer.content.decode()


def make_trending(trend: float = 1, **given: Any) -> Paper:
    paper = make_paper(**{"trend": trend, "url": "https://papers.example.net/1"} | given)
    make_sighting(paper, make_source(name="Quiet feed"))
    return paper


def stories_of(shown: str) -> str:
    return shown[shown.index('<ol class="cards">') : shown.index("</ol>")]


def titles(shown: str) -> list[str]:
    return re.findall(r'<h2 class="title"><a href="/papers/[^"]+">(.*?)</a></h2>', shown)
