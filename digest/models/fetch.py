"""A Fetch: what one visit to a source brought. Staff read these rows; nothing is decided by them."""

from django.db import models

from digest.models.source import Source


class Fetch(models.Model):
    class Outcome(models.TextChoices):
        STORED = "stored", "read and stored"
        UNCHANGED = "unchanged", "not changed (the server says so)"
        SAME = "same", "not changed (the same bytes)"
        STALE = "stale", "yesterday's batch again"
        CUT_OFF = "cut-off", "cut off: what was whole is stored"
        FAILED = "failed", "failed"

    class Purpose(models.TextChoices):
        CHECK = "check", "check"
        SIGNALS = "signals", "votes of the last days"
        CATCH_UP = "catch-up", "catching up missed days"

    # db_index=False: the composite index below begins with the same column.
    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="fetches", db_index=False)
    at = models.DateTimeField()
    purpose = models.CharField(max_length=10, choices=Purpose, default=Purpose.CHECK)
    outcome = models.CharField(max_length=10, choices=Outcome)
    status = models.PositiveSmallIntegerField(null=True, blank=True, help_text="of HTTP; empty without an answer")
    bytes = models.PositiveIntegerField(default=0, help_text="of the body, decoded")
    milliseconds = models.PositiveIntegerField(default=0, help_text="of the exchange, redirects included")
    seen = models.PositiveIntegerField(default=0)
    new = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    batch_on = models.DateField(null=True, blank=True, help_text="the day of the batch that was read")
    error_kind = models.CharField(max_length=20, blank=True)
    message = models.CharField(max_length=500, blank=True)
    reasons = models.JSONField(default=list, help_text="[position, why] of the first items that were skipped")

    class Meta:
        verbose_name_plural = "fetches"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(outcome__in=["stored", "unchanged", "same", "stale", "cut-off", "failed"]),
                name="fetch_outcome_known",
            ),
            models.CheckConstraint(
                condition=models.Q(purpose__in=["check", "signals", "catch-up"]), name="fetch_purpose_known"
            ),
            # A failure has a kind, and only a failure (or a document that was cut off) has one.
            models.CheckConstraint(
                condition=models.Q(outcome__in=["failed", "cut-off"], error_kind__gt="")
                | (~models.Q(outcome__in=["failed", "cut-off"]) & models.Q(error_kind="")),
                name="fetch_failure_has_kind",
            ),
        ]
        indexes = [
            models.Index(fields=["source", "-at"], name="fetch_source_latest"),
            models.Index(fields=["at"], name="fetch_at"),
        ]

    def __str__(self) -> str:
        return f"{self.source} at {self.at:%Y-%m-%d %H:%M}: {self.outcome}"
