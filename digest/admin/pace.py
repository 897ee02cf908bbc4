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

from accounts.address import mail_address
from digest.admin.pace_words import how_it_stands, limits_in_words, moment, today_in_words
from digest.admin.staff import is_superuser, log_changes
from digest.delivery import pace as delivery
from digest.models import Pace, PaceDomain

WARM_UP = ("warm_up_from", "warm_up_first", "warm_up_growth")


class PaceForm(forms.ModelForm):
    domains = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 8, "cols": 40}),
        help_text="what stands after the @, one a line; each stands for the domains under it, too",
    )
    may_divide = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.may_divide or self.instance.is_all_mail:
            del self.fields["domains"]
        elif self.instance.pk:
            self.initial["domains"] = "\n".join(
                self.instance.domains.order_by("domain").values_list("domain", flat=True)
            )

    def clean_domains(self) -> list[str]:
        """Take domains as they stand in addresses, however they are written, and none of another group."""
        domains = list(dict.fromkeys(map(_domain, self.cleaned_data["domains"].split())))
        others = PaceDomain.objects.filter(domain__in=domains).exclude(pace=self.instance.pk).select_related("pace")
        if taken := ", ".join(f"{row.domain} is in the group {row.pace}" for row in others):
            raise ValidationError(f"A domain is in one group: {taken}. Take it out there first.")
        return domains

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


def _domain(typed: str) -> str:
    domain = typed.rpartition("@")[2]
    try:
        return mail_address(f"name@{domain}").rpartition("@")[2]
    except ValidationError as error:
        raise ValidationError(f"{typed} is no domain. Write what stands after the @, such as example.org.") from error


@admin.register(Pace)
class PaceAdmin(admin.ModelAdmin):
    form = PaceForm
    actions = ("go_on", "pause")
    list_display = ("name", "stands", "today", "limits", "last_trouble")
    ordering = ("-is_all_mail", F("trouble_at").desc(nulls_last=True), Lower("name"))
    sortable_by = ()
    search_fields = ("name", "domains__domain")
    search_help_text = "a name or a domain"
    readonly_fields = ("stands", "today", "last_trouble", "totals")
    fieldsets = (
        (
            None,
            {
                "fields": ("name", "stands", "today", "last_trouble", "totals"),
                "description": 'To have mail go on at once: tick it in the list, and choose "Go on now" there.',
            },
        ),
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

    @admin.display(description="domains")
    def its_domains(self, pace: Pace) -> str:
        return ", ".join(pace.domains.order_by("domain").values_list("domain", flat=True)) or "none"

    @admin.display(description="so far")
    def totals(self, pace: Pace) -> str:
        return (
            f"{pace.accepted_total:,} accepted, {pace.failed_total:,} refused, {pace.retried_total:,} put off, "
            f"{pace.uncertain_total:,} uncertain"
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Pace | None = None) -> tuple[str, ...]:
        name = ("name",) if obj is not None and obj.is_all_mail else ()
        return (*self.readonly_fields, "its_domains", *name)

    def get_fieldsets(self, request: HttpRequest, obj: Pace | None = None) -> Any:
        if obj is not None and obj.is_all_mail:
            return self.fieldsets
        return (*self.fieldsets, ("Domains", {"fields": ("domains" if is_superuser(request) else "its_domains",)}))

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, *args, **kwargs)
        form.may_divide = is_superuser(request)
        return form

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
            obj.save(update_fields=[name for name in form.changed_data if name != "domains"])
        else:
            super().save_model(request, obj, form, change)
        if "domains" in form.changed_data:
            PaceDomain.objects.divide(obj, form.cleaned_data["domains"])
        delivery.let_go([obj], timezone.now())

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
