"""A Source: a place that announces papers, what is remembered of the last visits, and when the next one is due.

How it is fetched and read, and what each visit changes here, is `digest.ingest`'s business; how it is in one word is
`digest.models.health`'s.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, URLValidator
from django.db import models
from django.utils import timezone

from digest.models.claims import claim
from digest.sources.address import host_of

LEASE = timedelta(minutes=10)  # longer than any fetch with its reading and storing


class SourceQuerySet(models.QuerySet["Source"]):
    def active(self) -> "SourceQuerySet":
        return self.filter(is_active=True)

    def due(self, now: datetime) -> "SourceQuerySet":
        """Return what is due, those that answered well first: one that fails may take as long as it likes."""
        return self.active().filter(next_check_at__lte=now).order_by("failures", "next_check_at", "pk")

    def claim(self, now: datetime, keys: Collection[int]) -> list["Source"]:
        """Take those of the sources `keys` that are still due; each comes due again if nobody records the visit."""
        taken = claim(self.due(now).filter(pk__in=keys), "next_check_at", until=now + LEASE, limit=len(keys))
        return list(self.filter(pk__in=taken).order_by("pk"))

    def claim_for_signals(self, now: datetime, *, limit: int) -> list["Source"]:
        """Take sources whose older papers' votes are due to be read again."""
        due = self.active().filter(signals_due_at__lte=now).order_by("signals_due_at", "pk")
        taken = claim(due, "signals_due_at", until=now + LEASE, limit=limit)
        return list(self.filter(pk__in=taken).order_by("pk"))


class Source(models.Model):
    class Kind(models.TextChoices):
        ARXIV = "arxiv", "arXiv feed of a category"
        ARXIV_API = "arxiv-api", "arXiv API query"
        ARXIV_OAI = "arxiv-oai", "arXiv OAI-PMH set"
        HF_DAILY = "hf-daily", "Hugging Face daily papers"
        BIORXIV = "biorxiv", "bioRxiv or medRxiv API"
        CROSSREF = "crossref", "journal at Crossref"
        FEED = "feed", "RSS, Atom or RDF feed"
        TOPIC_PAGE = "topic-page", "saved topic page"
        PAPER_PAGE = "paper-page", "page of one paper"  # and what readers submit

    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=Kind)
    url = models.CharField(
        "address",
        max_length=2048,
        unique=True,
        help_text="what is fetched; file:NAME for a file read by hand",
    )
    host = models.CharField(max_length=253, blank=True, editable=False)
    is_active = models.BooleanField(
        "fetched by itself", default=True, help_text="off for sources that are only read by hand"
    )
    check_minutes = models.PositiveIntegerField(
        "minutes between checks", default=60, validators=[MinValueValidator(5), MaxValueValidator(7 * 24 * 60)]
    )
    quiet_days = models.PositiveSmallIntegerField(
        "days without news", default=30, help_text="after so many days without a new paper the source counts as quiet"
    )
    next_check_at = models.DateTimeField(default=timezone.now)
    signals_due_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="when the votes of its older papers are read again"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    last_checked_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_success_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_new_at = models.DateTimeField("last new paper", null=True, blank=True, editable=False)
    batch_on = models.DateField(
        "latest batch", null=True, blank=True, editable=False, help_text="the day of the latest batch it announced"
    )

    # What the last full answer was: the server's own words, sent back to it with the next request.
    etag = models.CharField(max_length=500, blank=True, editable=False)
    last_modified = models.CharField(max_length=100, blank=True, editable=False)
    body_hash = models.CharField(max_length=64, blank=True, editable=False)
    last_full_at = models.DateTimeField(null=True, blank=True, editable=False)
    page_url = models.CharField(
        max_length=2048, blank=True, editable=False, help_text="the page that the next visit goes on with"
    )
    pages = models.PositiveSmallIntegerField(default=0, editable=False, help_text="read so far, of several")

    # How it fails, and since when; `failures` counts visits in a row.
    failures = models.PositiveSmallIntegerField(default=0, editable=False)
    failing_since = models.DateTimeField(null=True, blank=True, editable=False)
    healthy_since = models.DateTimeField(null=True, blank=True, editable=False)
    last_error = models.CharField(max_length=500, blank=True, editable=False)
    last_error_kind = models.CharField(max_length=20, blank=True, editable=False)
    disabled_at = models.DateTimeField(null=True, blank=True, editable=False)
    disabled_reason = models.CharField(max_length=500, blank=True, editable=False)

    # Where it says it has moved to for good; believed after some repetition.
    moved_to = models.CharField(max_length=2048, blank=True, editable=False)
    moved_since = models.DateTimeField(null=True, blank=True, editable=False)
    moved_count = models.PositiveSmallIntegerField(default=0, editable=False)

    objects = SourceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    kind__in=[
                        "arxiv",
                        "arxiv-api",
                        "arxiv-oai",
                        "hf-daily",
                        "biorxiv",
                        "crossref",
                        "feed",
                        "topic-page",
                        "paper-page",
                    ]
                ),
                name="source_kind_known",
            ),
            # What the service has switched off is not fetched, and says why.
            models.CheckConstraint(
                condition=models.Q(disabled_at__isnull=True) | models.Q(is_active=False, disabled_reason__gt=""),
                name="source_disabled_has_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(failures=0, failing_since__isnull=True)
                | models.Q(failures__gt=0, failing_since__isnull=False),
                name="source_failing_since_its_failures",
            ),
        ]
        indexes = [
            models.Index(fields=["next_check_at"], condition=models.Q(is_active=True), name="source_due"),
            models.Index(fields=["signals_due_at"], condition=models.Q(is_active=True), name="source_signals_due"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        """Keep the host beside the address: sources are visited host by host."""
        self.host = host_of(self.url)
        if update_fields is not None and "url" in update_fields:
            update_fields = {*update_fields, "host"}
        super().save(*args, update_fields=update_fields, **kwargs)

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
        if "@" in urlsplit(self.url).netloc:
            raise ValidationError(
                {"url": "A user name or password in an address would be seen by many: give the address without them."}
            )

    def disable(self, now: datetime, reason: str) -> None:
        """Stop fetching it, for a reason that staff read. Not saved."""
        self.is_active = False
        self.disabled_at = now
        self.disabled_reason = reason[:500]

    def enable(self, now: datetime) -> None:
        """Fetch it again from now on, as if it had never failed. Not saved."""
        self.is_active = True
        self.next_check_at = now
        self.disabled_at = self.failing_since = self.healthy_since = None
        self.disabled_reason = self.last_error = self.last_error_kind = ""
        self.failures = 0
