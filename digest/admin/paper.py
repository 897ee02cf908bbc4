"""Papers in the admin: where each was seen, under which identifiers, with what attention."""

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from digest.admin.history import HistoryInline
from digest.models import Match, Paper, PaperIdentifier, Sighting, Signal


class IdentifierInline(HistoryInline):
    model = PaperIdentifier


class SightingInline(HistoryInline):
    model = Sighting
    fields = ("source", "announce_type", "announced_on", "is_estimated", "version", "seen_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Sighting]:
        return Sighting.objects.select_related("source")


class SignalInline(HistoryInline):
    model = Signal


class MatchInline(HistoryInline):
    model = Match
    fields = ("topic", "score", "why")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Match]:
        return Match.objects.select_related("paper", "topic")


@admin.register(Paper)
class PaperAdmin(admin.ModelAdmin):
    list_display = ("title", "announced_on", "trend", "attention", "withdrawn_at")
    list_filter = (("withdrawn_at", admin.EmptyFieldListFilter),)
    search_fields = ("identifiers__value__startswith",)
    search_help_text = "the beginning of an arXiv id, a DOI or a PMID"
    show_full_result_count = False
    ordering = ("-pk",)
    readonly_fields = ("trend", "attention", "match_due_at", "complete_due_at", "complete_attempts", "created_at")
    inlines = (IdentifierInline, SightingInline, SignalInline, MatchInline)

    def save_model(self, request: HttpRequest, obj: Paper, form: forms.ModelForm, change: bool) -> None:
        """Have a paper matched again with what staff wrote; the matches of one that they withdraw go with that."""
        obj.match_due_at = timezone.now() if obj.announced_on else None
        super().save_model(request, obj, form, change)
