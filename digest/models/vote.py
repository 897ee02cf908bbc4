"""A Vote: a signed-in reader says that a paper is worth reading. The total is a Signal like any other."""

from django.conf import settings
from django.db import models

from digest.models.paper import Paper


class Vote(models.Model):
    # db_index=False: the constraint below begins with the same column.
    reader = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="votes", db_index=False)
    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="ballots")
    voted_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["reader", "paper"], name="vote_once")]

    def __str__(self) -> str:
        return f"vote for {self.paper_id}"
