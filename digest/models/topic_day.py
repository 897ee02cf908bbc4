"""A TopicDay: how many papers of one day belong to a topic of the catalogue. More than are kept as matches."""

from datetime import date

from django.db import models
from django.utils import timezone

from digest.models.topic import Topic


class TopicDayQuerySet(models.QuerySet["TopicDay"]):
    def since(self, first: date) -> "TopicDayQuerySet":
        return self.filter(day__gte=first)


class TopicDay(models.Model):
    """Kept also where no paper belongs to the topic: so it is known that the day was counted."""

    # db_index=False: the constraint below begins with the same column.
    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="days", db_index=False)
    day = models.DateField()
    papers = models.PositiveIntegerField()
    counted_at = models.DateTimeField(default=timezone.now)

    objects = TopicDayQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["topic", "day"], name="topic_day_once")]
        indexes = [models.Index(fields=["day"], name="topic_day_day")]

    def __str__(self) -> str:
        return f"{self.papers} in {self.topic_id} on {self.day}"
