"""Readers in the admin: the list, and the fields of one. What else their page shows: `reader_page`; actions: their own.

Who may do what: a reader who is staff is changed by superusers alone, so that nobody gives themselves rights.
"""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth.models import Permission
from django.db.models import Count
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import Reader
from digest.admin.dated import DatedForm
from digest.admin.lists import AddressSearch
from digest.admin.reader_actions import may_touch
from digest.admin.reader_filters import StaffFilter, TopicFilter, ZoneFilter
from digest.admin.reader_page import NewTopics, ReaderPage, Topics
from digest.admin.reader_transfer import ReaderTransfer
from digest.admin.staff import is_superuser
from digest.models import Subscription

DIGEST = ("time_zone", "delivery_hour", "days", "weekday", "papers")
STAFF = ("is_active", "is_staff", "is_superuser", "groups", "user_permissions", "last_login")


@admin.register(Reader)
class ReaderAdmin(ReaderTransfer, ReaderPage, AddressSearch):
    form = DatedForm
    list_display = ("email", "state", "when", "time_zone", "topic_count", "next_digest")
    list_filter = ("state", "days", TopicFilter, ZoneFilter, StaffFilter)
    search_fields = ("email__startswith",)
    filter_horizontal = ("groups", "user_permissions")

    def get_inlines(self, request: HttpRequest, obj: Reader | None) -> Any:
        return [Topics, NewTopics] if obj else [NewTopics]

    def get_fieldsets(self, request: HttpRequest, obj: Reader | None = None) -> Any:
        """Show the consent of a reader beside its history; ask for it where a reader is added by hand."""
        who = ("email", "name") if obj is None else ("email", "name", "paused_until")
        asked = [] if obj else [("Consent", {"fields": ("consent_text", "consented_at"), "description": CONSENT_HELP})]
        staff = [("Staff", {"classes": ("collapse",), "fields": STAFF})] if is_superuser(request) else []
        return [(None, {"fields": who}), ("Digest", {"fields": DIGEST}), *asked, *staff]

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Read the permissions with what they are named after, at once."""
        if db_field.name == "user_permissions":
            kwargs["queryset"] = Permission.objects.select_related("content_type")
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Reader | None = None) -> tuple[str, ...]:
        """An address is its owner's to change: the new one has to confirm first."""
        return ("last_login",) if obj is None else ("last_login", "email")

    def has_change_permission(self, request: HttpRequest, obj: Reader | None = None) -> bool:
        return super().has_change_permission(request, obj) and may_touch(request, obj)

    def save_model(self, request: HttpRequest, obj: Reader, form: ModelForm, change: bool) -> None:
        """Take a reader who is added by hand for confirmed only where the consent is stated."""
        if not change:
            obj.set_unusable_password()
            if obj.consented_at:
                obj.state, obj.confirmed_at = Reader.State.ACTIVE, timezone.now()
        super().save_model(request, obj, form, change)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[Any]]:
        """Name the readers alone: what goes with them is history that nobody may delete otherwise."""
        readers = list(objs)
        return [str(reader) for reader in readers], {"readers, with all that is known of them": len(readers)}, set(), []

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """Count the topics of the page's readers at once."""
        page = super().get_changelist_instance(request)
        follows = Subscription.objects.filter(reader__in=[reader.pk for reader in page.result_list]).order_by()
        counts = dict(follows.values_list("reader").annotate(Count("pk")))
        for reader in page.result_list:
            reader.topic_count = counts.get(reader.pk, 0)
        return page

    @admin.display(description="topics")
    def topic_count(self, reader: Reader) -> str:
        return str(getattr(reader, "topic_count", ""))

    @admin.display(description="when")
    def when(self, reader: Reader) -> str:
        return f"{reader.get_days_display()}, {reader.delivery_hour}:00"

    @admin.display(description="next (UTC)", empty_value="none")
    def next_digest(self, reader: Reader) -> str | None:
        return f"{reader.next_digest_at:%d %b %Y, %H:%M}".lstrip("0") if reader.next_digest_at else None


CONSENT_HELP = (
    "What the reader agreed to, and when. With both, digests begin at once; without, the reader has to confirm first."
)
