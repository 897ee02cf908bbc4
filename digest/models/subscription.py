"""A Subscription: a reader follows a topic, with a weight."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from digest.models.topic import Topic

STEPS = {"less": 0.5, "usual": 1.0, "more": 2.0}  # the weights that readers choose from; staff may set others


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def active(self) -> "SubscriptionQuerySet":
        return self.filter(is_muted=False)

    def follow_all(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Have readers follow topics, as (reader, topic), many at once; who follows one already goes on as before."""
        rows = [Subscription(reader_id=reader, topic_id=topic) for reader, topic in pairs]
        topics = sorted({row.topic_id for row in rows})
        for start in range(0, len(topics), 500):
            Topic.objects.begin_to_match(topics[start : start + 500], timezone.now())
        self.bulk_create(rows, ignore_conflicts=True, batch_size=500)


class Subscription(models.Model):
    reader = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="subscriptions")
    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="subscriptions")
    weight = models.FloatField(
        default=1,
        validators=[MinValueValidator(0.1), MaxValueValidator(10)],
        help_text="2 counts twice as much as 1",
    )
    is_muted = models.BooleanField("muted", default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reader", "topic"], name="subscription_once"),
            models.CheckConstraint(
                condition=models.Q(weight__gte=0.1, weight__lte=10), name="subscription_weight_in_range"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reader} follows {self.topic}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; a topic that nobody followed until now becomes due for matching."""
        if not self.is_muted:
            Topic.objects.begin_to_match([self.topic_id], timezone.now())
        super().save(*args, **kwargs)

    @property
    def step(self) -> str:
        """The name of its weight; "" for one that only staff can set."""
        return next((name for name, weight in STEPS.items() if weight == self.weight), "")
