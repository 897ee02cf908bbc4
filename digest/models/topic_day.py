"""A TopicDay: how many papers of one day belong to a topic of the catalogue. More than are kept as matches."""

from django.db import models

from digest.models.topic import Topic


class TopicDay(models.Model):
    # db_index=False: the constraint below begins with the same column.
    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="days", db_index=False)
    day = models.DateField()
    papers = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["topic", "day"], name="topic_day_once")]
        indexes = [models.Index(fields=["day"], name="topic_day_day")]

    def __str__(self) -> str:
        return f"{self.papers} in {self.topic_id} on {self.day}"
