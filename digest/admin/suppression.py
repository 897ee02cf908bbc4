"""Addresses that must not be mailed, in the admin: found by their beginning, or whole where they were erased.

Staff add an address with a note on why. Deleting a row allows mail to the address again, and is written down.
"""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.address import spelled
from accounts.models import Reader
from digest.admin.lists import AddressSearch
from digest.admin.staff import is_superuser
from digest.feedback.standing import let_again
from digest.models import Suppression
from digest.models.suppression import Salt, hashed

ALLOWED = "staff allowed mail to the address again"


class SuppressionForm(forms.ModelForm):
    may_stop_staff = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Have staff say why where they add an address: others will want to know."""
        super().__init__(*args, **kwargs)
        for name in ("address", "note"):
            if name in self.fields and self.instance.pk is None:
                self.fields[name].required = True
        if "address" in self.fields:
            self.fields["address"] = forms.EmailField(label="Address", max_length=254, help_text="it gets no mail")

    def clean_address(self) -> str:
        """Leave staff to superusers: whom no mail reaches, no code to sign in reaches either."""
        address = spelled(self.cleaned_data["address"])
        if not self.may_stop_staff and Reader.objects.filter(email=address, is_staff=True).exists():
            raise forms.ValidationError("This is a member of staff: that is for superusers alone.")
        return address


@admin.register(Suppression)
class SuppressionAdmin(AddressSearch):
    form = SuppressionForm
    delete_confirmation_template = "admin/digest/suppression/delete_confirmation.html"
    list_display = ("named", "reason", "note", "created_at")
    list_filter = ("reason",)
    search_fields = ("address__startswith",)
    search_help_text = "the beginning of an address; one that was erased, whole"

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, *args, **kwargs)
        form.may_stop_staff = is_superuser(request)
        return form

    def get_fields(self, request: HttpRequest, obj: Suppression | None = None) -> tuple[str, ...]:
        return ("address", "note") if obj is None else ("named", "reason", "note", "created_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Suppression | None = None) -> tuple[str, ...]:
        return () if obj is None else ("named", "reason", "created_at")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find what begins so; and what was erased, by its hash."""
        typed = search_term.strip().lower()
        if not typed:
            return queryset, False
        found = Q(address__startswith=typed)
        if "@" in typed:
            found |= Q(address_hash=hashed(typed, Salt.objects.value()))
        return queryset.filter(found), False

    @admin.display(description="address")
    def named(self, suppression: Suppression) -> str:
        return str(suppression)

    def delete_model(self, request: HttpRequest, obj: Suppression) -> None:
        super().delete_model(request, obj)
        if obj.address:
            let_again(obj.address, ALLOWED, timezone.now())

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Suppression]) -> None:
        for suppression in queryset:
            self.delete_model(request, suppression)

    def save_model(self, request: HttpRequest, obj: Suppression, form: forms.ModelForm, change: bool) -> None:
        if not change:
            obj.reason = Suppression.Reason.STAFF
        super().save_model(request, obj, form, change)
