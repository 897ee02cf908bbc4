"""Editions in the admin: the equation of each, its digests by state, and who did not get it, and why."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from digest.admin.history import ReadOnly
from digest.delivery.equations import ORDER, REASONS, Equation, equations, reasons
from digest.models import Digest, Edition

MEANS = {
    Digest.State.ACCEPTED: "The mail system took it.",
    Digest.State.FAILED: "The mail system refused it, or it could not be made.",
    Digest.State.UNCERTAIN: "Nobody knows whether it left: the connection or the worker was gone before the reply.",
    Digest.State.EMPTY: "Nothing new was close enough to the reader's topics, so there was no mail.",
    Digest.State.SUPPRESSED: "The address must not be mailed, or the reader left or paused meanwhile.",
    Digest.State.EXPIRED: "It could not be sent in time, and is not sent late.",
    Digest.State.RETRY: "The mail system asked for patience: it is tried again.",
    Digest.State.HANDING_OVER: "It is on its way to the mail system.",
    Digest.State.PENDING: "Its hour has come, and it is about to be made.",
}


@admin.register(Edition)
class EditionAdmin(ReadOnly, admin.ModelAdmin):
    change_form_template = "admin/digest/edition/change_form.html"
    list_display = ("date", "equation", "closes", "closed_at")
    list_per_page = 50
    ordering = ("-date",)
    sortable_by = ()
    fields = ("date", "opened_at", "closes", "closed_at")

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """Tell how the editions of the page stand, in as many questions for fifty as for one."""
        page = super().get_changelist_instance(request)
        found = equations(page.result_list, timezone.now())
        for edition in page.result_list:
            edition.stands = found[edition.pk]
        return page

    @admin.display(description="closes at")
    def closes(self, edition: Edition) -> str:
        return date_format(edition.closes_at, "DATETIME_FORMAT")

    @admin.display(description="eligible = accepted + failed + uncertain + empty + suppressed + expired")
    def equation(self, edition: Edition) -> str:
        return str(getattr(edition, "stands", Equation({}, edition.opened_at)))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        edition: Edition = context["original"]
        now = timezone.now()
        found = equations([edition], now)[edition.pk]
        why, as_of = reasons(edition, now)
        context |= {
            "equation": str(found),
            "as_of": found.as_of,
            "states": [
                (state.label, MEANS[state], f"{found.counts[state]:,}", _digests(edition, state))
                for state in ORDER
                if found.counts.get(state)
            ],
            "reasons": [
                (Digest.State(state).label, reason, f"{count:,}", _digests(edition, state, reason=reason))
                for state, reason, count in why
            ],
            "reasons_as_of": as_of,
            "most": REASONS,
        }
        return super().render_change_form(request, context, *args, **kwargs)


def _digests(edition: Edition, state: str, *, reason: str | None = None) -> str:
    """Return the address of the list of these digests."""
    asked = {"edition__id__exact": edition.pk, "state__exact": state} | ({} if reason is None else {"reason": reason})
    return f"{reverse('admin:digest_digest_changelist')}?{urlencode(asked)}"
