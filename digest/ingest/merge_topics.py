"""Topics that staff take for one interest become one: whoever followed any of them follows the one that stays.

The rows of the others stay, under their labels, for past digests and for whoever asks for their query again: see
`TopicQuerySet.named`. The address of a page that they had leads to the one that stays. A few statements each, however
many readers follow them.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Case, Exists, F, OuterRef, Subquery, Value, When
from django.db.models.functions import Greatest

from digest.models import Change, Match, Subscription, Topic, TopicDay


def merge_topics(stays: Topic, others: Iterable[Topic], now: datetime) -> int:
    """Merge `others` into `stays`, all or none; return how many follows have moved or become one.

    A reader who follows both keeps the greater weight, muted only where both were. The one that stays meets the papers
    of the last days again, and the matches of the others go.
    """
    with transaction.atomic():
        moved = sum(_move(other, stays) for other in others if other.pk != stays.pk)
        Topic.objects.filter(pk=stays.pk).update(match_due_at=now)
        Change.objects.note()
    return moved


def _move(other: Topic, stays: Topic) -> int:
    follows = Subscription.objects.filter(topic=other)
    twin = follows.filter(reader=OuterRef("reader"))
    both = Subscription.objects.filter(topic=stays, reader__in=follows.values("reader"))
    both.update(
        weight=Greatest(F("weight"), Subquery(twin.values("weight"))),
        is_muted=Case(When(Exists(twin.filter(is_muted=False)), then=Value(False)), default=F("is_muted")),
    )
    doubled, _ = follows.filter(reader__in=Subscription.objects.filter(topic=stays).values("reader")).delete()
    moved = follows.update(topic=stays)
    Match.objects.filter(topic=other).delete()
    TopicDay.objects.filter(topic=other).delete()
    Topic.objects.filter(merged_into=other).update(merged_into=stays)
    Topic.objects.filter(pk=other.pk).update(merged_into=stays, match_due_at=None, group="", description="")
    return moved + doubled
