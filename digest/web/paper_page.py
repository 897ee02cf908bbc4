"""What the page of one paper shows, read in the same number of queries however much there is.

How a paper is cited is `digest.web.citation`'s; its topics are those of the catalogue, and of whoever is signed in.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db.models import prefetch_related_objects
from django.urls import reverse
from django.utils import timezone

from accounts.models import Reader
from digest.ingest.search import similar
from digest.models import Match, Paper, Sighting, Signal
from digest.models.paper_address import public_ids
from digest.models.sighting import first_seen
from digest.sources.listing import AnnounceType, Scheme, SignalKind
from digest.templatetags.charts import LineChart, over_time
from digest.web.answers import answers_of
from digest.web.citation import cite
from digest.web.stories import topics_of

AUTHORS_FIRST = 20
SIGHTINGS_FIRST = 6
MOST_SIGHTINGS = 50
MOST_TOPICS = 12
READINGS = 1000  # of all kinds of attention together, the latest
KINDS = {
    AnnounceType.NEW: "new",
    AnnounceType.CROSS: "listed there too",
    AnnounceType.REPLACE: "new version",
    AnnounceType.REPLACE_CROSS: "new version, listed there too",
}
RESOLVERS = {
    Scheme.ARXIV: ("arXiv", "https://arxiv.org/abs/"),
    Scheme.DOI: ("DOI", "https://doi.org/"),
    Scheme.PMID: ("PubMed", "https://pubmed.ncbi.nlm.nih.gov/"),
}


@dataclass(frozen=True, slots=True)
class Name:
    """One identifier, and where it leads."""

    label: str
    value: str
    url: str


@dataclass(frozen=True, slots=True)
class Seen:
    sighting: Sighting
    words: str


@dataclass(frozen=True, slots=True)
class Similar:
    paper: Paper
    path: str


def names_of(paper: Paper) -> dict[str, str]:
    """Return by scheme what `paper` is known by; of two of a scheme the first."""
    named = paper.identifiers.filter(scheme__in=RESOLVERS).order_by("-pk")
    return dict(named.values_list("scheme", "value"))


def around(paper: Paper, names: dict[str, str], path: str) -> dict[str, Any]:
    """Return what everybody sees of a paper."""
    prefetch_related_objects([paper], first_seen())
    seen = [Seen(sighting, KINDS[AnnounceType(sighting.announce_type)]) for sighting in paper.sightings.all()]
    address = settings.SITE_URL + path
    return {
        "paper": paper,
        "canonical": address,
        "names": [Name(label, names[s], url + quote(names[s])) for s, (label, url) in RESOLVERS.items() if s in names],
        "doi": names.get(Scheme.DOI, ""),
        "arxiv": names.get(Scheme.ARXIV, ""),
        "authors": paper.authors[:AUTHORS_FIRST],
        "more_authors": paper.authors[AUTHORS_FIRST:],
        "unnamed": max(0, paper.author_count - len(paper.authors)),
        "is_featured": paper.is_featured(timezone.now().date()),
        "seen": seen[:SIGHTINGS_FIRST],
        "seen_more": seen[SIGHTINGS_FIRST:MOST_SIGHTINGS],
        "charts": charts(paper.signals.order_by("-observed_at")[:READINGS]),
        "similar": similar_to(paper) if paper.stands else [],
        "topics": topics_of([paper.pk])[paper.pk][:MOST_TOPICS],
        "citation": cite(paper, names, page=address),
    }


def for_reader(paper: Paper, reader: Reader) -> dict[str, Any]:
    """Return what only this reader sees: own topics, vote, and what was said of it."""
    own = Match.objects.filter(paper=paper, topic__in=reader.subscriptions.active().values("topic"))
    matches = list(own.select_related("topic").order_by("-score", "topic"))
    return {
        "own_topics": [match for match in matches if not match.topic.slug][:MOST_TOPICS],
        "followed": {match.topic.slug for match in matches},
        **answers_of(reader, [paper.pk]),
    }


def similar_to(paper: Paper) -> list[Similar]:
    """Return papers that speak of the same things, the nearest first."""
    found = Paper.objects.standing().in_order(hit.paper for hit in similar(paper))
    names = public_ids([other.pk for other in found])
    return [Similar(other, reverse("paper", args=[names[other.pk]])) for other in found]


def charts(latest: Iterable[Signal]) -> list[LineChart]:
    """Return a chart for each kind of attention that has been read more than once."""
    series: dict[str, list[tuple[datetime, int]]] = defaultdict(list)
    for signal in latest:
        series[signal.kind].append((signal.observed_at, signal.value))
    return [over_time(kind, readings[::-1]) for kind in SignalKind if len(readings := series[kind]) > 1]
