"""Digests in the admin: who got what, in which state it is and why. Nobody changes them here."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from django.http import HttpRequest, HttpResponse

from digest.admin.history import ReadOnly
from digest.admin.lists import AddressSearch, TypedFilter
from digest.delivery.archive import reopen
from digest.models import Digest, Edition

EDITIONS_OFFERED = 14
EVENTS_SHOWN = 20


class EditionFilter(admin.SimpleListFilter):
    """The latest editions; one that is asked for by a link is added."""

    title = "edition"
    parameter_name = "edition__id__exact"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        offered = {str(edition.pk): str(edition) for edition in Edition.objects.order_by("-date")[:EDITIONS_OFFERED]}
        asked = request.GET.get(self.parameter_name, "")
        if asked.isdecimal() and len(asked) < 19 and asked not in offered:
            offered |= {str(edition.pk): str(edition) for edition in Edition.objects.filter(pk=asked)}
        return list(offered.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        asked = self.value()
        if not asked:
            return queryset
        return queryset.filter(edition=asked) if asked.isdecimal() and len(asked) < 19 else queryset.none()


class StateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state__exact"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [(state.value, state.label) for state in Digest.State]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        state = self.value()
        if state not in Digest.State.values:
            return queryset
        asked = request.GET
        if asked.get(EditionFilter.parameter_name) and ReasonFilter.parameter_name not in asked:
            # A constant would have PostgreSQL walk through all that wait or failed, of whatever edition.
            return queryset.filter(state=RawSQL("(SELECT %s)", [state]))
        return queryset.filter(state=state)


class ReasonFilter(TypedFilter):
    """By the whole reason, as the page of an edition links to it; within an edition, and there within a state."""

    title = "reason"
    parameter_name = "reason"
    help_text = "the whole reason, within an edition and a state"

    def has_output(self) -> bool:
        return self.parameter_name in self.used_parameters

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not (request.GET.get(EditionFilter.parameter_name) and request.GET.get(StateFilter.parameter_name)):
            return queryset
        return queryset.filter(reason=request.GET[self.parameter_name].replace("\0", "")[:300])


@admin.register(Digest)
class DigestAdmin(ReadOnly, AddressSearch):
    change_form_template = "admin/digest/digest/change_form.html"
    list_display = ("reader", "edition", "state", "reason", "code", "attempts", "next_attempt_at", "settled_at")
    list_filter = (EditionFilter, StateFilter, ReasonFilter)
    list_select_related = ("reader", "edition")
    search_fields = ("reader__email__startswith",)
    fields = ("reader", "edition", "state", "reason", "code", "attempts", "subject")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer("picks", "trending")

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """Show the newest first; of a whole edition, state by state: both are read from an index as they stand."""
        asked = request.GET
        is_whole_edition = asked.get(EditionFilter.parameter_name) and not asked.get(StateFilter.parameter_name)
        return ("state", "-pk") if is_whole_edition else ("-pk",)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        digest: Digest = context["original"]
        context |= {
            "story": list(story(digest)),
            "reopened": reopen([digest])[0],
            "events": digest.mail_events.order_by("-at")[:EVENTS_SHOWN],
        }
        return super().render_change_form(request, context, *args, **kwargs)


def story(digest: Digest) -> Iterator[tuple[Any, str]]:
    """Yield what became of a digest, step by step: when (None where that is not kept), and what."""
    yield digest.created_at, "Opened for the reader's hour."
    if digest.attempts:
        times = "once" if digest.attempts == 1 else f"{digest.attempts} times"
        yield None, f"Handed to the mail system {times}."
    said = f"{digest.get_state_display()}{f', code {digest.code}' if digest.code else ''}"
    why = f": {digest.reason}" if digest.reason else ""
    yield digest.settled_at, f"{said[:1].upper()}{said[1:]}{why}"
    if digest.next_attempt_at:
        yield digest.next_attempt_at, "It is tried then, or a little later."
