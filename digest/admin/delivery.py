"""Editions, digests and suppressions in the admin: who got what, who did not, and why."""

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Count
from django.http import HttpRequest

from digest.admin.history import ReadOnly
from digest.admin.lists import AddressSearch
from digest.models import Digest, Edition, Suppression


@admin.register(Edition)
class EditionAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("date", "equation", "closes_at", "closed_at")
    ordering = ("-date",)

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """Give the open editions of the page their running counts; closed ones have theirs stored."""
        page = super().get_changelist_instance(request)
        running = {edition.pk: edition for edition in page.result_list if edition.closed_at is None}
        digests = Digest.objects.filter(edition__in=running).order_by().values_list("edition", "state")
        for edition, state, count in digests.annotate(Count("pk")):
            running[edition].counts[state] = count
        return page

    @admin.display(description="eligible = accepted + failed + uncertain + empty + suppressed + expired")
    def equation(self, edition: Edition) -> str:
        counts = dict(edition.counts)
        eligible = counts.pop("eligible", sum(counts.values()))
        states = " + ".join(f"{counts[state]:,} {state}" for state in sorted(counts))
        return f"{eligible:,} = {states}" if states else "nobody yet"


@admin.register(Digest)
class DigestAdmin(ReadOnly, AddressSearch):
    list_display = (
        "reader",
        "edition",
        "state",
        "reason",
        "code",
        "attempts",
        "next_attempt_at",
        "settled_at",
    )
    list_filter = ("state",)
    list_select_related = ("reader", "edition")
    search_fields = ("reader__email__startswith",)
    show_full_result_count = False
    ordering = ("-pk",)


@admin.register(Suppression)
class SuppressionAdmin(AddressSearch):
    list_display = ("address", "reason", "note", "created_at")
    list_filter = ("reason",)
    search_fields = ("address__startswith",)
    show_full_result_count = False
    ordering = ("-pk",)
