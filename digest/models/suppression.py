"""A Suppression: an address that must not be mailed, and why."""

from collections.abc import Collection

from django.db import models
from django.utils import timezone


class SuppressionQuerySet(models.QuerySet["Suppression"]):
    def among(self, addresses: Collection[str]) -> dict[str, str]:
        """Return the reason for each of these (lower-case) addresses that must not be mailed."""
        return dict(self.filter(address__in=addresses).values_list("address", "reason"))


class Suppression(models.Model):
    class Reason(models.TextChoices):
        HARD_BOUNCE = "hard bounce", "the address does not exist"
        SOFT_BOUNCES = "soft bounces", "the mailbox kept refusing"
        COMPLAINT = "complaint", "reported as spam"
        STAFF = "staff", "stopped by staff"

    address = models.CharField(max_length=254, unique=True)
    reason = models.CharField(max_length=20, choices=Reason)
    note = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = SuppressionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(reason__in=["hard bounce", "soft bounces", "complaint", "staff"]),
                name="suppression_reason_known",
            ),
        ]

    def __str__(self) -> str:
        return self.address

    def save(self, *args: object, **kwargs: object) -> None:
        self.address = self.address.strip().lower()
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    def clean(self) -> None:
        self.address = self.address.strip().lower()
