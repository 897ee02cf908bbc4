"""A Vote: a signed-in reader says that a paper is worth reading. The total is a Signal like any other.

Every verb that changes votes brings `Paper.votes` and the series of totals up to date with them, while it holds the row
of the paper: of two readers who vote at once, the second one counts the first.
"""

from collections.abc import Collection
from datetime import datetime

from django.conf import settings
from django.db import models, transaction

from digest.models.change import Change
from digest.models.paper import Paper, PaperQuerySet
from digest.models.signal import Signal, latest_votes
from digest.sources.listing import SignalKind


class VoteQuerySet(models.QuerySet["Vote"]):
    def cast(self, reader: int, paper: int, now: datetime) -> bool:
        """Have the reader's vote count from now on; return whether the paper stands, and can be voted for."""
        with transaction.atomic():
            if not self._hold([paper]).standing().exists():
                return False
            if not self.filter(reader=reader, paper=paper).exists():
                self.create(reader_id=reader, paper_id=paper, voted_at=now)
                self._count([paper], now)
        return True

    def take_back(self, reader: int, paper: int, now: datetime) -> bool:
        """Have the reader's vote count no more; return whether there was one."""
        with transaction.atomic():
            self._hold([paper])
            taken = bool(self.filter(reader=reader, paper=paper).delete()[0])
            if taken:
                self._count([paper], now)
        return taken

    def of(self, reader: int, papers: Collection[int]) -> set[int]:
        """Return those of `papers` that the reader voted for; one query."""
        return set(self.filter(reader=reader, paper__in=papers).values_list("paper", flat=True))

    def count_again(self, papers: Collection[int], now: datetime) -> None:
        """Bring the totals of `papers` up to date after votes have gone, or have come from another paper."""
        if papers:
            with transaction.atomic():
                self._hold(papers)
                self._count(papers, now)

    def _hold(self, papers: Collection[int]) -> PaperQuerySet:
        """Let nobody else count these papers until the end of the transaction."""
        found = Paper.objects.filter(pk__in=papers)
        list(found.order_by("pk").select_for_update().values_list("pk"))
        return found

    def _count(self, papers: Collection[int], now: datetime) -> None:
        counted = dict(self.filter(paper__in=papers).values_list("paper").annotate(models.Count("pk")).order_by())
        Signal.objects.observe(SignalKind.VOTES, {paper: counted.get(paper, 0) for paper in papers}, now)
        Paper.objects.filter(pk__in=papers).update(votes=latest_votes())
        Change.objects.note()


class Vote(models.Model):
    # db_index=False: the constraint below begins with the same column.
    reader = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="votes", db_index=False)
    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="ballots")
    voted_at = models.DateTimeField()

    objects = VoteQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["reader", "paper"], name="vote_once")]

    def __str__(self) -> str:
        return f"vote for {self.paper_id}"
