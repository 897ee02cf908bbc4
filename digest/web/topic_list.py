"""The catalogue of topics: group by group, each with how much it brings, and a chart of the last weeks.

The number of queries is the same however many topics there are. `?q=` leaves those that say most of what was typed.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from digest.ingest.try_topic import how_many
from digest.models import Topic, TopicDay
from digest.models.catalogue import PublicTopic, catalogue, public_topics
from digest.ranking.starter import Entry, fitting
from digest.templatetags.charts import STROKE_HEIGHT, STROKE_STEP, by_week, strokes
from digest.web.fresh import fresh

WEEKS = 13
LATELY = 28  # days, by which it is told how much a topic brings now
LEAST = 0.75  # papers a week that are told as a number
LONGEST = 100

Counts = Mapping[date, int]


@dataclass(frozen=True, slots=True)
class TopicRow:
    """One topic of the catalogue: `path` draws its weeks, `weeks` says them."""

    label: str
    slug: str
    description: str
    brings: str
    path: str
    weeks: str


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    anchor: str
    rows: tuple[TopicRow, ...]


@require_safe
@fresh()
def topic_list(request: HttpRequest) -> HttpResponse:
    asked = " ".join(request.GET.get("q", "").replace("\0", "").split())[:LONGEST]
    every = catalogue()
    entries = fitting(asked, every, most=len(every)) if asked else every
    places = {entry.canonical: place for place, entry in enumerate(every)}
    in_order = sorted(entries, key=lambda entry: places[entry.canonical])
    shown = groups(in_order, timezone.now().date(), names=list(dict.fromkeys(entry.group for entry in every)))
    context = {
        "asked": asked,
        "title": "Topics",
        "description": "The topics of the catalogue: the new papers of each, how many come a week, and why.",
        "path": reverse("topic_list"),
        "groups": shown,
        "found": sum(len(group.rows) for group in shown),
        "width": WEEKS * STROKE_STEP,
        "height": STROKE_HEIGHT,
        "span": WEEKS,
    }
    return render(
        request, "web/_topic_groups.html" if request.headers.get("HX-Request") else "web/topic_list.html", context
    )


def groups(entries: Sequence[Entry], today: date, *, names: Sequence[str]) -> list[Group]:
    """Return the groups of `entries`, which stand in the order of the catalogue; `names` are those of all groups."""
    counts = counts_since(today - timedelta(weeks=WEEKS))
    first = min((day for days in counts.values() for day in days), default=today)
    return [
        Group(
            name,
            f"group-{names.index(name) + 1}",
            tuple(_row(public, counts.get(public.topic.pk, {}), first, today) for public in members),
        )
        for name, members in groupby(public_topics(entries), key=lambda public: public.entry.group)
    ]


def counts_since(first: date) -> dict[int, dict[date, int]]:
    """Return how many papers of each counted day belong to each topic: topic -> day -> papers."""
    counts: dict[int, dict[date, int]] = defaultdict(dict)
    rows = TopicDay.objects.since(first).filter(topic__in=Topic.objects.public())
    for topic, day, papers in rows.values_list("topic", "day", "papers"):
        counts[topic][day] = papers
    return counts


def brings(counts: Counts, first: date, today: date) -> str:
    """Say how much a topic has brought of late, where days have been counted from `first` on."""
    if not counts:
        return "not counted yet"
    days = min(LATELY, max(1, (today - first).days + 1))
    since = today - timedelta(days=days - 1)
    found = sum(papers for day, papers in counts.items() if day >= since)
    is_rare = found / days * 7 < LEAST
    return how_many(0 if is_rare else found, days)


def _row(public: PublicTopic, counts: Counts, first: date, today: date) -> TopicRow:
    weeks = by_week(counts, last=today, weeks=WEEKS)
    counted = [str(papers) for monday, papers in weeks.items() if monday + timedelta(days=6) >= first]
    return TopicRow(
        label=public.topic.label,
        slug=public.topic.slug,
        description=public.entry.description,
        brings=brings(counts, first, today),
        path=strokes(list(weeks.values())),
        weeks=", ".join(counted),
    )
