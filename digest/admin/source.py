"""Sources in the admin: what is fetched, when, and how it went."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from digest.models import Source


@admin.register(Source)
class SourceAdmin(admin.ModelAdmin):
    list_display = ("name", "kind", "is_active", "last_success_at", "next_check_at", "last_error")
    list_filter = ("kind", "is_active")
    search_fields = ("name", "url")
    readonly_fields = ("last_checked_at", "last_success_at", "last_error")
    actions = ("fetch_now",)

    @admin.action(description="Fetch at the next minute")
    def fetch_now(self, request: HttpRequest, sources: QuerySet[Source]) -> None:
        chosen = sources.count()
        due = sources.filter(is_active=True).update(next_check_at=timezone.now())
        others = " The others are only read by hand." if due < chosen else ""
        self.message_user(request, f"Fetched at the next minute: {due} of {chosen}.{others}", messages.SUCCESS)
