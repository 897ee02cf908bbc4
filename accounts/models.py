"""The Reader: an account with its own clock and its consent record. Staff are readers with a password.

When the next digest is due is planned in `accounts.plan`; what a reader follows and gets is in `digest`.
"""

from datetime import date, datetime
from importlib import import_module
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models.functions import Lower
from django.utils import timezone

from accounts.address import spelled
from accounts.consent import CONSENT
from accounts.plan import Plan, changes_plan


class ReaderQuerySet(models.QuerySet["Reader"]):
    def active(self) -> "ReaderQuerySet":
        return self.filter(state=Reader.State.ACTIVE, is_active=True)

    def due(self, now: datetime) -> "ReaderQuerySet":
        """Readers whose slot has come: the index on (next_digest_at) of active readers serves this alone."""
        return self.active().filter(next_digest_at__lte=now).order_by("next_digest_at")

    def pause(self) -> int:
        """Pause those who get digests; return how many."""
        return self.filter(state=Reader.State.ACTIVE).update(
            state=Reader.State.PAUSED, next_digest_at=None, promised_on=None
        )

    def resume(self) -> int:
        """Have those who are paused get digests again from their next slot on; return how many."""
        now, paused = timezone.now(), list(self.filter(state=Reader.State.PAUSED))
        for reader in paused:
            reader.state, reader.paused_until = Reader.State.ACTIVE, None
            reader.plan(now, before=None)
        return self.bulk_update(paused, ["state", "paused_until", *Reader.PLAN], batch_size=500)


class ReaderManager(BaseUserManager.from_queryset(ReaderQuerySet)):  # type: ignore[misc]
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "Reader":
        reader: Reader = self.model(email=email, **fields)
        reader.set_password(password)
        reader.full_clean()
        reader.save()
        return reader

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "Reader":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, email: str | None) -> "Reader":
        reader: Reader = self.get(email=spelled(email or ""))
        return reader


class Reader(Plan, AbstractBaseUser, PermissionsMixin):
    class State(models.TextChoices):
        PENDING = "pending", "has not confirmed yet"
        ACTIVE = "active", "gets digests"
        PAUSED = "paused", "paused"
        LEFT = "left", "unsubscribed"

    email = models.EmailField("email address", unique=True, error_messages={"unique": "This address is already known."})
    name = models.CharField(max_length=100, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    papers = models.PositiveSmallIntegerField(
        "papers in a digest", default=10, validators=[MinValueValidator(1), MaxValueValidator(30)]
    )
    consent_text = models.CharField(max_length=300, blank=True, help_text="what the reader agreed to")
    consent_version = models.CharField(max_length=20, blank=True)
    consented_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="when the reader proved to own the address"
    )
    left_at = models.DateTimeField(null=True, blank=True, editable=False)
    feed_key = models.UUIDField(
        null=True, blank=True, unique=True, editable=False, help_text="of the reader's own Atom feed, once there is one"
    )

    is_staff = models.BooleanField(default=False, help_text="may use the admin")
    is_active = models.BooleanField(default=True, help_text="may log in and get mail")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ReaderManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        permissions = [
            ("import_reader", "Can import readers from a file"),
            ("export_reader", "Can export readers"),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="reader_email_lower_case"),
            models.CheckConstraint(
                condition=models.Q(state__in=["pending", "active", "paused", "left"]),
                name="reader_state_known",
            ),
            models.CheckConstraint(
                condition=models.Q(days__in=["daily", "weekdays", "weekly"]), name="reader_days_known"
            ),
            models.CheckConstraint(
                condition=models.Q(delivery_hour__lte=23, weekday__lte=6), name="reader_clock_valid"
            ),
            models.CheckConstraint(condition=models.Q(papers__gte=1, papers__lte=30), name="reader_papers_in_range"),
        ]
        indexes = [
            models.Index(fields=["next_digest_at"], condition=models.Q(state="active"), name="reader_due"),
            # For staff, who look at a few of many, the newest first.
            models.Index(fields=["state", "-id"], name="reader_state"),
            models.Index(fields=["days", "-id"], name="reader_days"),
            models.Index(fields=["time_zone", "-id"], name="reader_zone"),
            models.Index(fields=["-id"], condition=models.Q(is_staff=True), name="reader_staff"),
        ]

    def __str__(self) -> str:
        return self.email

    def clean(self) -> None:
        super().clean()
        self.email = spelled(self.email)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Plan the next digest along with the preferences, from what the database says by then was promised."""
        self.email = spelled(self.email)
        if not changes_plan(kwargs.get("update_fields")):
            super().save(*args, **kwargs)
            return
        with transaction.atomic():
            stored = Reader.objects.select_for_update(of=("self",)).only(*self.PLANNED_BY, *self.PLAN)
            self.plan(timezone.now(), before=stored.filter(pk=self.pk).first() if self.pk else None)
            super().save(*args, **kwargs)

    def plan(self, now: datetime, *, before: "Reader | None") -> None:
        """Plan the next digest of who gets any; `before` is the row as it stands in the database."""
        if before is not None and before.last_edition_on is not None:  # what has been served stays served
            self.last_edition_on = max(self.last_edition_on or before.last_edition_on, before.last_edition_on)
        if self.state == self.State.ACTIVE and self.is_active:
            self.replan(now, before)
        else:
            self.next_digest_at = self.promised_on = None

    def leave(self) -> bool:
        """Stop all digests; tell whether that is new. Leaving again changes nothing."""
        if self.state == self.State.LEFT:
            return False
        self.state = self.State.LEFT
        self.left_at = timezone.now()
        self.save(update_fields=["state", "left_at", *self.PLAN])
        return True

    def pause(self, until: date) -> None:
        """Send nothing before the day `until`, as the calendar stands where the reader lives."""
        self.paused_until = until
        self.save(update_fields=["paused_until", *self.PLAN])

    def come_back(self) -> None:
        """Start digests again at once, as their reader asks; a consent that was never recorded is given with that."""
        if self.state in (self.State.LEFT, self.State.PAUSED, self.State.ACTIVE):
            self.state = self.State.ACTIVE
            self.paused_until = self.left_at = None
            if self.consented_at is None:
                (self.consent_version, self.consent_text), self.consented_at = CONSENT, timezone.now()
            self.save()

    def renew_feed(self) -> None:
        """Give the reader's own feed a new address; the one before it answers no more."""
        self.feed_key = uuid4()
        self.save(update_fields=["feed_key"])

    def close_feed(self) -> None:
        self.feed_key = None
        self.save(update_fields=["feed_key"])


class Session(AbstractBaseSession):
    """A browser that is signed in, or on the way to it. What it holds, and when it ends, is `accounts.sessions`'."""

    # No constraint in the database: a session is written at the end of a request, when its reader may just be gone.
    reader = models.ForeignKey(
        Reader, on_delete=models.CASCADE, null=True, db_constraint=False, related_name="sessions"
    )

    def __str__(self) -> str:
        return "a session"

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        store: type[SessionBase] = import_module(settings.SESSION_ENGINE).SessionStore
        return store
