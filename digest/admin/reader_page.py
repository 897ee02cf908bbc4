"""What the page of one reader shows around its fields: topics, digests, letters, events, consent, feedback.

The number of queries is the same however much there is. Nothing here changes anything.
"""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone

from accounts.clock import local_date
from accounts.models import Reader
from digest.admin.reader_actions import ReaderActions
from digest.admin.reader_troubles import troubles
from digest.delivery.preview import preview_reader
from digest.models import Signup, Subscription, Suppression

SHOWN = 20  # of each kind of history


class FollowForm(forms.ModelForm):
    """One row of topics; its fields say to screen readers which topic they are of."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        topic = self.instance.topic if self.instance.pk else "another topic"
        for name, field in self.fields.items():
            field.widget.attrs["aria-label"] = f"{field.label}: {topic}" if name != "topic" else "Another topic"


class NewTopicsFormSet(forms.BaseInlineFormSet):
    def clean(self) -> None:
        """Say at its row where the reader would follow a topic twice."""
        super().clean()
        known = set(self.instance.subscriptions.values_list("topic", flat=True)) if self.instance.pk else set()
        for form in self.forms:
            topic = form.cleaned_data.get("topic") if form.is_valid() else None
            if topic and topic.pk in known:
                form.add_error("topic", "The reader follows this topic already.")
            known |= {topic.pk} if topic else set()


class Topics(admin.TabularInline):
    """What the reader follows. Its topic stays what it is: another one is another row."""

    model = Subscription
    form = FollowForm
    template = "admin/digest/reader/topics_inline.html"
    verbose_name_plural = "Topics"
    fields = ("weight", "is_muted")
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[Subscription]:
        return Subscription.objects.select_related("topic").order_by("pk")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class NewTopics(admin.TabularInline):
    model = Subscription
    form = FollowForm
    formset = NewTopicsFormSet
    template = "admin/digest/reader/topics_inline.html"
    verbose_name_plural = "Add topics"
    fields = ("topic", "weight", "is_muted")
    autocomplete_fields = ("topic",)
    extra = 2

    def get_queryset(self, request: HttpRequest) -> QuerySet[Subscription]:
        return Subscription.objects.none()

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    has_change_permission = has_delete_permission = has_view_permission


class ReaderPage(ReaderActions):
    """The part of the readers' admin that shows one of them, with what can be done."""

    change_form_template = "admin/digest/reader/change_form.html"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.preview_view)
        return [path("<int:pk>/preview/", view, name="accounts_reader_preview"), *super().get_urls()]

    def preview_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what the reader would be mailed today."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        reader = get_object_or_404(Reader, pk=pk)
        day = local_date(timezone.now(), reader.time_zone)
        preview = preview_reader(reader, day)
        words = preview.finished.rendered if preview else None
        context = self.admin_site.each_context(request) | {
            "title": f"Preview for {reader}",
            "opts": self.opts,
            "reader": reader,
            "day": day,
            "content": preview.content if preview else None,
            "subject": words.subject if words else "",
            "text": words.text if words else "",
            "troubles": around(reader)["troubles"],
        }
        return TemplateResponse(request, "admin/digest/reader/preview.html", context)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        reader: Reader | None = context["original"]
        if reader is not None:
            context |= around(reader) | {"buttons": self.get_buttons(request, reader)}
            context |= {"show_delete": False, "show_save_and_add_another": False}
        return super().render_change_form(request, context, *args, **kwargs)


def around(reader: Reader) -> dict[str, Any]:
    """Return what is known of a reader, each kind of history with its latest rows."""
    digests = list(
        reader.digests.select_related("edition").defer("picks", "trending").order_by("-edition__date")[:SHOWN]
    )
    suppression = Suppression.objects.of(reader.email).first()
    followed = Subscription.objects.active().filter(reader=reader).count()
    return {
        "troubles": troubles(reader, suppression, followed, digests, timezone.now()),
        "suppression": suppression,
        "digests": digests,
        "letters": reader.letters.defer("said").order_by("-posted_at")[:SHOWN],
        "events": reader.mail_events.order_by("-at")[:SHOWN],
        "feedback": reader.feedback.select_related("paper").defer("paper__abstract").order_by("-said_at")[:SHOWN],
        "signup": Signup.objects.filter(address=reader.email).first(),
    }
