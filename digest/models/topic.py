"""A Topic: one normalised interest, shared by every reader who follows it."""

import unicodedata
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from itertools import chain, count

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.text import slugify

from digest.models.change import Change
from digest.models.claims import claim
from digest.ranking.label import label
from digest.ranking.query import Query, QueryError, parse_query
from digest.ranking.starter import Entry, starter_by_query

RESERVED = frozenset({"preview"})  # /topics/preview is a page of its own
_LONGEST_SLUG = 70  # with room for a number behind it


def _visible(text: str) -> str:
    """Return what somebody typed on one line, without the marks that nobody sees and that can turn the text around."""
    return " ".join("".join(char for char in text if unicodedata.category(char) != "Cf").split())


def label_of(text: str) -> str:
    """Return the label that the topic of `text` gets. Raises QueryError where `text` cannot be understood."""
    known = starter_by_query().get(parse_query(text).canonical)
    return known.name if known else label(_visible(text))


def _slug(name: str, taken: Collection[str]) -> str:
    """Return what stands for `name` in addresses, with a number where it is taken already."""
    plain = slugify(name)[:_LONGEST_SLUG].strip("-") or "topic"
    numbered = (f"{plain}-{number}" for number in count(2))
    return next(slug for slug in chain([plain], numbered) if slug not in taken and slug not in RESERVED)


def _parts(queries: Sequence[str]) -> list[Sequence[str]]:
    """Return `queries` in parts that fit into one statement each."""
    return [queries[start : start + 500] for start in range(0, len(queries), 500)]


class TopicQuerySet(models.QuerySet["Topic"]):
    def named(self, text: str) -> "Topic":
        """Return the topic that `text` asks for, made if nobody has asked for it before.

        Raises QueryError where `text` cannot be understood.
        """
        query = parse_query(text)
        topic, _ = self.select_related("merged_into").get_or_create(
            query=query.canonical, defaults={"kind": query.kind, "label": label_of(text)}
        )
        return topic.merged_into or topic

    def named_all(self, texts: Collection[str]) -> dict[str, "Topic"]:
        """Do as `named` for many texts at once."""
        queries = {text: parse_query(text) for text in texts}
        made = {
            query.canonical: Topic(query=query.canonical, kind=query.kind, label=label_of(text))
            for text, query in queries.items()
        }
        self.bulk_create(made.values(), ignore_conflicts=True, batch_size=500)
        known: dict[str, Topic] = {}
        wanted = sorted(made)
        for start in range(0, len(wanted), 500):
            found = self.filter(query__in=wanted[start : start + 500]).select_related("merged_into")
            known |= {topic.query: topic.merged_into or topic for topic in found}
        return {text: known[query.canonical] for text, query in queries.items()}

    def beginning(self, text: str) -> "TopicQuerySet":
        """Topics whose name or query begins with `text`, in any case; all, where there is none."""
        text = text.replace("\0", "").strip()[:400]
        return self.filter(models.Q(label__istartswith=text) | models.Q(query__istartswith=text)) if text else self

    def standing(self) -> "TopicQuerySet":
        """Topics that were not merged into another."""
        return self.filter(merged_into=None)

    def public(self) -> "TopicQuerySet":
        """Topics that have a page of their own: those of the catalogue."""
        return self.standing().exclude(slug="")

    def promoted(self) -> "TopicQuerySet":
        """Topics that staff put into the catalogue."""
        return self.exclude(group="").order_by("group", "pk")

    def followed(self) -> "TopicQuerySet":
        """Topics that somebody gets mail about."""
        return self.filter(subscriptions__is_muted=False).distinct()

    def matched(self) -> "TopicQuerySet":
        """Topics that meet each new paper: those that somebody gets mail about, and those that have a page."""
        # Read whole, not asked for topic by topic: half the time with 100,000 topics.
        followed = self.model.objects.filter(subscriptions__is_muted=False).order_by().values("pk")
        return self.filter(models.Q(pk__in=followed) | (~models.Q(slug="") & models.Q(merged_into=None)))

    def begin_to_match(self, topics: Collection[int], now: datetime) -> None:
        """Have those of `topics` matched that were not until now: they have met no papers of late."""
        unmatched = self.filter(pk__in=topics, match_due_at=None, slug="").exclude(subscriptions__is_muted=False)
        unmatched.update(match_due_at=now)

    def open_pages(self, entries: Sequence[Entry], now: datetime) -> int:
        """Give each topic of the catalogue a page, and take it from those that have left; return how many changed.

        A slug stays what it is, whatever becomes of the name; that of a merged topic leads to what it became. One query
        where nothing is new.
        """
        names = {entry.canonical: entry.name for entry in entries}
        has_page = set(self.exclude(slug="").values_list("query", flat=True))
        new = [query for query in names if query not in has_page]
        if new:
            self.named_all(new)
        opened = sum(self._open(part, names, now) for part in _parts(new))
        left = [query for query in has_page if query not in names]
        closed = sum(self.standing().filter(query__in=part).update(slug="") for part in _parts(left))
        if opened or closed:
            Change.objects.note()
        return opened + closed

    @transaction.atomic
    def _open(self, queries: Sequence[str], names: dict[str, str], now: datetime) -> int:
        """Open the pages of these topics, under their names in the catalogue: not under what a reader once typed."""
        topics = list(self.filter(query__in=queries, slug="").order_by("pk").select_for_update())
        followed = set(self.followed().filter(pk__in=[topic.pk for topic in topics]).values_list("pk", flat=True))
        slugs = set(self.exclude(slug="").values_list("slug", flat=True))
        for topic in topics:
            topic.label = names[topic.query]
            topic.slug = _slug(topic.label, slugs)
            slugs.add(topic.slug)
            if topic.merged_into_id is None and topic.pk not in followed:
                topic.match_due_at = now
        self.bulk_update(topics, ["slug", "label", "match_due_at"], batch_size=200)
        return len(topics)

    def due_for_matching(self, now: datetime) -> "TopicQuerySet":
        return self.filter(match_due_at__lte=now).order_by("match_due_at", "pk")

    def claim_for_matching(
        self, now: datetime, *, limit: int, lease: timedelta = timedelta(minutes=10)
    ) -> list["Topic"]:
        """Take topics that are new: they have not met the papers of the last days."""
        keys = claim(self.due_for_matching(now), "match_due_at", until=now + lease, limit=limit)
        return list(self.filter(pk__in=keys).order_by("pk"))


