"""Feedback: a reader wants more, or less, like this paper.

What that does to the reader's ranking is `digest.ranking.taste`'s.
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models.functions import RowNumber

from digest.models.paper import Paper

MOST_READ = 300  # of one reader: the latest, so that no reader's history slows the others' digests down


class FeedbackQuerySet(models.QuerySet["Feedback"]):
    def say(self, reader: int, paper: int, *, wants_more: bool, now: datetime) -> "Feedback":
        """Keep what a reader says of a paper; the latest word counts."""
        row, _ = self.update_or_create(
            reader_id=reader, paper_id=paper, defaults={"wants_more": wants_more, "said_at": now}
        )
        return row

    def take_back(self, reader: int, paper: int) -> bool:
        return bool(self.filter(reader=reader, paper=paper).delete()[0])

    def latest_of(self, readers: Collection[int]) -> dict[int, dict[int, bool]]:
        """Return by reader, for those who said anything, the papers wanted more of (True) or less, latest first."""
        place = models.Window(RowNumber(), partition_by="reader", order_by=["-said_at", "-pk"])
        latest = self.filter(reader__in=readers).annotate(place=place).filter(place__lte=MOST_READ)
        said: dict[int, dict[int, bool]] = defaultdict(dict)
        for reader, paper, more in latest.order_by("reader", "place").values_list("reader", "paper", "wants_more"):
            said[reader][paper] = more
        return dict(said)


class Feedback(models.Model):
    # db_index=False: the constraint below begins with the same column.
    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="feedback", db_index=False
    )
    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="feedback")
    wants_more = models.BooleanField("more like this", help_text="more like this paper, or less")
    said_at = models.DateTimeField()

    objects = FeedbackQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "feedback"
        constraints = [models.UniqueConstraint(fields=["reader", "paper"], name="feedback_once")]

    def __str__(self) -> str:
        return f"{'more' if self.wants_more else 'less'} like {self.paper}"
