"""Topics in the admin: the list, and the fields of one; and who follows them.

What else a topic's page shows is `topic_page`'s; merging and trying queries have files of their own.
"""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import ValidationError
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from digest.admin.lists import AddressSearch, ManyRows
from digest.admin.shown import ShownOnPages
from digest.admin.topic_merge import TopicMerge
from digest.admin.topic_page import around
from digest.admin.topic_try import TopicTry
from digest.models import Subscription, Topic

MERGED = "merged"


class CatalogueFilter(admin.SimpleListFilter):
    title = "catalogue"
    parameter_name = "catalogue"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("in", "in the catalogue"), (MERGED, "merged into another")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == MERGED:
            return queryset.filter(merged_into__isnull=False)
        in_catalogue = ~Q(group="") | ~Q(slug="") & Q(merged_into=None)
        return queryset.filter(in_catalogue) if self.value() == "in" else queryset


class TopicForm(forms.ModelForm):
    def clean(self) -> dict[str, Any]:
        """Take a topic into the catalogue only with a line on what it is; without a group it has none."""
        cleaned: dict[str, Any] = super().clean() or {}
        group, description = (" ".join((cleaned.get(name) or "").split()) for name in ("group", "description"))
        if group and not description:
            raise ValidationError({"description": "Say in one line what the topic is: the catalogue shows it."})
        if description and not group:
            raise ValidationError({"group": "Say where in the catalogue it stands, or leave the description empty."})
        return cleaned | {"group": group, "description": description}


@admin.register(Topic)
class TopicAdmin(TopicMerge, TopicTry, ShownOnPages, ManyRows):
    form = TopicForm
    change_form_template = "admin/digest/topic/change_form.html"
    change_list_template = "admin/digest/topic/change_list.html"
    list_display = ("named", "kind", "readers", "group")
    list_filter = ("kind", CatalogueFilter)
    search_fields = ("label", "query")
    search_help_text = "the beginning of a topic's name or query"
    actions = ("merge",)
    readonly_fields = ("kind", "match_due_at", "created_at")
    fieldsets = (
        (None, {"fields": ("label", "query", "kind")}),
        (
            "Catalogue",
            {
                "fields": ("group", "description"),
                "description": "With both, the topic has a page and is offered to everybody who signs up;"
                " empty both to take it out.",
            },
        ),
        ("The service's own", {"classes": ("collapse",), "fields": ("match_due_at", "created_at")}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Topic | None = None) -> tuple[str, ...]:
        """A topic's query stays what it is: all who follow it asked for just that."""
        return (*self.readonly_fields, "query") if obj else self.readonly_fields

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[QuerySet[Any], bool]:
        """Find topics by their beginning, in any case; those that were merged only where they are asked for."""
        if request.GET.get("catalogue") != MERGED:
            queryset = queryset.filter(merged_into=None)
        return queryset.beginning(search_term), False

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """Count the readers of the page's topics at once."""
        page = super().get_changelist_instance(request)
        follows = Subscription.objects.filter(topic__in=[topic.pk for topic in page.result_list]).order_by()
        counts = dict(follows.values_list("topic").annotate(Count("pk")))
        for topic in page.result_list:
            topic.reader_count = counts.get(topic.pk, 0)
        return page

    @admin.display(description="topic")
    def named(self, topic: Topic) -> SafeString:
        return format_html(
            '<span class="brief" title="{0}">{0}</span><span class="note">{1}</span>',
            topic.label or topic.query,
            "" if topic.query == topic.label.lower() else topic.query,
        )

    @admin.display(description="readers")
    def readers(self, topic: Topic) -> str:
        return f"{getattr(topic, 'reader_count', 0):,}"

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        topic: Topic | None = context["original"]
        if topic is not None:
            context |= around(topic) | {"show_save_and_add_another": False}
        return super().render_change_form(request, context, *args, **kwargs)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[Any]]:
        """Name the topics alone; one that somebody follows cannot be deleted, whoever and however many they are."""
        topics = list(objs)
        follows = Subscription.objects.filter(topic=OuterRef("pk"))
        followed = Topic.objects.filter(Exists(follows), pk__in=[topic.pk for topic in topics])
        protected = [f"{topic}: somebody follows it. Merge it into another topic instead." for topic in followed[:20]]
        return [str(topic) for topic in topics], {"topics, with their matches": len(topics)}, set(), protected


@admin.register(Subscription)
class SubscriptionAdmin(AddressSearch):
    list_display = ("reader", "topic", "weight", "is_muted")
    list_select_related = ("reader", "topic")
    linked = ("topic__id__exact",)
    autocomplete_fields = ("reader", "topic")
    search_fields = ("reader__email__startswith",)