class Topic(models.Model):
    class Kind(models.TextChoices):
        TEXT = "text", "words"
        CATEGORY = "category", "category"
        AUTHOR = "author", "author"

    kind = models.CharField(max_length=10, choices=Kind, editable=False)
    query = models.CharField(
        max_length=400, unique=True, help_text='words, "phrases", -excluded, cat:cs.CL, author:"Jane Doe"'
    )
    label = models.CharField(max_length=300, blank=True, help_text="what readers see; the query in words if left empty")
    group = models.CharField(
        max_length=60, blank=True, help_text="where it stands in the catalogue; empty: it is not in the catalogue"
    )
    description = models.CharField(max_length=200, blank=True, help_text="one line for the catalogue")
    slug = models.CharField(
        max_length=80, blank=True, editable=False, help_text="the address of its page; empty: it has none"
    )
    # The row stays for whoever asks for its query again, and for past digests, which show its label.
    merged_into = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, editable=False, related_name="merged"
    )
    match_due_at = models.DateTimeField(default=timezone.now, null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = TopicQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["text", "category", "author"]), name="topic_kind_known"
            ),
            models.UniqueConstraint(fields=["slug"], condition=~models.Q(slug=""), name="topic_slug_once"),
        ]
        indexes = [
            models.Index(
                fields=["match_due_at"],
                condition=models.Q(match_due_at__isnull=False),
                name="topic_match_due",
            ),
            models.Index(fields=["group"], condition=~models.Q(group=""), name="topic_promoted"),
        ]

    def __str__(self) -> str:
        return self.label

    def clean(self) -> None:
        """Bring the query into its one spelling; say what is wrong where it cannot be understood."""
        try:
            query = parse_query(self.query)
        except QueryError as error:
            raise ValidationError({"query": str(error)}) from error
        self.label = _visible(self.label) or label(_visible(self.query))
        self.query, self.kind = query.canonical, self.Kind(query.kind)

    @property
    def parsed(self) -> Query:
        return parse_query(self.query)
