"""Papers as the API answers them, and hostile ones."""

from datetime import UTC, date, datetime
from typing import Any

from digest.models import Paper, Topic
from tests.make import TODAY, make_identifier, make_match, make_paper, make_signal, make_topic

SUBMITTED = datetime(2026, 3, 2, 17, 30, 15, 123000, tzinfo=UTC)
HOSTILE = "</script><b>\"'&amp;\\ {{ 7 }} %00 $a<b$ \u202e\U0001f4a9 "


def make_public_topic(query: str = "knowledge transfer", slug: str = "knowledge-transfer", **given: Any) -> Topic:
    topic = make_topic(query)
    Topic.objects.filter(pk=topic.pk).update(slug=slug, group="Learning", **given)
    topic.refresh_from_db()
    return topic


def make_full_paper(arxiv: str = "2603.00007", **given: Any) -> Paper:
    """Make a paper of which everything is known."""
    stated = {
        "title": "Moths and $\\alpha$ light",
        "abstract": "Why moths circle $\\alpha$ light.",
        "authors": ["Ada Lindqvist", "Bo Ek"],
        "url": f"https://arxiv.org/abs/{arxiv}",
        "pdf_url": f"https://arxiv.org/pdf/{arxiv}",
        "submitted_at": SUBMITTED,
        "votes": 84,
        "gained": 31,
        "comments": 5,
        "trend": 7.25,
        "attention": "84 upvotes, +31 since yesterday",
    }
    paper = make_paper(**stated | given)
    make_identifier(paper, arxiv)
    make_identifier(paper, f"10.5555/{arxiv}", "doi")
    make_signal(paper, 3, kind="stars", observed_at=SUBMITTED)
    make_signal(paper, 12, kind="stars")
    return paper


def make_hostile(day: date = TODAY) -> list[Paper]:
    """Make papers whose every word tries to break out, and that are known by awkward names."""
    names = [("10.1002/(sici)1097<1::aid-x>3.0;2-#?a=b", "doi"), ("hep-th/9901001", "arxiv"), ("", "")]
    papers = []
    for value, scheme in names:
        paper = make_paper(
            title=f"{HOSTILE}{value}",
            abstract=HOSTILE * 50,
            authors=[HOSTILE] * 3,
            url="javascript:alert(7)",
            pdf_url='https://[broken"',
            announced_on=day,
            attention=HOSTILE,
            trend=1e9,
        )
        make_match(make_public_topic('"moths"', "moths"), paper, why=HOSTILE)
        if value:
            make_identifier(paper, value, scheme)
        papers.append(paper)
    return papers
