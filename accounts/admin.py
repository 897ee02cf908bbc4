"""Readers in the admin: find one, see the clock and the consent, pause and resume."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.models import Reader


class AddressSearch(admin.ModelAdmin):
    """An admin that finds rows by the beginning of an address, which are all stored in lower case."""

    search_help_text = "the beginning of an address"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return super().get_search_results(request, queryset, search_term.lower())


@admin.register(Reader)
class ReaderAdmin(AddressSearch):
    list_display = ("email", "state", "time_zone", "delivery_hour", "days", "next_digest_at")
    list_filter = ("state", "days", "is_staff")
    search_fields = ("email__startswith",)
    show_full_result_count = False
    ordering = ("-pk",)
    readonly_fields = ("next_digest_at", "last_edition_on", "created_at", "last_login")
    actions = ("pause", "resume")
    filter_horizontal = ("groups", "user_permissions")
    fieldsets = (
        (
            None,
            {
                "fields": ("email", "name", "state", "paused_until"),
                "description": "Mail goes out while the state is “gets digests”; topics are under Subscriptions.",
            },
        ),
        ("Digest", {"fields": ("time_zone", "delivery_hour", "days", "weekday", "papers")}),
        ("Clock", {"fields": ("next_digest_at", "last_edition_on")}),
        ("Consent (what the reader agreed to, and when)", {"fields": ("consent_text", "consented_at", "created_at")}),
        (
            "Staff",
            {
                "classes": ("collapse",),
                "fields": (
                    "is_active",
                    "is_staff",
                    "is_superuser",
                    "groups",
                    "user_permissions",
                    "last_login",
                ),
            },
        ),
    )

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[Any]]:
        """Let staff erase a reader together with history that nobody may delete alone."""
        deleted, counts, _, protected = super().get_deleted_objects(objs, request)
        return deleted, counts, set(), protected

    def save_model(self, request: HttpRequest, obj: Reader, form: Any, change: bool) -> None:
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)

    @admin.action(description="Pause: no digests until resumed")
    def pause(self, request: HttpRequest, readers: QuerySet[Reader]) -> None:
        active = list(readers.filter(state=Reader.State.ACTIVE))
        for reader in active:
            reader.state = Reader.State.PAUSED
            reader.save()
        self.message_user(request, f"Paused: {len(active)} of {readers.count()}.", messages.SUCCESS)

    @admin.action(description="Resume paused readers")
    def resume(self, request: HttpRequest, readers: QuerySet[Reader]) -> None:
        paused = list(readers.filter(state=Reader.State.PAUSED))
        for reader in paused:
            reader.come_back()
        self.message_user(request, f"Resumed: {len(paused)} of {readers.count()}.", messages.SUCCESS)
