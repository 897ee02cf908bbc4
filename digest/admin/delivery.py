"""Editions, digests and suppressions in the admin: who got what, who did not, and why."""

from django.contrib import admin

from digest.admin.history import ReadOnly
from digest.models import Digest, Edition, Suppression


@admin.register(Edition)
class EditionAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("date", "equation", "closed_at")
    ordering = ("-date",)

    @admin.display(description="eligible = accepted + failed + uncertain + empty + suppressed + expired")
    def equation(self, edition: Edition) -> str:
        """Show the stored equation of a closed edition, the running count of an open one (a few editions a page)."""
        counts = dict(edition.counts) or edition.digests.by_state()
        eligible = counts.pop("eligible", sum(counts.values()))
        states = " + ".join(f"{counts[state]:,} {state}" for state in sorted(counts))
        return f"{eligible:,} = {states}" if states else "nobody yet"


@admin.register(Digest)
class DigestAdmin(ReadOnly, admin.ModelAdmin):
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
    search_help_text = "the beginning of a reader's address"
    show_full_result_count = False
    ordering = ("-pk",)


@admin.register(Suppression)
class SuppressionAdmin(admin.ModelAdmin):
    list_display = ("address", "reason", "note", "created_at")
    list_filter = ("reason",)
    search_fields = ("address__startswith",)
    show_full_result_count = False
    ordering = ("-pk",)
