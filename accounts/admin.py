"""Readers in the admin: find one, see the clock and the consent, pause and resume."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.models import Reader


@admin.register(Reader)
class ReaderAdmin(admin.ModelAdmin):
    list_display = ("email", "state", "time_zone", "delivery_hour", "days", "next_digest_at")
    list_filter = ("state", "days", "is_staff")
    search_fields = ("email__startswith",)
    search_help_text = "the beginning of an address"
    show_full_result_count = False
    ordering = ("-pk",)
    readonly_fields = ("next_digest_at", "last_edition_on", "created_at", "last_login")
    actions = ("pause", "resume")
    filter_horizontal = ("groups", "user_permissions")
    fieldsets = (
        (None, {"fields": ("email", "name", "state", "paused_until")}),
        ("Digest", {"fields": ("time_zone", "delivery_hour", "days", "weekday", "papers")}),
        ("Clock", {"fields": ("next_digest_at", "last_edition_on")}),
        ("Consent", {"fields": ("consent_text", "consented_at", "created_at")}),
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

    @admin.action(description="Pause: no digests until resumed")
    def pause(self, request: HttpRequest, readers: QuerySet[Reader]) -> None:
        self._set_state(request, readers.filter(state=Reader.State.ACTIVE), Reader.State.PAUSED)

    @admin.action(description="Resume paused readers")
    def resume(self, request: HttpRequest, readers: QuerySet[Reader]) -> None:
        self._set_state(request, readers.filter(state=Reader.State.PAUSED), Reader.State.ACTIVE)

    def _set_state(self, request: HttpRequest, readers: QuerySet[Reader], state: Reader.State) -> None:
        """Save one by one: saving plans each reader's next digest."""
        changed = list(readers)
        for reader in changed:
            reader.state = state
            reader.save()
        self.message_user(request, f"{len(changed)} readers: {state.label}.", messages.SUCCESS)
