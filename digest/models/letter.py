"""A Letter: one mail beside the digest, to one address: a confirmation, a code, a welcome, a farewell.

A row like a digest's: claimed, handed over outside any transaction, recorded. Its words are
`digest.delivery.wording`'s.
"""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models

from accounts.address import spelled

LASTS = timedelta(hours=20)


class LetterQuerySet(models.QuerySet["Letter"]):
    def post(
        self,
        kind: str,
        address: str,
        *,
        now: datetime,
        reader: int | None = None,
        said: Mapping[str, Any] | None = None,
        lasts: timedelta = LASTS,
    ) -> "Letter":
        """Have a letter sent, due at once; after `lasts` it is worthless and not sent any more.

        `said` is what its templates need that no row holds, such as a code. It is forgotten once the letter has left.
        """
        return self.create(
            kind=kind,
            address=spelled(address),
            reader_id=reader,
            said=dict(said or {}),
            posted_at=now,
            next_attempt_at=now,
            expires_at=now + lasts,
        )

    def due(self, now: datetime) -> "LetterQuerySet":
        return self.filter(state=Letter.State.WAITING, next_attempt_at__lte=now).order_by("next_attempt_at", "pk")

    def stranded(self, now: datetime) -> "LetterQuerySet":
        """Letters whose hand-over began and was never recorded: their worker is gone."""
        return self.filter(state=Letter.State.HANDING_OVER, next_attempt_at__lt=now)


class Letter(models.Model):
    class Kind(models.TextChoices):
        CONFIRM = "confirm", "confirm the address"
        CODE = "code", "code to sign in"
        UNKNOWN = "unknown", "nobody here has this address"
        WELCOME = "welcome", "welcome"
        FAREWELL = "farewell", "farewell"
        NEW_ADDRESS = "new address", "confirm a new address"
        MOVED = "moved", "the address was changed"
        NOTICE = "notice", "notice about the account"

    class State(models.TextChoices):
        WAITING = "waiting", "waiting"
        HANDING_OVER = "handing_over", "being handed over"
        ACCEPTED = "accepted", "accepted"
        FAILED = "failed", "refused"
        UNCERTAIN = "uncertain", "uncertain"
        EXPIRED = "expired", "too late"

    kind = models.CharField(max_length=15, choices=Kind)
    address = models.CharField(max_length=254)
    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="letters"
    )
    said = models.JSONField(default=dict, editable=False)
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    state = models.CharField(max_length=15, choices=State, default=State.WAITING)
    reason = models.CharField(max_length=300, blank=True, help_text="why it is in this state, in words")
    code = models.PositiveSmallIntegerField(null=True, blank=True, help_text="the mail system's last reply code")
    attempts = models.PositiveSmallIntegerField(default=0)
    claim = models.UUIDField(null=True, blank=True, editable=False)
    posted_at = models.DateTimeField()
    # When it may next be tried; while it is claimed, the end of the claim; null once its fate is known.
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    objects = LetterQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    kind__in=["confirm", "code", "unknown", "welcome", "farewell", "new address", "moved", "notice"]
                ),
                name="letter_kind_known",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["waiting", "handing_over"], next_attempt_at__isnull=False)
                | models.Q(
                    state__in=["accepted", "failed", "uncertain", "expired"],
                    next_attempt_at__isnull=True,
                    settled_at__isnull=False,
                ),
                name="letter_open_has_next_attempt",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                condition=models.Q(state__in=["waiting", "handing_over"]),
                name="letter_due",
            ),
            models.Index(fields=["address"], opclasses=["varchar_pattern_ops"], name="letter_address"),
            models.Index(fields=["posted_at"], name="letter_posted"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, to {self.address}"
