"""What answers look like: as those of the Hugging Face papers API, with a few fields of our own that disturb no client.

A field that does not apply is left out, never null. Times are in UTC, with milliseconds, as they stand there. Our own:
`url`, `pageUrl`, `pdfUrl`, `doi`, `votesGained`, `trend`, `attention`, `topics`.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Annotated, Any

from django.conf import settings
from django.db.models import OuterRef, Subquery
from django.urls import reverse
from ninja import Field, Schema

from digest.models import Paper, PaperIdentifier, Signal
from digest.models.paper_address import public_ids
from digest.sources.listing import Scheme, SignalKind
from digest.templatetags.papers import weblink
from digest.web.stories import TOPICS_SHOWN, TopicLink, topics_of

Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
Address = Annotated[str, Field(json_schema_extra={"format": "uri"})]


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.title, others))


class Shape(Schema):
    model_config = {"alias_generator": _camel, "populate_by_name": True, "extra": "forbid"}


class Author(Shape):
    name: str = Field(description="As the source writes it.")
    hidden: bool = Field(description="Always false: nobody is hidden here.")


class PaperTopic(Shape):
    """A topic of the catalogue that the paper belongs to."""

    slug: str = Field(description="What addresses call it.")
    label: str = Field(description="What people call it.")
    score: float = Field(ge=0, le=1, description="How well it fits.")
    why: str = Field(description="Why it belongs to the topic, in words.")


class PaperJson(Shape):
    id: str = Field(description="Its arXiv id, or else its DOI, or else a number of this installation.")
    authors: list[Author] = Field(description="In order; at most 500.")
    published_at: Moment = Field(
        description="When it was submitted; where nobody says so, the day of its announcement."
    )
    submitted_on_daily_at: Moment | None = Field(None, description="The day on which it was announced.")
    title: str = Field(description="As its source writes it: mathematics may be TeX.")
    summary: str = Field(description="The abstract, as its source writes it.")
    upvotes: int = Field(ge=0, description="Votes: of its sources and of readers here.")
    github_stars: int | None = Field(None, ge=0, description="The latest total, where a source has told it.")
    url: str | None = Field(None, description="Its page at its publisher.")
    page_url: Address = Field(description="Its page here.")
    pdf_url: str | None = Field(None, description="The PDF.")
    doi: str | None = Field(None, description="Its DOI, in lower case.")
    votes_gained: int = Field(ge=0, description="Votes gained since yesterday.")
    trend: float = Field(ge=0, description="How much attention it gains now; 0 where it gains none.")
    attention: str | None = Field(None, description="The same in words.")
    topics: list[PaperTopic] = Field(description="Topics that it belongs to, the best first; in lists at most three.")


class PaperInfo(PaperJson):
    num_comments: int = Field(ge=0, description="Comments that its sources count.")


class DailyPaper(Shape):
    paper: PaperJson = Field(description="What is known of the paper.")
    published_at: Moment = Field(description="The day on which it was announced: when it came into the daily papers.")
    title: str = Field(description="As in paper.")
    summary: str = Field(description="As in paper.")
    num_comments: int = Field(ge=0, description="Comments that its sources count.")


class TopicJson(Shape):
    slug: str = Field(description="What addresses call it.")
    label: str = Field(description="What people call it.")
    group: str | None = Field(None, description="Where it stands in the catalogue.")
    description: str | None = Field(None, description="What it is about.")
    query: str = Field(description="In the language of the search.")
    papers_per_week: int = Field(ge=0, description="How many papers belonged to it in the last seven whole days.")
    url: Address = Field(description="Its page here.")
    feed: Address = Field(description="Its Atom feed.")


class Problem(Schema):
    error: str = Field(description="What is wrong, in words.")


def daily(papers: Sequence[Paper]) -> list[DailyPaper]:
    """Return each paper as lists have it, in as many queries for many as for one."""
    return [
        DailyPaper(
            paper=PaperJson(**fields),
            published_at=_moment(paper.announced_on or paper.created_at),
            title=paper.title,
            summary=paper.abstract,
            num_comments=paper.comments,
        )
        for paper, fields in zip(papers, _fields(papers, TOPICS_SHOWN), strict=True)
    ]


def info(paper: Paper) -> PaperInfo:
    """Return one paper as it stands alone."""
    (fields,) = _fields([paper], None)
    return PaperInfo(**fields, num_comments=paper.comments)


def _fields(papers: Sequence[Paper], most_topics: int | None) -> list[dict[str, Any]]:
    keys = [paper.pk for paper in papers]
    names, topics, dois, stars = public_ids(keys), topics_of(keys), _dois(keys), _stars(keys)
    return [
        {
            "id": names[paper.pk],
            "authors": [Author(name=name, hidden=False) for name in paper.authors],
            "published_at": _moment(paper.submitted_at or paper.announced_on or paper.created_at),
            "submitted_on_daily_at": _moment(paper.announced_on) if paper.announced_on else None,
            "title": paper.title,
            "summary": paper.abstract,
            "upvotes": paper.votes,
            "github_stars": stars.get(paper.pk),
            "url": weblink(paper.url) or None,
            "page_url": settings.SITE_URL + reverse("paper", args=[names[paper.pk]]),
            "pdf_url": weblink(paper.pdf_url) or None,
            "doi": dois.get(paper.pk),
            "votes_gained": paper.gained,
            "trend": round(paper.trend, 4),
            "attention": paper.attention or None,
            "topics": [_topic(topic) for topic in topics[paper.pk][:most_topics]],
        }
        for paper in papers
    ]


def _topic(topic: TopicLink) -> PaperTopic:
    return PaperTopic(slug=topic.slug, label=topic.label, score=round(topic.score, 4), why=topic.why)


def _dois(papers: Sequence[int]) -> dict[int, str]:
    """Return the DOI of each paper that has one: the first that it got."""
    named = PaperIdentifier.objects.filter(paper__in=papers, scheme=Scheme.DOI).order_by("-pk")
    return dict(named.values_list("paper_id", "value"))


def _stars(papers: Sequence[int]) -> dict[int, int]:
    """Return the latest number of stars of each paper that has a repository."""
    told = Signal.objects.filter(paper=OuterRef("pk"), kind=SignalKind.STARS).order_by("-observed_at")
    found = Paper.objects.filter(pk__in=papers).annotate(stars=Subquery(told.values("value")[:1]))
    return dict(found.exclude(stars=None).values_list("pk", "stars"))


def _moment(when: date | datetime) -> str:
    """Return a time, or the beginning of a day, as 2026-03-04T12:00:00.000Z."""
    if not isinstance(when, datetime):
        when = datetime.combine(when, time(0), tzinfo=UTC)
    return when.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
