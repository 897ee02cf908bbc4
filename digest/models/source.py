"""A Source: a place that announces papers. How it is fetched and read is `digest.ingest`'s business."""

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, URLValidator
from django.db import models
from django.utils import timezone

from digest.models.claims import claim


class SourceQuerySet(models.QuerySet["Source"]):
    def active(self) -> "SourceQuerySet":
        return self.filter(is_active=True)

    def due(self, now: datetime) -> "SourceQuerySet":
        return self.active().filter(next_check_at__lte=now).order_by("next_check_at")

    def claim(self, now: datetime, *, limit: int, lease: timedelta = timedelta(minutes=10)) -> list["Source"]:
        """Take due sources for refreshing; each comes due again by itself if nobody records the refresh."""
        keys = claim(self.due(now), "next_check_at", until=now + lease, limit=limit)
        return list(self.filter(pk__in=keys).order_by("pk"))


class Source(models.Model):
    class Kind(models.TextChoices):
        ARXIV = "arxiv", "arXiv feed"
        HF_DAILY = "hf-daily", "Hugging Face daily papers"
        FEED = "feed", "RSS, Atom or RDF feed"
        TOPIC_PAGE = "topic-page", "saved topic page"

    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=Kind)
    url = models.CharField(
        "address",
        max_length=2048,
        unique=True,
        help_text="what is fetched; file:NAME for a file read by hand",
    )
    is_active = models.BooleanField(
        "fetched by itself", default=True, help_text="off for sources that are only read by hand"
    )
    check_minutes = models.PositiveIntegerField("minutes between checks", default=60, validators=[MinValueValidator(5)])
    next_check_at = models.DateTimeField(default=timezone.now)
    last_checked_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_success_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_error = models.CharField(max_length=500, blank=True, editable=False)

    objects = SourceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["arxiv", "hf-daily", "feed", "topic-page"]),
                name="source_kind_known",
            ),
        ]
        indexes = [models.Index(fields=["next_check_at"], condition=models.Q(is_active=True), name="source_due")]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Take web addresses, and file:NAME for what is only read by hand."""
        if self.url.startswith("file:") and not self.is_active:
            return
        try:
            URLValidator(schemes=["http", "https"])(self.url)
        except ValidationError as error:
            raise ValidationError(
                {"url": "This is no web address: write one like https://rss.arxiv.org/rss/cs.CL"}
            ) from error

    def record_success(self, now: datetime) -> None:
        self.last_checked_at = self.last_success_at = now
        self.last_error = ""
        self._plan(now)

    def record_failure(self, now: datetime, error: str) -> None:
        self.last_checked_at = now
        self.last_error = error[:500]
        self._plan(now)

    def _plan(self, now: datetime) -> None:
        self.next_check_at = now + timedelta(minutes=self.check_minutes)
        self.save(update_fields=["last_checked_at", "last_success_at", "last_error", "next_check_at"])
