"""What django-allauth keeps of signing in: superusers take a lost second factor away; nobody reads its secret."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.http import HttpRequest

from digest.admin.history import ReadOnly
from digest.admin.lists import OwnFilters
from digest.admin.staff import is_superuser

admin.site.unregister([Authenticator, EmailAddress])  # allauth's own pages show secrets, and change addresses unasked


@admin.register(Authenticator)
class AuthenticatorAdmin(ReadOnly, OwnFilters):
    list_display = ("user", "type", "created_at", "last_used_at")
    list_select_related = ("user",)
    fields = ("user", "type", "created_at", "last_used_at")
    ordering = ("-pk",)
    show_full_result_count = False

    def has_delete_permission(self, request: HttpRequest, obj: Authenticator | None = None) -> bool:
        return is_superuser(request)
