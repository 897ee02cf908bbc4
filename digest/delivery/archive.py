"""Digests of past days, put together again from what the ledger keeps: the papers of each, under its topics.

A paper that became one with another, was withdrawn or hidden since is left out. A card says why the paper was chosen as
long as the match is kept; the attention of today is not the attention of that day, and is left out.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from digest.delivery.cards import read_cards
from digest.delivery.content import Card, Section
from digest.models import Digest, Match, Paper, Topic

OTHERS = "Other papers"  # the heading of picks whose topic is gone
NO_TOPIC = 0


@dataclass(frozen=True, slots=True)
class Reopened:
    """A past digest as a page shows it; `gone` of its papers are no longer here."""

    digest: Digest
    sections: tuple[Section, ...]
    trending: tuple[Card, ...]
    gone: int

    @property
    def picks(self) -> tuple[Card, ...]:
        return tuple(card for section in self.sections for card in section.cards)


def reopen(digests: Sequence[Digest]) -> list[Reopened]:
    """Return `digests` as they can be shown now. The number of queries is the same for one as for a hundred."""
    picks = [pick for digest in digests for pick in digest.picks]
    papers = {pick[0] for pick in picks} | {paper for digest in digests for paper in digest.trending}
    cards = read_cards(Paper.objects.standing().filter(pk__in=papers))
    labels = dict(
        Topic.objects.filter(pk__in={topic for pick in picks for topic in pick[1:]}).values_list("pk", "label")
    )
    whys = _whys(picks)
    return [
        _reopen(digest, {key: replace(card, attention="") for key, card in cards.items()}, labels, whys)
        for digest in digests
    ]


def _whys(picks: Collection[Sequence[int]]) -> dict[tuple[int, int], str]:
    """Return why each paper won its place, by topic and paper, where that is still known."""
    wanted = {(pick[1], pick[0]) for pick in picks}
    found = Match.objects.filter(topic__in={topic for topic, _ in wanted}, paper__in={paper for _, paper in wanted})
    return {(topic, paper): why for topic, paper, why in found.values_list("topic", "paper", "why")}


def _reopen(
    digest: Digest, cards: Mapping[int, Card], labels: Mapping[int, str], whys: Mapping[tuple[int, int], str]
) -> Reopened:
    by_topic: dict[int, list[Card]] = {}
    for paper, *topics in digest.picks:
        if paper in cards:
            names = tuple(labels[topic] for topic in topics if topic in labels)
            heading = topics[0] if topics[0] in labels else NO_TOPIC
            card = replace(cards[paper], topics=names, why=whys.get((topics[0], paper), ""))
            by_topic.setdefault(heading, []).append(card)
    sections = tuple(Section(labels.get(topic, OTHERS), tuple(found), topic) for topic, found in by_topic.items())
    trending = tuple(cards[paper] for paper in digest.trending if paper in cards)
    gone = sum(pick[0] not in cards for pick in digest.picks)
    return Reopened(digest, sections, trending, gone)
