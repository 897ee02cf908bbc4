"""Topics and who follows them, in the admin."""

from django.contrib import admin
from django.http import HttpRequest

from digest.admin.lists import AddressSearch
from digest.models import Subscription, Topic


@admin.register(Topic)
class TopicAdmin(admin.ModelAdmin):
    list_display = ("label", "kind", "query")
    list_filter = ("kind",)
    search_fields = ("label", "query")
    show_full_result_count = False
    ordering = ("-pk",)
    readonly_fields = ("kind", "match_due_at", "created_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Topic | None = None) -> tuple[str, ...]:
        """A topic's query stays what it is: all who follow it asked for just that."""
        return (*self.readonly_fields, "query") if obj else self.readonly_fields


@admin.register(Subscription)
class SubscriptionAdmin(AddressSearch):
    list_display = ("reader", "topic", "weight", "is_muted")
    list_select_related = ("reader", "topic")
    autocomplete_fields = ("reader", "topic")
    search_fields = ("reader__email__startswith",)
    show_full_result_count = False
    ordering = ("-pk",)
