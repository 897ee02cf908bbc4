"""A MailEvent: what a mail provider reports of one mail, once. What follows from it is `digest.feedback.bounces`'."""

from django.conf import settings
from django.db import models

from digest.models.digest import Digest


class MailEvent(models.Model):
    class Kind(models.TextChoices):
        DELIVERED = "delivered", "delivered"
        DEFERRED = "deferred", "delayed"
        SOFT_BOUNCE = "soft bounce", "refused for now"
        HARD_BOUNCE = "hard bounce", "the address does not exist"
        COMPLAINT = "complaint", "reported as spam"
        UNSUBSCRIBE = "unsubscribe", "unsubscribed at the provider"
        REJECTED = "rejected", "not sent by the provider"

    provider = models.CharField(max_length=40)
    event_key = models.CharField(
        max_length=200, help_text="the provider's own id of the event, or a hash of what it says"
    )
    kind = models.CharField(max_length=15, choices=Kind)
    address = models.CharField(max_length=254)
    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="mail_events"
    )
    digest = models.ForeignKey(Digest, on_delete=models.SET_NULL, null=True, blank=True, related_name="mail_events")
    at = models.DateTimeField()
    said = models.CharField(max_length=300, blank=True, help_text="the provider's words")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "event_key"], name="mail_event_once"),
            models.CheckConstraint(
                condition=models.Q(
                    kind__in=[
                        "delivered",
                        "deferred",
                        "soft bounce",
                        "hard bounce",
                        "complaint",
                        "unsubscribe",
                        "rejected",
                    ]
                ),
                name="mail_event_kind_known",
            ),
        ]
        indexes = [
            models.Index(fields=["at"], name="mail_event_at"),
            models.Index(fields=["kind", "at"], name="mail_event_kind"),
            models.Index(fields=["address"], opclasses=["varchar_pattern_ops"], name="mail_event_address"),
        ]

    def __str__(self) -> str:
        return f"{self.address}: {self.get_kind_display()}"
