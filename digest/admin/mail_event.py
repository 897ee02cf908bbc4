"""What mail providers reported, and what readers said of papers, in the admin: lists to look things up in."""

from django.contrib import admin

from digest.admin.history import ReadOnly
from digest.admin.lists import AddressSearch
from digest.models import Feedback, MailEvent


@admin.register(MailEvent)
class MailEventAdmin(ReadOnly, AddressSearch):
    list_display = ("at", "kind", "address", "said", "provider")
    list_filter = ("kind",)
    list_per_page = 50
    search_fields = ("address__startswith",)
    ordering = ("-at",)
    sortable_by = ()
    fields = ("at", "kind", "address", "reader", "digest", "said", "provider", "event_key")


@admin.register(Feedback)
class FeedbackAdmin(ReadOnly, AddressSearch):
    list_display = ("reader", "wants_more", "paper", "said_at")
    list_filter = ("wants_more",)
    list_select_related = ("reader", "paper")
    list_per_page = 50
    search_fields = ("reader__email__startswith",)
    ordering = ("-pk",)
    sortable_by = ()
