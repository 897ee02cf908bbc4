"""Visits in the admin: what came of each, latest first. There are many: no page counts them all."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from digest.admin.history import ReadOnly
from digest.admin.lists import LatestOnly
from digest.models import Fetch


class DayFilter(admin.SimpleListFilter):
    title = "time"
    parameter_name = "within"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("1", "last 24 hours"), ("7", "last 7 days"), ("30", "last 30 days")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        days = self.value()
        if days not in ("1", "7", "30"):
            return queryset
        return queryset.filter(at__gte=timezone.now() - timedelta(days=int(days)))


@admin.register(Fetch)
class FetchAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("when", "of", "what", "status", "seen", "new")
    list_filter = ("outcome", "purpose", DayFilter)
    list_select_related = ("source",)
    paginator = LatestOnly
    show_full_result_count = False
    ordering = ("-at",)

    @admin.display(description="at (UTC)", ordering="at")
    def when(self, fetch: Fetch) -> str:
        year = "" if fetch.at.year == timezone.now().year else "\xa0Y"
        return date_format(fetch.at, f"j\xa0M{year}, H:i")

    @admin.display(description="source", ordering="source__name")
    def of(self, fetch: Fetch) -> SafeString:
        return format_html('<span class="brief" title="{0}">{0}</span>', fetch.source.name)

    @admin.display(description="what came of it")
    def what(self, fetch: Fetch) -> str:
        purpose = "" if fetch.purpose == Fetch.Purpose.CHECK else f"{fetch.get_purpose_display()}: "
        message = f": {fetch.message}" if fetch.message else ""
        return f"{purpose}{fetch.get_outcome_display()}{message}"
