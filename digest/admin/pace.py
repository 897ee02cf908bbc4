"""The pace of mail in the admin: what is slowed down, closed or stopped and why, and the limits, which staff change.

Groups of domains are made and divided by superusers; whoever may change a row pauses it and has it go on.
"""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import F, QuerySet
from django.db.models.functions import Lower
from django.http import HttpRequest
from django.utils import timezone

from accounts.address import mail_address, spelled
from digest.admin.pace_words import how_it_stands, limits_in_words, moment, today_in_words
from digest.admin.staff import log_changes
from digest.delivery import pace as delivery
from digest.models import Pace, PaceDomain

WARM_UP = ("warm_up_from", "warm_up_first", "warm_up_growth")


class PaceForm(forms.ModelForm):
    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        missing = [name for name in WARM_UP if given.get(name) is None and name not in self.errors]
        if 0 < len(missing) < len(WARM_UP):
            for name in missing:
                self.add_error(name, "A warm-up needs its first day, the mails on it, and how they grow.")
        per_second = given.get("per_second")
        if per_second is not None and per_second <= 0:
            self.add_error("per_second", "Write a number above 0, or nothing for no limit. To stop mail, pause it.")
        return given


class DomainForm(forms.ModelForm):
    def clean_domain(self) -> str:
        """Take a domain as it stands in addresses after the @, however it is written."""
        domain = str(self.cleaned_data["domain"]).strip().rpartition("@")[2]
        try:
            mail_address(f"name@{domain}")
        except ValidationError as error:
            raise ValidationError("Write what stands after the @ of an address, such as example.org.") from error
        return spelled(f"name@{domain}").rpartition("@")[2]


class DomainInline(admin.TabularInline):
    model = PaceDomain
    form = DomainForm
    verbose_name, verbose_name_plural = "domain", "domains (each stands for those under it, too)"
    extra = 0


@admin.register(Pace)
class PaceAdmin(admin.ModelAdmin):
    form = PaceForm
    inlines = (DomainInline,)
    actions = ("go_on", "pause")
    list_display = ("name", "stands", "today", "limits", "last_trouble")
    ordering = ("-is_all_mail", F("trouble_at").desc(nulls_last=True), Lower("name"))
    sortable_by = ()
    search_fields = ("name", "domains__domain")
    search_help_text = "a name or a domain"
    readonly_fields = ("stands", "today", "last_trouble", "totals")
    fieldsets = (
        (None, {"fields": ("name", "stands", "today", "last_trouble", "totals")}),
        ("Limits", {"fields": ("is_paused", "per_second", "per_day")}),
        (
            "Warm-up",
            {
                "fields": WARM_UP,
                "description": "A sender that nobody knows yet begins with few mails, and sends more each day.",
            },
        ),
    )

    @admin.display(description="how it stands")
    def stands(self, pace: Pace) -> str:
        return how_it_stands(pace, timezone.now())

    @admin.display(description="sent today")
    def today(self, pace: Pace) -> str:
        return today_in_words(pace, timezone.now())

    @admin.display(description="limits")
    def limits(self, pace: Pace) -> str:
        return limits_in_words(pace)

    @admin.display(description="last trouble")
    def last_trouble(self, pace: Pace) -> str:
        if pace.trouble_at is None:
            return "none"
        return f"{moment(pace.trouble_at)}: {pace.trouble}"

    @admin.display(description="so far")
    def totals(self, pace: Pace) -> str:
        return (
            f"{pace.accepted_total:,} accepted, {pace.failed_total:,} refused, {pace.retried_total:,} put off, "
            f"{pace.uncertain_total:,} uncertain"
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Pace | None = None) -> tuple[str, ...]:
        return (*self.readonly_fields, "name") if obj is not None and obj.is_all_mail else self.readonly_fields

    def get_inlines(self, request: HttpRequest, obj: Pace | None) -> Any:
        return () if obj is not None and obj.is_all_mail else self.inlines

    def has_delete_permission(self, request: HttpRequest, obj: Pace | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not (obj is not None and obj.is_all_mail)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Leave deleting to the page of each: the row for all mail stays."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def save_model(self, request: HttpRequest, obj: Pace, form: forms.ModelForm, change: bool) -> None:
        """Write what staff wrote, and nothing that workers write meanwhile."""
        if change:
            obj.save(update_fields=[name for name in form.changed_data if name in form.fields])
            delivery.let_go([obj], timezone.now())
        else:
            super().save_model(request, obj, form, change)

    @admin.action(description="Go on now: forget the trouble, take back a pause", permissions=["change"])
    def go_on(self, request: HttpRequest, paces: QuerySet[Pace]) -> None:
        rows = delivery.go_on(paces.values_list("pk", flat=True), timezone.now())
        log_changes(request, rows, "Had mail go on.")
        self.message_user(
            request, f"Mail goes on: {_names(rows)}. The next run begins within a minute.", messages.SUCCESS
        )

    @admin.action(description="Pause: no digests until mail goes on again", permissions=["change"])
    def pause(self, request: HttpRequest, paces: QuerySet[Pace]) -> None:
        rows = list(paces)
        paces.update(is_paused=True)
        log_changes(request, rows, "Paused.")
        self.message_user(
            request, f"Paused: {_names(rows)}. Confirmations and codes go all the same.", messages.SUCCESS
        )


def _names(rows: list[Pace]) -> str:
    return ", ".join(str(row) for row in rows)
