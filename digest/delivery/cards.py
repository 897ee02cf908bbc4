"""Reads papers as the cards that mails and pages show. What a card says of one reader is added by who shows it."""

from django.db import models
from django.db.models import Prefetch

from digest.delivery.content import Card
from digest.models import Paper, Sighting

AUTHORS_SHOWN = 3


def read_cards(papers: models.QuerySet[Paper]) -> dict[int, Card]:
    """Return the card of each of `papers`, in two queries."""
    first_seen = Prefetch("sightings", Sighting.objects.select_related("source").order_by("pk"))
    return {paper.pk: _card(paper) for paper in papers.prefetch_related(first_seen)}


def _card(paper: Paper) -> Card:
    sightings = list(paper.sightings.all())
    return Card(
        paper=paper.pk,
        title=paper.title,
        abstract=paper.abstract,
        authors=tuple(paper.authors[:AUTHORS_SHOWN]),
        author_count=max(paper.author_count, len(paper.authors)),
        source=paper.venue or (sightings[0].source.name if sightings else ""),
        announced_on=paper.announced_on or paper.created_at.date(),
        url=paper.url,
        pdf_url=paper.pdf_url,
        attention=paper.attention,
    )
