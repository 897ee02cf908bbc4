"""A Signup: what somebody typed who says that an address is theirs. It becomes a Reader once the address confirms.

The same row for known and unknown addresses, so that nobody can tell them apart; no Reader is read before the
confirmation. What confirming does is `digest.feedback.signup`'s.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import models
from django.db.models.functions import Lower

MAIL_EVERY = timedelta(hours=24)


class SignupQuerySet(models.QuerySet["Signup"]):
    def ask(
        self, address: str, topics: Sequence[str], *, time_zone: str, consent: tuple[str, str], now: datetime
    ) -> tuple["Signup", bool]:
        """Keep the latest wish for `address`; tell whether its one mail may go now.

        `consent` is the version and the text that was agreed to. While an unanswered mail is out, no second one goes
        for a day, whoever asks and however many at once.
        """
        version, text = consent
        wish = {
            "topics": list(topics),
            "time_zone": time_zone,
            "consent_version": version,
            "consent_text": text,
            "asked_at": now,
        }
        address = address.strip().lower()
        signup, _ = self.update_or_create(address=address, defaults=wish)
        may_mail = models.Q(mailed_at=None) | models.Q(mailed_at__lte=now - MAIL_EVERY)
        answered = models.Q(confirmed_at__isnull=False)
        claimed = self.filter(may_mail | answered, pk=signup.pk).update(mailed_at=now, confirmed_at=None)
        return signup, bool(claimed)

    def waiting(self) -> "SignupQuerySet":
        return self.filter(confirmed_at=None)


class Signup(models.Model):
    address = models.EmailField(unique=True)
    topics = models.JSONField(default=list, help_text="queries, as typed")
    time_zone = models.CharField(max_length=64, default="UTC")
    consent_text = models.CharField(max_length=300)
    consent_version = models.CharField(max_length=20)
    asked_at = models.DateTimeField()
    mailed_at = models.DateTimeField(null=True, blank=True, help_text="when the confirmation mail was posted")
    confirmed_at = models.DateTimeField(null=True, blank=True)

    objects = SignupQuerySet.as_manager()

    class Meta:
        verbose_name = "sign-up"
        constraints = [
            models.CheckConstraint(condition=models.Q(address=Lower("address")), name="signup_address_lower_case")
        ]
        indexes = [models.Index(fields=["asked_at"], name="signup_asked")]

    def __str__(self) -> str:
        return self.address
