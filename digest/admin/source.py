"""Sources in the admin: how each one is, what its last visits brought, and the switches.

How sources are added is `add_source`'s; what health is, `digest.models.health`'s.
"""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince, timeuntil

from digest.admin.add_source import AddSource
from digest.admin.dated import DatedForm
from digest.admin.health import HealthFilter, counts, marked
from digest.admin.shown import ShownOnPages
from digest.admin.staff import log_changes
from digest.ingest.switch_on import enable
from digest.models import Fetch, Sighting, Source
from digest.models.health import health

VISITS_SHOWN = 20

LATEST = (
    Fetch.objects.filter(source=OuterRef("pk"), purpose=Fetch.Purpose.CHECK)
    .order_by("-at")
    .values(said=JSONObject(outcome=F("outcome"), new=F("new")))[:1]
)


class SourceForm(DatedForm):
    """The address is shown, and changed only by way of a preview."""

    class Meta:
        model = Source
        fields = ("name", "url", "is_active", "check_minutes", "quiet_days", "next_check_at")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "url" in self.fields:
            self.fields["url"].disabled = True
            self.fields["url"].widget.attrs["class"] = "vURLField"
            self.fields["url"].help_text = "To visit another address instead, preview it above."


@admin.register(Source)
class SourceAdmin(ShownOnPages, AddSource):
    form = SourceForm
    list_display = ("named", "how", "last_visit", "next_visit")
    list_filter = (HealthFilter, "kind", "is_active")
    search_fields = ("name", "url")
    ordering = ("name", "pk")
    list_per_page = 200
    readonly_fields = ("kind", "last_checked_at", "last_success_at", "last_new_at", "batch_on", "created_at")
    fieldsets = (
        (None, {"fields": ("name", "kind", "url", "is_active")}),
        ("When", {"fields": ("check_minutes", "next_check_at", "quiet_days")}),
        ("So far", {"fields": ("last_checked_at", "last_success_at", "last_new_at", "batch_on", "created_at")}),
    )
    actions = ("fetch_now", "switch_on_again", "switch_off")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Source]:
        """Bring along what the last visit brought, for the list."""
        sources: QuerySet[Source] = super().get_queryset(request).annotate(latest=Subquery(LATEST))
        return sources

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"counts": counts()} | (extra_context or {}))

    @admin.display(description="name", ordering="name")
    def named(self, source: Source) -> SafeString:
        """Sources may share a name, and are told apart by where they are."""
        return format_html(
            '<span class="brief" title="{0}">{0}</span> <span class="note" title="{1}">{2}</span>',
            source.name,
            source.url,
            source.host or source.url,
        )

    @admin.display(description="health")
    def how(self, source: Source) -> SafeString:
        now = timezone.now()
        found = health(source, now)
        since = format_html(
            '<time datetime="{}">{}</time>', found.since.isoformat(), timesince(found.since, now, depth=1)
        )
        return format_html('{} for {}<div class="note">{}</div>', marked(found), since, found.note)

    @admin.display(description="last visit", ordering="last_checked_at")
    def last_visit(self, source: Source) -> str:
        if source.last_checked_at is None:
            return "none yet"
        ago = f"{timesince(source.last_checked_at, depth=1)} ago"
        latest = getattr(source, "latest", None)
        if not latest:
            return ago
        return f"{ago}: failed" if latest["outcome"] == Fetch.Outcome.FAILED else f"{ago}: {latest['new']:,} new"

    @admin.display(description="next visit", ordering="next_check_at")
    def next_visit(self, source: Source) -> str:
        if not source.is_active:
            return "none"
        now = timezone.now()
        return "now" if source.next_check_at <= now else f"in {timeuntil(source.next_check_at, now, depth=1)}"

    @admin.action(description="Fetch at the next minute", permissions=["change"])
    def fetch_now(self, request: HttpRequest, sources: QuerySet[Source]) -> None:
        active = list(sources.filter(is_active=True))
        Source.objects.filter(pk__in=[source.pk for source in active]).update(next_check_at=timezone.now())
        self._say(request, "Fetched at the next minute", active, sources, "are switched off")

    @admin.action(description="Switch on again, as if it had never failed", permissions=["change"])
    def switch_on_again(self, request: HttpRequest, sources: QuerySet[Source]) -> None:
        with_address = list(sources.exclude(host=""))
        for source in with_address:
            enable(source, timezone.now())
        self._say(request, "Switched on", with_address, sources, "have no web address and are only read by hand")

    @admin.action(description="Switch off", permissions=["change"])
    def switch_off(self, request: HttpRequest, sources: QuerySet[Source]) -> None:
        """Stop the visits; of what the service has switched off itself, take note, so that it needs nobody any more."""
        changed = list(sources.filter(Q(is_active=True) | Q(disabled_at__isnull=False)))
        acknowledged = sum(source.disabled_at is not None for source in changed)
        Source.objects.filter(pk__in=[source.pk for source in changed]).update(
            is_active=False, disabled_at=None, disabled_reason=""
        )
        self._say(request, "Switched off", changed, sources, "were off")
        if acknowledged:
            said = f"The service had switched off {acknowledged} of them itself; that needs nobody any more."
            self.message_user(request, said, messages.SUCCESS)

    def _say(
        self, request: HttpRequest, done: str, changed: list[Source], chosen: QuerySet[Source], others: str
    ) -> None:
        """Tell staff what was done to how many, and write it into the log of each."""
        log_changes(request, changed, f"{done}.")
        count = chosen.count()
        rest = f" The others {others}." if len(changed) < count else ""
        self.message_user(request, f"{done}: {len(changed)} of {count}.{rest}", messages.SUCCESS)

    def save_model(self, request: HttpRequest, obj: Source, form: forms.ModelForm, change: bool) -> None:
        """Write only what staff have changed: a visit may be under way, and write the rest."""
        if "is_active" in form.changed_data and obj.is_active:
            enable(obj, timezone.now())
        obj.save(update_fields=form.changed_data)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[Any]]:
        """Say by numbers what goes with a source, which may be a million rows, and nobody else may delete alone."""
        counted = {
            "sources": len(objs),
            "sightings (their papers stay)": Sighting.objects.filter(source__in=objs).count(),
            "visits": Fetch.objects.filter(source__in=objs).count(),
        }
        return [str(source) for source in objs], counted, set(), []

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        source: Source = context["original"]
        found = health(source, timezone.now())
        context |= {
            "health": found,
            "marked": marked(found),
            "visits": source.fetches.order_by("-at")[:VISITS_SHOWN],
            "gaps": source.gaps.open().order_by("first"),
            "show_save_and_add_another": False,
        }
        return super().render_change_form(request, context, *args, **kwargs)
