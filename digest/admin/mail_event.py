"""What mail providers reported of single mails, in the admin: a list to look things up in."""

from django.contrib import admin

from digest.admin.history import ReadOnly
from digest.admin.lists import AddressSearch
from digest.models import MailEvent


@admin.register(MailEvent)
class MailEventAdmin(ReadOnly, AddressSearch):
    list_display = ("at", "kind", "address", "said", "provider")
    list_filter = ("kind",)
    search_fields = ("address__startswith",)
    ordering = ("-at",)
    fields = ("at", "kind", "address", "reader", "digest", "said", "provider", "event_key")
