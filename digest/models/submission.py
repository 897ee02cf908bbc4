"""A Submission: a reader proposes a paper, and staff feature it, take note of it, or decline it with a word."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from digest.models.paper import Paper


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
