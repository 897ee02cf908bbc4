"""A Suppression: an address that must not be mailed, and why.

Known by a salted hash of the address, so that an address which was erased stays known without being kept.
"""

import secrets
from collections.abc import Collection
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.address import spelled


class SaltManager(models.Manager["Salt"]):
    def value(self) -> str:
        """Return the salt of this installation, made on first use."""
        return self.get_or_create(pk=1, defaults={"value": secrets.token_hex(32)})[0].value


class Salt(models.Model):
    """The one salt of all hashes of addresses. In the database, because they must outlive a change of SECRET_KEY."""

    value = models.CharField(max_length=64)

    objects = SaltManager()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="salt_only_one")]

    def __str__(self) -> str:
        return "the salt of suppressed addresses"


class SuppressionQuerySet(models.QuerySet["Suppression"]):
    def among(self, addresses: Collection[str]) -> dict[str, str]:
        """Return the reason for each of these (lower-case) addresses that must not be mailed."""
        salt = Salt.objects.value()
        hashes = {hashed(address, salt): address for address in addresses}
        found = self.filter(address_hash__in=hashes).values_list("address_hash", "reason")
        return {hashes[known]: reason for known, reason in found}

    def of(self, address: str) -> "SuppressionQuerySet":
        """Return what is known of one address, at most one row."""
        return self.filter(address_hash=hashed(address, Salt.objects.value()))

    def suppress(self, address: str, reason: str, note: str = "") -> "Suppression":
        """Have an address not mailed any more. What was known of it before stands, but for the owner's own wishes."""
        row, _ = self.get_or_create(
            address_hash=hashed(address, Salt.objects.value()),
            defaults={"address": spelled(address), "reason": reason, "note": note[:300]},
        )
        return row

    def suppress_all(self, addresses: Collection[str], reason: str, note: str = "") -> None:
        """Do as `suppress` for many addresses at once."""
        salt = Salt.objects.value()
        rows = [
            Suppression(address=address, address_hash=hashed(address, salt), reason=reason, note=note[:300])
            for address in addresses
        ]
        self.bulk_create(rows, ignore_conflicts=True, batch_size=500)


class Suppression(models.Model):
    class Reason(models.TextChoices):
        HARD_BOUNCE = "hard bounce", "the address does not exist"
        SOFT_BOUNCES = "soft bounces", "the mailbox kept refusing"
        COMPLAINT = "complaint", "reported as spam"
        STAFF = "staff", "stopped by staff"
        ERASED = "erased", "the owner had everything erased"

    address = models.CharField(max_length=254, blank=True, help_text="empty where the owner had it erased")
    address_hash = models.CharField(max_length=64, unique=True, editable=False)
    reason = models.CharField(max_length=20, choices=Reason)
    note = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = SuppressionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(reason__in=["hard bounce", "soft bounces", "complaint", "staff", "erased"]),
                name="suppression_reason_known",
            ),
            models.CheckConstraint(
                condition=~models.Q(address="") | models.Q(reason="erased"), name="suppression_names_address"
            ),
        ]
        indexes = [models.Index(fields=["address"], opclasses=["varchar_pattern_ops"], name="suppression_address")]

    def __str__(self) -> str:
        return self.address or "an erased address"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.address = spelled(self.address)
        if self.address:
            self.address_hash = hashed(self.address, Salt.objects.value())
        super().save(*args, **kwargs)

    def clean(self) -> None:
        self.address = spelled(self.address)
        if Suppression.objects.of(self.address).exclude(pk=self.pk).exists():
            raise ValidationError({"address": "This address is on the list already."})


def hashed(address: str, salt: str) -> str:
    """Return the hash by which an address is known: HMAC-SHA256, keyed with the salt of this installation."""
    mac = salted_hmac("broadsheet.suppression", spelled(address), secret=salt, algorithm="sha256")
    return mac.hexdigest()
