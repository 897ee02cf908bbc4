"""Feedback: a reader wants more, or less, like this paper.

What that does to the reader's ranking is `digest.ranking.taste`'s.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models.functions import RowNumber

from digest.models.paper import Paper

MOST_READ = 300  # of one reader: the latest, so that no reader's history slows the others' digests down

MANY = 20_000  # rows at once, far more than a slice of digests has: a plain query is quicker while it gives fewer


class FeedbackQuerySet(models.QuerySet["Feedback"]):
    def say(self, reader: int, paper: int, *, wants_more: bool, now: datetime) -> "Feedback":
        """Keep what a reader says of a paper; the latest word counts."""
        row, _ = self.update_or_create(
            reader_id=reader, paper_id=paper, defaults={"wants_more": wants_more, "said_at": now}
        )
        return row

    def take_back(self, reader: int, paper: int) -> bool:
        return bool(self.filter(reader=reader, paper=paper).delete()[0])

    def move(self, into: Mapping[int, int]) -> None:
        """Have what was said of papers hold for those that they became; of two words of one reader the newer."""
        going = list(self.filter(paper__in=into))
        there = self.filter(paper__in=into.values(), reader__in={row.reader_id for row in going})
        newest: dict[tuple[int, int], Feedback] = {}
        for row in sorted([*going, *there], key=lambda row: (row.said_at, row.paper_id not in into)):
            newest[row.reader_id, into.get(row.paper_id, row.paper_id)] = row
        kept = {row.pk for row in newest.values()}
        self.filter(pk__in=[row.pk for row in (*going, *there) if row.pk not in kept]).delete()
        for row in going:
            row.paper_id = into[row.paper_id]
        self.bulk_update([row for row in going if row.pk in kept], ["paper"], batch_size=1000)

    def of(self, reader: int, papers: Collection[int]) -> dict[int, bool]:
        """Return those of `papers` of which the reader wants more (True) or less."""
        return dict(self.filter(reader=reader, paper__in=papers).values_list("paper", "wants_more"))

    def latest_of(self, readers: Collection[int]) -> dict[int, dict[int, bool]]:
        """Return by reader, for those who said anything, the papers wanted more of (True) or less, latest first."""
        columns = ("reader", "paper", "wants_more")
        latest = self.filter(reader__in=readers).order_by("-said_at", "-pk")
        found = list(latest.values_list(*columns)[:MANY])
        if len(found) == MANY:  # somebody says so much that it would crowd out the others
            place = models.Window(RowNumber(), partition_by="reader", order_by=["-said_at", "-pk"])
            found = list(latest.annotate(place=place).filter(place__lte=MOST_READ).values_list(*columns))
        said: dict[int, dict[int, bool]] = defaultdict(dict)
        for reader, paper, more in found:
            if len(said[reader]) < MOST_READ:
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
