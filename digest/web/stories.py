"""Stories: papers as the public pages, feeds and lists show them, in the order given.

A story is the card that mails show too, with what only a page has room for: its place, votes, topics, own address.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import prefetch_related_objects
from django.urls import reverse

from digest.delivery.cards import card_of, chosen
from digest.delivery.content import Card
from digest.models import Match, Paper, Topic
from digest.models.paper_address import public_ids
from digest.models.sighting import first_seen

TOPICS_SHOWN = 3  # of one paper: those it fits best


@dataclass(frozen=True, slots=True)
class TopicLink:
    """A topic of the catalogue that a paper belongs to, how well (0 to 1) and why."""

    label: str
    slug: str
    score: float
    why: str

    @property
    def path(self) -> str:
        return reverse("topic_page", args=[self.slug])


@dataclass(frozen=True, slots=True)
class Story:
    """`rank` is the place in the list, from 1. `gained` are the votes since yesterday.

    `staff_note` says why staff feature the paper; the attention of the card has it too, for feeds and programs.
    """

    card: Card
    rank: int
    public_id: str
    votes: int
    gained: int
    comments: int
    topics: tuple[TopicLink, ...]
    is_featured: bool
    staff_note: str

    @property
    def path(self) -> str:
        return reverse("paper", args=[self.public_id])

    @property
    def others(self) -> list[TopicLink]:
        """The topics that the card does not name by itself: on the page of a topic, all others."""
        return [topic for topic in self.topics if topic.label not in self.card.topics]


def stories(papers: Sequence[Paper], *, today: date, first_rank: int = 1) -> list[Story]:
    """Return the story of each paper, in as many queries for many papers as for one."""
    prefetch_related_objects(papers, first_seen())
    keys = [paper.pk for paper in papers]
    names, topics = public_ids(keys), topics_of(keys)
    return [
        Story(
            card=_with_words_of_staff(paper, today),
            rank=rank,
            public_id=names[paper.pk],
            votes=paper.votes,
            gained=paper.gained,
            comments=paper.comments,
            topics=tuple(topics[paper.pk][:TOPICS_SHOWN]),
            is_featured=paper.is_featured(today),
            staff_note=paper.staff_note,
        )
        for rank, paper in enumerate(papers, first_rank)
    ]


def topics_of(papers: Collection[int]) -> dict[int, list[TopicLink]]:
    """Return the topics of the catalogue that each of `papers` belongs to, the best first; one query."""
    found: dict[int, list[TopicLink]] = defaultdict(list)
    matches = Match.objects.filter(paper__in=papers, topic__in=Topic.objects.public())
    for match in matches.select_related("topic").order_by("-score", "topic_id"):
        found[match.paper_id].append(TopicLink(match.topic.label, match.topic.slug, match.score, match.why))
    return found


def _with_words_of_staff(paper: Paper, today: date) -> Card:
    card = card_of(paper)
    return chosen(card, paper.staff_note) if paper.is_featured(today) else card
