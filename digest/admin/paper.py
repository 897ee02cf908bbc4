"""Papers in the admin: the list, found by identifier, and the fields of one. What else a page shows: `paper_page`."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from digest.admin.dated import DatedForm
from digest.admin.lists import ManyRows
from digest.admin.paper_page import around
from digest.admin.paper_word import PaperWord
from digest.admin.shown import ShownOnPages
from digest.models import Paper, PaperIdentifier
from digest.sources.identifiers import arxiv_id, doi, identify, pmid

FOUND = 1000  # papers at most that a search brings


class StandingFilter(admin.SimpleListFilter):
    """The few papers that are not like the others; each of these is read from an index of its own."""

    title = "standing"
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("featured", "featured"), ("trending", "trending"), ("hidden", "hidden"), ("withdrawn", "withdrawn")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "featured":
                return queryset.filter(featured_at__isnull=False)
            case "trending":
                return queryset.filter(trend__gt=0)
            case "hidden":
                return queryset.filter(hidden_at__isnull=False)
            case "withdrawn":
                return queryset.filter(withdrawn_at__isnull=False)
        return queryset


class AnnouncedFilter(admin.SimpleListFilter):
    title = "announced"
    parameter_name = "within"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("1", "since yesterday"), ("7", "last 7 days"), ("30", "last 30 days")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        days = self.value()
        if days not in ("1", "7", "30"):
            return queryset
        return queryset.filter(announced_on__gte=timezone.now().date() - timedelta(days=int(days)))


@admin.register(Paper)
class PaperAdmin(PaperWord, ShownOnPages, ManyRows):
    form = DatedForm
    change_form_template = "admin/digest/paper/change_form.html"
    list_display = ("titled", "announced_on", "said", "attention")
    list_filter = (StandingFilter, AnnouncedFilter)
    search_fields = ("identifiers__value",)
    search_help_text = "an arXiv id, a DOI, a PMID or the address of the paper's page, whole or the beginning"
    readonly_fields = ("trend", "attention", "match_due_at", "complete_due_at", "complete_attempts", "created_at")
    fieldsets = (
        (None, {"fields": ("title", "abstract", "authors", "author_count", "categories", "venue")}),
        ("Where", {"fields": ("url", "pdf_url")}),
        ("When", {"fields": ("announced_on", "submitted_at", "version", "withdrawn_at")}),
        ("The service's own", {"classes": ("collapse",), "fields": readonly_fields}),
    )

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """Show the newest first; of the filters that have an order of their own, that."""
        own = {"featured": "-featured_at", "trending": "-trend"}.get(request.GET.get("standing", ""))
        return (own, "-pk") if own else ("-pk",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find papers by what people paste: an identifier, an address that holds one, or the beginning of one."""
        if not search_term.strip():
            return queryset, False
        found = PaperIdentifier.objects.filter(known_as(search_term.strip())).values_list("paper_id", flat=True)
        return queryset.filter(pk__in=set(found[:FOUND])), False

    @admin.display(description="title")
    def titled(self, paper: Paper) -> SafeString:
        return format_html('<span class="brief" title="{0}">{0}</span>', paper.title)

    @admin.display(description="standing", empty_value="")
    def said(self, paper: Paper) -> str | None:
        """Say what is not as usual."""
        if paper.hidden_at:
            return f"hidden: {paper.staff_note}"
        if paper.withdrawn_at:
            return "withdrawn"
        return f"featured: {paper.staff_note}" if paper.featured_at else None

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        paper: Paper | None = context["original"]
        if paper is not None:
            context |= around(paper) | {"words": self.words_for(paper), "show_save_and_add_another": False}
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Paper, form: forms.ModelForm, change: bool) -> None:
        """Have a paper matched and indexed again with what staff wrote; the matches of one withdrawn go with that."""
        obj.index_due_at = obj.changed_at = now = timezone.now()
        obj.match_due_at = now if obj.announced_on else None
        super().save_model(request, obj, form, change)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[Any]]:
        """Name the papers alone: what hangs on them is history that nobody may delete otherwise."""
        papers = list(objs)
        return [str(paper) for paper in papers], {"papers, with all that is known of them": len(papers)}, set(), []


def known_as(text: str) -> Q:
    """Return what the identifiers are that `text` names: in their one spelling, and what begins as it does."""
    exact = arxiv_id(text)
    stated = identify(title="", arxiv=exact[0] if exact else None, doi=doi(text), pmid=pmid(text), urls=[text])
    wanted = Q(value__startswith=text[:400].replace("\0", ""))
    if "://" not in text:
        wanted |= Q(value__startswith=text.lower()[:400].replace("\0", ""))
    for identifier in stated:
        wanted |= Q(scheme=identifier.scheme, value=identifier.value)
    return wanted
