"""A Digest: what one reader gets of one edition, and the state of its delivery. These rows are the ledger.

    pending -> handing_over -> accepted | retry -> handing_over ... | failed | uncertain;  or empty, suppressed, expired

The moves between states are in `digest.delivery.ledger`.
"""

import uuid
from collections.abc import Collection
from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils import timezone

from digest.models.edition import Edition


class DigestQuerySet(models.QuerySet["Digest"]):
    def due(self, now: datetime) -> "DigestQuerySet":
        return self.filter(state__in=Digest.WAITING, next_attempt_at__lte=now).order_by("next_attempt_at", "pk")

    def stranded(self, before: datetime) -> "DigestQuerySet":
        """Digests whose hand-over began before `before` and was never recorded: their worker is gone."""
        return self.filter(state=Digest.State.HANDING_OVER, next_attempt_at__lt=before)

    def uncertain_since(self, before: datetime, *, due_after: datetime) -> "DigestQuerySet":
        """Digests that are uncertain since before `before`, were due after `due_after`, and went out once at most."""
        known = self.filter(state=Digest.State.UNCERTAIN, settled_at__lte=before, settled_at__gt=due_after)
        return known.filter(due_at__gt=due_after, resent_at=None, edition__closed_at=None)

    def open(self) -> "DigestQuerySet":
        return self.filter(state__in=[*Digest.WAITING, Digest.State.HANDING_OVER])

    def by_state(self) -> dict[str, int]:
        counts = self.order_by().values_list("state").annotate(n=models.Count("pk"))
        return dict(counts)

    def by_edition(self, editions: Collection[int]) -> dict[int, dict[str, int]]:
        """Count the digests of each of `editions` by state, in one query."""
        counts: dict[int, dict[str, int]] = {edition: {} for edition in editions}
        rows = self.filter(edition__in=editions).order_by().values_list("edition", "state")
        for edition, state, count in rows.annotate(models.Count("pk")):
            counts[edition][state] = count
        return counts


class Digest(models.Model):
    class State(models.TextChoices):
        """The words of the closing equation: pages, commands and rows use the same ones."""

        PENDING = "pending", "waiting"
        HANDING_OVER = "handing_over", "being handed over"
        RETRY = "retry", "waiting to be tried again"
        ACCEPTED = "accepted", "accepted"
        FAILED = "failed", "failed"
        UNCERTAIN = "uncertain", "uncertain"
        EMPTY = "empty", "empty"
        SUPPRESSED = "suppressed", "suppressed"
        EXPIRED = "expired", "expired"

    WAITING = (State.PENDING, State.RETRY)

    # db_index=False: a composite index or constraint below begins with the same column.
    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="digests", db_index=False
    )
    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="digests", db_index=False)
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    state = models.CharField(max_length=15, choices=State, default=State.PENDING)
    reason = models.CharField(max_length=300, blank=True, help_text="why it is in this state, in words")
    code = models.PositiveSmallIntegerField(null=True, blank=True, help_text="the mail system's last reply code")
    attempts = models.PositiveSmallIntegerField(default=0)
    claim = models.UUIDField(null=True, blank=True, editable=False)
    due_at = models.DateTimeField(help_text="the reader's slot")
    # When it may next be tried; while it is claimed, the end of the claim; null once its fate is known.
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    resent_at = models.DateTimeField(
        null=True, blank=True, help_text="when it was put back to go out once more, as it was uncertain"
    )
    subject = models.CharField(max_length=200, blank=True)
    picks = models.JSONField(default=list, help_text="[paper, topic, ...the reader's other topics], best first")
    trending = models.JSONField(default=list, help_text="papers of the community part")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = DigestQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reader", "edition"], name="digest_once"),
            models.CheckConstraint(
                condition=models.Q(
                    state__in=[
                        "pending",
                        "handing_over",
                        "retry",
                        "accepted",
                        "failed",
                        "uncertain",
                        "empty",
                        "suppressed",
                        "expired",
                    ]
                ),
                name="digest_state_known",
            ),
            # A digest has a next attempt exactly as long as its fate is open.
            models.CheckConstraint(
                condition=models.Q(state__in=["pending", "handing_over", "retry"], next_attempt_at__isnull=False)
                | (~models.Q(state__in=["pending", "handing_over", "retry"]) & models.Q(next_attempt_at__isnull=True)),
                name="digest_open_has_next_attempt",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                condition=models.Q(state__in=["pending", "retry"]),
                name="digest_due",
            ),
            models.Index(
                fields=["next_attempt_at"],
                condition=models.Q(state="handing_over"),
                name="digest_handing_over",
            ),
            # What one worker holds, or held when it was killed.
            models.Index(fields=["claim"], condition=models.Q(claim__isnull=False), name="digest_claim"),
            models.Index(fields=["settled_at"], condition=models.Q(state="uncertain"), name="digest_uncertain"),
            models.Index(fields=["edition", "state", "-id"], name="digest_edition_state_id"),
            # For staff: the newest of those that did not arrive, of whatever edition. The others are found at once.
            models.Index(
                fields=["state", "-id"],
                condition=models.Q(state__in=["retry", "failed", "uncertain", "empty", "suppressed", "expired"]),
                name="digest_not_accepted",
            ),
            models.Index(
                fields=["edition", "state", "reason"],
                condition=models.Q(state__in=["retry", "failed", "uncertain", "empty", "suppressed", "expired"]),
                name="digest_reasons",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.edition} for {self.reader}"
