"""Reads papers as the cards that mails and pages show. What a card says of one reader is added by who shows it."""

from dataclasses import replace

from django.conf import settings
from django.db import models

from digest.delivery.content import Card
from digest.models import Paper
from digest.models.sighting import first_seen

AUTHORS_SHOWN = 3


def chosen(card: Card, note: str) -> Card:
    """Return the card of a paper that staff feature, with the reason that they gave before its attention."""
    said = f"chosen by {settings.CURATOR}: {note}"
    return replace(card, attention=" · ".join(filter(None, [said, card.attention])))


def read_cards(papers: models.QuerySet[Paper]) -> dict[int, Card]:
    """Return the card of each of `papers`, in two queries."""
    return {paper.pk: card_of(paper) for paper in papers.prefetch_related(first_seen())}


def card_of(paper: Paper) -> Card:
    """Return the card of a paper that was read with `first_seen`."""
    return Card(
        paper=paper.pk,
        title=paper.title,
        abstract=paper.abstract,
        authors=tuple(paper.authors[:AUTHORS_SHOWN]),
        author_count=max(paper.author_count, len(paper.authors)),
        source=paper.source_name,
        announced_on=paper.announced_on or paper.created_at.date(),
        url=paper.url,
        pdf_url=paper.pdf_url,
        attention=paper.attention,
    )
