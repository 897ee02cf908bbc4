"""A Match: this paper belongs to this topic, how well, and why."""

from datetime import date

from django.db import models

from digest.models.paper import Paper
from digest.models.topic import Topic

KEPT_DAYS = 30
FRESH_DAYS = 8  # how long after its announcement a paper can be chosen: a week's digest and a day of patience


class MatchQuerySet(models.QuerySet["Match"]):
    def announced_between(self, first: date, last: date) -> "MatchQuerySet":
        return self.filter(announced_on__range=(first, last))


class Match(models.Model):
    # db_index=False: a composite index or constraint below begins with the same column.
    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="matches", db_index=False)
    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="matches")
    score = models.FloatField(help_text="relevance, 0 to 1")
    why = models.CharField(max_length=300)
    # Copied from the paper: the choosing reads one topic's last days, and old days are dropped whole.
    announced_on = models.DateField()

    objects = MatchQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "matches"
        constraints = [
            models.UniqueConstraint(fields=["topic", "paper"], name="match_once"),
            models.CheckConstraint(condition=models.Q(score__gte=0, score__lte=1), name="match_score_in_range"),
        ]
        indexes = [
            models.Index(fields=["topic", "announced_on"], name="match_topic_day"),
            models.Index(fields=["announced_on"], name="match_day"),
        ]

    def __str__(self) -> str:
        return f"{self.paper} in {self.topic}"
