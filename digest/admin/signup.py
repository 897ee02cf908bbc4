"""Sign-ups in the admin: who asked, and whether the address has confirmed. What was typed is the person's own."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from digest.admin.history import ReadOnly
from digest.admin.lists import AddressSearch
from digest.admin.staff import log_changes
from digest.feedback.signup import ask
from digest.models import Signup, Suppression

AT_ONCE = 1000


@admin.register(Signup)
class SignupAdmin(ReadOnly, AddressSearch):
    list_display = ("address", "asked", "mailed", "state")
    search_fields = ("address__startswith",)
    fields = (
        "address",
        "asked_for",
        "time_zone",
        "asked_at",
        "mailed_at",
        "confirmed_at",
        "consent_text",
        "consent_version",
    )
    readonly_fields = ("asked_for",)
    actions = ("confirm_again",)

    @admin.display(description="topics")
    def asked_for(self, signup: Signup) -> str:
        return "; ".join(map(str, signup.topics)) or "none"

    @admin.display(description="asked at (UTC)")
    def asked(self, signup: Signup) -> str:
        return f"{signup.asked_at:%Y-%m-%d %H:%M}"

    @admin.display(description="mail posted at (UTC)", empty_value="not yet")
    def mailed(self, signup: Signup) -> str | None:
        return f"{signup.mailed_at:%Y-%m-%d %H:%M}" if signup.mailed_at else None

    @admin.display(description="state")
    def state(self, signup: Signup) -> str:
        return "confirmed" if signup.confirmed_at else "has not confirmed"

    def has_confirm_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("digest.change_signup")

    @admin.action(description="Send the confirmation again", permissions=["confirm"])
    def confirm_again(self, request: HttpRequest, signups: QuerySet[Signup]) -> None:
        """Ask those who have not confirmed: by one mail a day at most, whoever asks."""
        chosen = list(signups[:AT_ONCE])
        waiting = [signup for signup in chosen if signup.confirmed_at is None]
        stopped = Suppression.objects.among([signup.address for signup in waiting])
        asked = [signup for signup in waiting if signup.address not in stopped and _ask(signup)]
        log_changes(request, asked, "Confirmation sent again.")
        rest = " The others have confirmed, must not be mailed, or had this mail within a day."
        said = f"Confirmation sent again: {len(asked)} of {len(chosen)}.{rest if len(asked) < len(chosen) else ''}"
        self.message_user(request, said, messages.SUCCESS if asked else messages.WARNING)


def _ask(signup: Signup) -> bool:
    return ask(signup.address, signup.topics, time_zone=signup.time_zone, now=timezone.now())
