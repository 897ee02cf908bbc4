"""Digests in the admin: who got what, in which state it is and why.

Nobody changes them here, but for one thing: staff who have asked a reader can say that an uncertain one arrived.
"""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from digest.admin.history import ReadOnly
from digest.admin.lists import AddressSearch, TypedFilter
from digest.admin.staff import log_changes
from digest.delivery.archive import reopen
from digest.feedback import settle
from digest.models import Digest, Edition

EDITIONS_OFFERED = 14
EVENTS_SHOWN = 20
AT_ONCE = 1000  # digests at most that one action takes


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
    actions = ("arrived",)

    @admin.action(description="It arrived: count what was uncertain as accepted", permissions=["settle"])
    def arrived(self, request: HttpRequest, digests: QuerySet[Digest]) -> HttpResponse | None:
        chosen = list(digests.values_list("pk", flat=True)[:AT_ONCE])
        settled = settle.by_hand(Digest.objects.filter(pk__in=chosen), timezone.now())
        log_changes(request, settled, "It arrived.")
        rest = " The others were not uncertain." if len(settled) < len(chosen) else ""
        level = messages.SUCCESS if settled else messages.WARNING
        self.message_user(request, f"Counted as accepted: {len(settled)} of {len(chosen)}.{rest}", level)
        back = request.POST.get("back", "")
        return redirect("admin:digest_digest_change", back) if back.isdecimal() else None

    def has_settle_permission(self, request: HttpRequest) -> bool:
        """Who may have a digest sent again may say that it arrived."""
        return request.user.has_perm("digest.change_digest")

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
            "can_settle": digest.state == Digest.State.UNCERTAIN and self.has_settle_permission(request),
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
    if digest.resent_at:
        yield digest.resent_at, "Put back to go out once more with the same Message-ID, as nobody knew whether it left."
    said = f"{digest.get_state_display()}{f', code {digest.code}' if digest.code else ''}"
    why = f": {digest.reason}" if digest.reason else ""
    yield digest.settled_at, f"{said[:1].upper()}{said[1:]}{why}"
    if digest.next_attempt_at:
        yield digest.next_attempt_at, "It is tried then, or a little later."
