"""Mails beside the digest in the admin: which went to whom, and what became of them. Never what they said: codes."""

from django.contrib import admin

from digest.admin.history import ReadOnly
from digest.admin.lists import AddressSearch
from digest.models import Letter


@admin.register(Letter)
class LetterAdmin(ReadOnly, AddressSearch):
    list_display = ("address", "kind", "state", "why", "posted")
    search_fields = ("address__startswith",)
    fields = ("address", "kind", "state", "why", "attempts", "posted_at", "next_attempt_at", "expires_at", "settled_at")
    readonly_fields = ("why",)

    @admin.display(description="why")
    def why(self, letter: Letter) -> str:
        return f"{letter.reason} ({letter.code})" if letter.code else letter.reason

    @admin.display(description="posted at (UTC)")
    def posted(self, letter: Letter) -> str:
        return f"{letter.posted_at:%Y-%m-%d %H:%M}"
