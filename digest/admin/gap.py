"""Missed days in the admin: what is still to be fetched elsewhere, and what was given up."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from digest.admin.history import ReadOnly
from digest.models import Gap


@admin.register(Gap)
class GapAdmin(ReadOnly, admin.ModelAdmin):
    """Nothing here is written by hand: a gap is tried again, or deleted where nobody wants its days."""

    list_display = ("category", "source", "first", "last", "state", "papers", "note")
    list_select_related = ("source",)
    list_filter = (("next_attempt_at", admin.EmptyFieldListFilter),)
    show_full_result_count = False
    ordering = ("-first", "category")
    actions = ("try_again",)

    def has_delete_permission(self, request: HttpRequest, obj: Gap | None = None) -> bool:
        return request.user.has_perm("digest.delete_gap")

    @admin.display(description="state")
    def state(self, gap: Gap) -> str:
        if gap.next_attempt_at:
            return f"next attempt {gap.next_attempt_at:%d %b %H:%M} UTC"
        return "given up" if gap.attempts else "complete"

    @admin.action(description="Try again now", permissions=["delete"])
    def try_again(self, request: HttpRequest, gaps: QuerySet[Gap]) -> None:
        count = gaps.update(next_attempt_at=timezone.now(), attempts=0, page_url="", note="")
        self.message_user(request, f"Asked for again within two minutes: {count}.", messages.SUCCESS)
