"""Rows that turn out to be one paper become one: all that hangs on the newer row moves to the older one.

Which rows these are decides `digest.ingest.identity`. What the older row has as well, the newer one takes with it.

Digests name papers in JSON, which no index reads. Of papers that never matched a topic and never had a vote no digest
is read. Others can be named in the editions of the days on which they were news, a week or two; where they had no
votes, only in digests of readers who follow a topic that they matched. These are searched inside the database, once for
all papers of a batch, and those that name one are rewritten piece by piece. Measured on PostgreSQL: 300,000 digests are
searched in 1 s, and 2,000 rewritten.
"""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import models, transaction
from django.db.models.functions import Cast, Concat

from digest.ingest.learn import learn, save_learnt
from digest.models import (
    Digest,
    Edition,
    Feedback,
    Match,
    Paper,
    PaperIdentifier,
    Sighting,
    Signal,
    Submission,
    Subscription,
    Vote,
)
from digest.models.match import FRESH_DAYS, KEPT_DAYS
from digest.models.signal import latest, latest_votes
from digest.sources.listing import SignalKind

DAY = timedelta(days=1)
MATCHES_LAST = timedelta(days=KEPT_DAYS)  # of an older paper nobody knows any more whether it matched
PIECE = 1000
STAFF_WORD = ["featured_at", "hidden_at", "staff_note"]

Keys = dict[int, int]  # of each paper that goes, the one it becomes


def merge(merged: Mapping[Paper, Paper], now: datetime) -> None:
    """Make each paper one with the paper that it is mapped to, in one transaction.

    The kept papers learn what the others knew, are saved, and come due for matching.
    """
    into = {other.pk: kept.pk for other, kept in merged.items()}
    with transaction.atomic():
        # Who votes for one of them meanwhile comes before all of this, or after it.
        list(Paper.objects.filter(pk__in={*into, *into.values()}).order_by("pk").select_for_update().values_list("pk"))
        _learn(merged, now)
        last_seen = max(_move(Sighting, into, "announced_on", "source", "announce_type").values(), default=now.date())
        _move(PaperIdentifier, into, "scheme", "value")
        Feedback.objects.move(into)
        elected = _move(Vote, into, "reader").keys()
        _move(Submission, into, "reader")
        voted = _move(Signal, into, "observed_at", "kind").keys()
        topics = list(Match.objects.filter(paper__in=into).values_list("topic", flat=True).distinct())
        matched = _move(Match, into, "announced_on", "topic").keys()
        old = {paper.pk for paper in merged if paper.announced_on and now - paper.created_at > MATCHES_LAST}
        if mailed := [paper for paper in merged if paper.pk in voted | matched | old]:
            first = min(paper.created_at for paper in mailed).date()
            digests = _digests(first - DAY, last_seen + (FRESH_DAYS + 1) * DAY, None if voted or old else topics)
            _rename(into, digests)
        Paper.objects.filter(pk__in=into).delete()
        measured = Paper.objects.filter(pk__in={into[paper] for paper in voted})
        measured.update(votes=latest_votes(), comments=latest(SignalKind.COMMENTS))
        Vote.objects.count_again({into[paper] for paper in elected}, now)


def _learn(merged: Mapping[Paper, Paper], now: datetime) -> None:
    for other, kept in merged.items():
        learn(kept, other, announced_on=other.announced_on, withdrawn=other.withdrawn_at is not None, now=now)
        _keep_word(other, kept)
        kept.match_due_at = now if kept.announced_on else None
        kept.index_due_at, kept.changed_at = now, now
    papers = list(dict.fromkeys(merged.values()))
    save_learnt(papers)
    Paper.objects.bulk_update([paper for paper in papers if paper.staff_note], STAFF_WORD)


def _keep_word(other: Paper, kept: Paper) -> None:
    """Have what staff said of either row hold for the one that stays; of two words, that it is hidden."""
    if other.hidden_at and not kept.hidden_at:
        kept.featured_at, kept.hidden_at, kept.staff_note = None, other.hidden_at, other.staff_note
    elif other.featured_at and not (kept.featured_at or kept.hidden_at):
        kept.featured_at, kept.staff_note = other.featured_at, other.staff_note


def _move(model: type[models.Model], into: Keys, *columns: str) -> dict[int, Any]:
    """Give rows to the kept papers, but for those that they have already by `columns`.

    Returns the greatest value of the first column for each paper that had rows and goes.
    """
    rows = model._default_manager.order_by("pk")
    known = set(rows.filter(paper__in=into.values()).values_list("paper_id", *columns))
    greatest: dict[int, Any] = {}
    moved = []
    for key, paper, *values in rows.filter(paper__in=into).values_list("pk", "paper_id", *columns):
        greatest[paper] = max(values[0], greatest.get(paper, values[0]))
        place = (into[paper], *values)
        if place not in known:
            known.add(place)
            moved.append(model(pk=key, paper_id=into[paper]))
    model._default_manager.bulk_update(moved, ["paper"], batch_size=PIECE)
    return greatest


def _digests(first: date, last: date, topics: Collection[int] | None) -> models.QuerySet[Digest]:
    """Return the digests of the editions from `first` to `last`; only of those who follow one of `topics`, if given."""
    editions = list(Edition.objects.filter(date__range=(first, last)).values_list("pk", flat=True))
    digests = Digest.objects.filter(edition__in=editions)
    if topics is None:
        return digests
    return digests.filter(reader__in=Subscription.objects.filter(topic__in=topics).values("reader"))


def _rename(into: Keys, digests: models.QuerySet[Digest]) -> None:
    """Have those of `digests` that name a paper which goes name the kept one instead."""
    said = Concat(Cast("picks", models.TextField()), Cast("trending", models.TextField()))
    numbers = rf"(^|[^0-9])({'|'.join(map(str, into))})([^0-9]|$)"
    keys = list(digests.annotate(said=said).filter(said__regex=numbers).order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(keys), PIECE):
        piece = list(Digest.objects.filter(pk__in=keys[start : start + PIECE]).order_by("pk").select_for_update())
        for digest in piece:
            _rename_in(digest, into)
        Digest.objects.bulk_create(
            piece, update_conflicts=True, unique_fields=["id"], update_fields=["picks", "trending"]
        )


def _rename_in(digest: Digest, into: Keys) -> None:
    picks: dict[int, list[int]] = {}
    for paper, *topics in digest.picks:
        picks.setdefault(into.get(paper, paper), topics)
    trending = dict.fromkeys(into.get(paper, paper) for paper in digest.trending)
    digest.picks = [[paper, *topics] for paper, topics in picks.items()]
    digest.trending = [paper for paper in trending if paper not in picks]
