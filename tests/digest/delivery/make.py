"""Cards and digests as `compose` would give them, without a database. All papers are invented."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from digest.delivery.content import Card, DigestContent, Section

DAY = date(2026, 3, 4)
SENT_AT = datetime(2026, 3, 4, 7, 3, tzinfo=UTC)
KEY = "00112233445566778899aabbccddeeff"

ABSTRACT = (
    "Students are usually trained on what their teacher says. We train them on what it nearly said: the second, third "
    "and fourth choices, weighted by how close they came. On eleven tasks the small model keeps most of what the large "
    "one knows, and fails in the same places, which makes its failures easy to foresee."
)


def make_card(number: int = 1, **given: Any) -> Card:
    stated: dict[str, Any] = {
        "paper": number,
        "title": f"What the teacher nearly said, part {number}",
        "abstract": ABSTRACT,
        "authors": ("Maren Oldenkotte", "Tuomas Rautiainen", "Ifeoma Okonjo", "Zoë Łukasik"),
        "author_count": 8,
        "source": "arXiv",
        "announced_on": DAY,
        "url": f"https://arxiv.org/abs/2603.{number:05}",
        "pdf_url": f"https://arxiv.org/pdf/2603.{number:05}",
        "topics": ("knowledge transfer",),
        "why": "“knowledge transfer” in the title",
        "attention": "84 upvotes, +31 since yesterday",
    }
    return Card(**stated | given)


def make_section(topic: str = "knowledge transfer", *, papers: int = 3, first: int = 1, **given: Any) -> Section:
    given = {"topics": (topic,)} | given
    return Section(topic, tuple(make_card(number, **given) for number in range(first, first + papers)))


def make_trending(papers: int = 5, first: int = 901) -> tuple[Card, ...]:
    return tuple(make_card(number, topics=(), why="") for number in range(first, first + papers))


def make_content(*sections: Section, **given: Any) -> DigestContent:
    stated: dict[str, Any] = {
        "key": KEY,
        "email": "reader@lab.example.org",
        "edition": DAY,
        "topics": tuple(section.topic for section in sections or (make_section(),)),
        "sections": sections or (make_section(),),
        "trending": make_trending(),
        "announced": 1204,
        "since": DAY - timedelta(days=1),
        "preferences_url": "https://papers.example.org/preferences/17:1vYx2A:cHJlZmVyZW5jZXM/",
        "unsubscribe_url": "https://papers.example.org/unsubscribe/17.dW5zdWJzY3JpYmUtdG9rZW4",
        "archive_url": "https://papers.example.org/preferences/17:1vYx2A:cHJlZmVyZW5jZXM/archive/2026-03-04/",
        "home_url": "https://papers.example.org/",
    }
    return DigestContent(**stated | given)
