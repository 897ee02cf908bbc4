"""A Paper, one row however many sources list it, and the identifiers that it is known by.

Which listing speaks of which paper is decided in `digest.ingest.identity`.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from django.db import models, transaction
from django.utils import timezone

from digest.models.change import Change
from digest.models.claims import claim
from digest.sources.listing import Scheme

FEATURED_FOR = timedelta(days=7)
NOTICED = models.Q(votes__gt=0) | models.Q(trend__gt=0)
UNNOTICED = models.Q(votes=0, trend=0)


class PaperQuerySet(models.QuerySet["Paper"]):
    def due_for_matching(self, now: datetime) -> "PaperQuerySet":
        return self.filter(match_due_at__lte=now).order_by("match_due_at", "pk")

    def claim_for_matching(
        self, now: datetime, *, limit: int, lease: timedelta = timedelta(minutes=10)
    ) -> list["Paper"]:
        """Take papers that are new or changed; each comes due again by itself if nobody records the matching."""
        until = now + lease
        keys = claim(self.due_for_matching(now), "match_due_at", until=until, limit=limit)
        return list(self.filter(pk__in=keys).order_by("pk"))

    def record_matched(self, papers: list["Paper"]) -> None:
        """Release papers that `claim_for_matching` gave, but for those that have changed since."""
        for due_at in {paper.match_due_at for paper in papers}:
            keys = [paper.pk for paper in papers if paper.match_due_at == due_at]
            self.filter(pk__in=keys, match_due_at=due_at).update(match_due_at=None)

    def due_for_completion(self, now: datetime) -> "PaperQuerySet":
        return self.filter(complete_due_at__lte=now).order_by("complete_due_at", "pk")

    def claim_for_completion(
        self, now: datetime, *, limit: int, lease: timedelta = timedelta(minutes=10)
    ) -> list["Paper"]:
        """Take papers that lack an abstract; each comes due again by itself if nobody records what was answered."""
        keys = claim(self.due_for_completion(now), "complete_due_at", until=now + lease, limit=limit)
        return list(self.filter(pk__in=keys).prefetch_related("identifiers").order_by("pk"))

    def due_for_indexing(self, now: datetime) -> "PaperQuerySet":
        # What came last goes first: whoever looks for the news does not wait for a library that is indexed anew.
        return self.filter(index_due_at__lte=now).order_by("-index_due_at")

    def claim_for_indexing(
        self, now: datetime, *, limit: int, lease: timedelta = timedelta(minutes=10)
    ) -> list["Paper"]:
        """Take papers that the search does not know as they are; each comes due again by itself if nobody records."""
        keys = claim(self.due_for_indexing(now), "index_due_at", until=now + lease, limit=limit)
        return list(self.filter(pk__in=keys).order_by("pk"))

    def standing(self) -> "PaperQuerySet":
        """Papers that were neither withdrawn nor hidden by staff: only these are matched, shown and mailed."""
        return self.filter(withdrawn_at=None, hidden_at=None)

    def in_order(self, keys: Iterable[int]) -> "list[Paper]":
        """Return the papers of `keys` in that order, without those that are not among these (any more)."""
        wanted = list(keys)
        found = self.in_bulk(wanted)
        return [found[key] for key in wanted if key in found]

    def announced_between(self, first: date, last: date) -> "PaperQuerySet":
        return self.standing().filter(announced_on__range=(first, last))

    def featured(self, day: date) -> "PaperQuerySet":
        """Papers that staff have featured in the week up to `day`, the latest first."""
        since = datetime.combine(day, time(0), tzinfo=UTC) - FEATURED_FOR
        return self.standing().filter(featured_at__gte=since).order_by("-featured_at", "pk")

    def noticed(self) -> "PaperQuerySet":
        """Papers that anybody has paid attention to: these few are worth an order by votes."""
        return self.filter(NOTICED)

    def unnoticed(self) -> "PaperQuerySet":
        return self.filter(UNNOTICED)

    def newest(self) -> "PaperQuerySet":
        return self.standing().order_by("-announced_on", "-pk")

    def most_voted(self) -> "PaperQuerySet":
        """Order papers of one period: by votes, then what gains most now, then the newest."""
        return self.standing().order_by("-votes", "-trend", "-announced_on", "-pk")

    def trending(self) -> "PaperQuerySet":
        return self.standing().filter(trend__gt=0).order_by("-trend", "pk")


class Paper(models.Model):
    title = models.CharField(max_length=1000)
    abstract = models.TextField(blank=True)
    authors = models.JSONField(default=list, help_text="names in order, at most 500")
    author_count = models.PositiveIntegerField(default=0, help_text="of all authors, where more than are kept; else 0")
    categories = models.JSONField(default=list, help_text="the primary one first")
    url = models.CharField("page", max_length=2048, blank=True)
    pdf_url = models.CharField("PDF", max_length=2048, blank=True)
    venue = models.CharField(max_length=300, blank=True)
    version = models.PositiveSmallIntegerField(default=1)
    announced_on = models.DateField(
        null=True, blank=True, help_text="first announced, by any source; empty while only replacements were seen"
    )
    submitted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(
        "withdrawn", null=True, blank=True, help_text="when a source said that it was taken back; it is in no digest"
    )
    featured_at = models.DateTimeField("featured", null=True, blank=True, editable=False)
    hidden_at = models.DateTimeField("hidden", null=True, blank=True, editable=False)
    staff_note = models.CharField(
        max_length=200, blank=True, editable=False, help_text="why staff featured or hid it; readers see the first"
    )
    trend = models.FloatField(default=0, editable=False)
    attention = models.CharField(
        max_length=200,
        blank=True,
        editable=False,
        help_text="the trend in words: 84 upvotes, +31 since yesterday",
    )
    votes = models.PositiveIntegerField(
        default=0, editable=False, help_text="the latest totals of upvotes and of readers' votes"
    )
    gained = models.PositiveIntegerField(default=0, editable=False, help_text="votes gained since yesterday")
    comments = models.PositiveIntegerField(default=0, editable=False)
    match_due_at = models.DateTimeField(default=timezone.now, null=True, editable=False)
    # When its words are to be put into the index of the search: at once when it is new or has changed.
    index_due_at = models.DateTimeField(default=timezone.now, null=True, editable=False)
    # When a registry of DOIs is asked for what the sources left out, and how often it has been asked.
    complete_due_at = models.DateTimeField(null=True, editable=False)
    complete_attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    changed_at = models.DateTimeField(default=timezone.now, editable=False, help_text="its text, or what staff said")

    objects = PaperQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~models.Q(title=""), name="paper_has_title"),
            models.CheckConstraint(
                condition=models.Q(featured_at=None) | models.Q(hidden_at=None), name="paper_not_featured_and_hidden"
            ),
        ]
        indexes = [
            # For staff, who look at a few of many, the newest first.
            models.Index(fields=["-id"], condition=models.Q(hidden_at__isnull=False), name="paper_hidden"),
            models.Index(fields=["-id"], condition=models.Q(withdrawn_at__isnull=False), name="paper_withdrawn"),
            models.Index(fields=["-featured_at"], condition=models.Q(featured_at__isnull=False), name="paper_featured"),
            models.Index(
                fields=["match_due_at"],
                condition=models.Q(match_due_at__isnull=False),
                name="paper_match_due",
            ),
            models.Index(
                fields=["complete_due_at"],
                condition=models.Q(complete_due_at__isnull=False),
                name="paper_complete_due",
            ),
            models.Index(fields=["-trend"], condition=models.Q(trend__gt=0), name="paper_trending"),
            models.Index(
                fields=["index_due_at"],
                condition=models.Q(index_due_at__isnull=False),
                name="paper_index_due",
            ),
            models.Index(fields=["announced_on", "-votes"], name="paper_announced"),
            # A list of a period: the few that were noticed, by votes, and all the others, the newest first.
            models.Index(
                fields=["announced_on"],
                condition=NOTICED & models.Q(withdrawn_at=None, hidden_at=None),
                name="paper_noticed",
            ),
            models.Index(
                fields=["-announced_on", "-id"],
                condition=UNNOTICED & models.Q(withdrawn_at=None, hidden_at=None),
                name="paper_unnoticed",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def stands(self) -> bool:
        """Tell what `PaperQuerySet.standing` asks for."""
        return self.withdrawn_at is None and self.hidden_at is None

    @property
    def source_name(self) -> str:
        """Where it was published, or else who announced it first: read papers with `sighting.first_seen`."""
        first = next(iter(self.sightings.all()), None)
        return self.venue or (first.source.name if first else "")

    def is_featured(self, day: date) -> bool:
        """Tell what `PaperQuerySet.featured` asks for."""
        if self.featured_at is None or not self.stands:
            return False
        return self.featured_at.date() >= day - FEATURED_FOR

    def feature(self, reason: str, now: datetime) -> None:
        """Show it before the trending ones for a week, with the reason."""
        was_hidden = self.hidden_at is not None
        self.featured_at, self.hidden_at, self.staff_note = now, None, reason
        self._save_standing(match_from=now if was_hidden else None)

    def hide(self, reason: str, now: datetime) -> None:
        """Take it off all pages and out of all digests to come; its matches go."""
        self.featured_at, self.hidden_at, self.staff_note = None, now, reason
        with transaction.atomic():
            self._save_standing(match_from=None)  # first: it waits for whoever is storing matches of this paper
            self.matches.all().delete()

    def take_back(self, now: datetime) -> None:
        """Have it neither featured nor hidden any more; one that was hidden is matched again."""
        was_hidden = self.hidden_at is not None
        self.featured_at, self.hidden_at, self.staff_note = None, None, ""
        self._save_standing(match_from=now if was_hidden else None)

    def _save_standing(self, match_from: datetime | None) -> None:
        self.changed_at = timezone.now()
        fields = ["featured_at", "hidden_at", "staff_note", "changed_at"]
        if match_from is not None and self.announced_on:
            self.match_due_at = match_from
            fields.append("match_due_at")
        self.save(update_fields=fields)
        Change.objects.note()


class PaperIdentifier(models.Model):
    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="identifiers")
    scheme = models.CharField(max_length=10, choices=[(scheme.value, scheme.value) for scheme in Scheme])
    value = models.CharField(max_length=2048)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scheme", "value"], name="identifier_once"),
            models.CheckConstraint(
                condition=models.Q(scheme__in=["arxiv", "doi", "pmid", "url", "title"]),
                name="identifier_scheme_known",
            ),
        ]
        indexes = [models.Index(fields=["value"], opclasses=["varchar_pattern_ops"], name="identifier_value")]

    def __str__(self) -> str:
        return f"{self.scheme}:{self.value}"
