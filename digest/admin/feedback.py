"""What readers said of papers, in the admin: a list to look things up in."""

from django.contrib import admin

from digest.admin.history import ReadOnly
from digest.admin.lists import AddressSearch
from digest.models import Feedback


@admin.register(Feedback)
class FeedbackAdmin(ReadOnly, AddressSearch):
    list_display = ("reader", "wants_more", "paper", "said_at")
    list_filter = ("wants_more",)
    list_select_related = ("reader", "paper")
    search_fields = ("reader__email__startswith",)
