"""A Submission: a reader proposes a paper, and staff feature it, or decline it, with a word.

A paper that is declined stays in the library: what hides it is `Paper.hide`.
"""

from datetime import datetime

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from digest.models.paper import Paper


class SubmissionQuerySet(models.QuerySet["Submission"]):
    def waiting(self) -> "SubmissionQuerySet":
        """Those that staff have not answered, the longest waiting first."""
        return self.filter(state=Submission.State.WAITING).order_by("submitted_at", "pk")

    def feature(self, paper: Paper, word: str, now: datetime) -> None:
        """Feature `paper`, which then waits no more, whoever submitted it, if anybody has."""
        answer = {"state": Submission.State.FEATURED, "word": word, "decided_at": now}
        with transaction.atomic():
            paper.feature(word, now)
            self.waiting().filter(paper=paper).update(**answer)


class Submission(models.Model):
    class State(models.TextChoices):
        WAITING = "waiting", "waiting"
        FEATURED = "featured", "featured"
        DECLINED = "declined", "declined"

    # db_index=False: the constraint below begins with the same column.
    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="submissions", db_index=False
    )
    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="submissions")
    said = models.CharField("why", max_length=300, blank=True, help_text="what the reader says for it")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING, editable=False)
    word = models.CharField(max_length=200, blank=True, editable=False, help_text="what staff answered")
    submitted_at = models.DateTimeField(default=timezone.now, editable=False)
    decided_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reader", "paper"], name="submission_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=["waiting", "featured", "declined"]), name="submission_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state="waiting", decided_at=None)
                | (~models.Q(state="waiting") & models.Q(decided_at__isnull=False)),
                name="submission_decided_has_time",
            ),
        ]
        indexes = [
            models.Index(fields=["submitted_at"], condition=models.Q(state="waiting"), name="submission_waiting")
        ]

    def __str__(self) -> str:
        return f"{self.paper} ({self.state})"

    @property
    def is_waiting(self) -> bool:
        return self.state == self.State.WAITING

    def feature(self, word: str, now: datetime) -> None:
        """Show the paper before the trending ones for a week; everybody sees the word."""
        Submission.objects.feature(self.paper, word, now)
        self.refresh_from_db(fields=["state", "word", "decided_at"])

    def decline(self, word: str, now: datetime) -> None:
        """Leave the paper as it is; the word is for the reader alone."""
        self.state, self.word, self.decided_at = self.State.DECLINED, word, now
        self.save(update_fields=["state", "word", "decided_at"])
