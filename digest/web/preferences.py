"""The preferences page behind the signed link of each mail: topics, when, how many, pause, come back."""

import calendar
from typing import Any, cast

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.models import Reader
from digest.feedback.links import Purpose, link
from digest.models import Subscription, Topic
from digest.ranking.query import QueryError, parse_query
from digest.web.access import Access, readers_page


class TopicsField(forms.ModelMultipleChoiceField):
    """The reader's topics as boxes, ticked unless muted."""

    def label_from_instance(self, subscription: Subscription) -> str:
        return subscription.topic.label


class PreferencesForm(forms.ModelForm):
    """When and how much a reader gets, and one new topic."""

    topics = TopicsField(
        Subscription.objects.none(),
        label="Your topics",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Untick a topic to stop it.",
    )
    new_topic = forms.CharField(
        label="One more topic",
        required=False,
        max_length=300,
        help_text='Words, "a phrase", -not this, cat:cs.CL or author:"Jane Doe"',
    )
    delivery_hour = forms.TypedChoiceField(
        label="Hour", coerce=int, choices=[(hour, f"{hour:02}:00") for hour in range(24)]
    )
    weekday = forms.TypedChoiceField(
        label="Day", coerce=int, choices=list(enumerate(calendar.day_name)), help_text="If you get it once a week."
    )
    field_order = ("topics", "new_topic", "papers", "days", "weekday", "delivery_hour", "time_zone")

    class Meta:
        model = Reader
        fields = ("time_zone", "delivery_hour", "days", "weekday", "papers", "paused_until")
        labels = {"days": "How often", "papers": "Papers, at most", "paused_until": "Pause until"}
        help_texts = {
            "time_zone": "Such as Europe/Berlin or America/New_York",
            "paused_until": "The first digest after the pause comes on this day. Empty: no pause.",
        }
        widgets = {"paused_until": forms.DateInput(attrs={"type": "date"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": ""} | kwargs)
        topics = cast("TopicsField", self.fields["topics"])
        topics.queryset = self.instance.subscriptions.select_related("topic").order_by("pk")
        topics.initial = [subscription.pk for subscription in topics.queryset if not subscription.is_muted]
        if not topics.queryset:
            topics.help_text = "You follow no topic yet: name one below."

    def clean_new_topic(self) -> str:
        text: str = self.cleaned_data["new_topic"].strip()
        try:
            if text:
                parse_query(text)
        except QueryError as error:
            raise forms.ValidationError(str(error)) from error
        return text

    def save(self, commit: bool = True) -> Reader:
        reader: Reader = super().save(commit)
        kept = {subscription.pk for subscription in self.cleaned_data["topics"]}
        for subscription in reader.subscriptions.all():
            muted = subscription.pk not in kept
            if muted != subscription.is_muted:
                subscription.is_muted = muted
                subscription.save(update_fields=["is_muted"])
        if text := self.cleaned_data["new_topic"]:
            topic = Topic.objects.named(text)
            Subscription.objects.update_or_create(reader=reader, topic=topic, defaults={"is_muted": False})
        return reader


@require_http_methods(["GET", "HEAD", "POST"])
@readers_page
def preferences(request: HttpRequest, access: Access) -> HttpResponse:
    reader = access.reader
    if "resume" in request.POST:
        reader.come_back()
        return redirect(f"{request.path}?saved=1")
    form = PreferencesForm(request.POST if request.method == "POST" else None, instance=reader)
    if request.method == "POST" and form.is_valid():
        form.save()
        return redirect(f"{request.path}?saved=1")
    context = {
        "access": access,
        "reader": reader,
        "form": form,
        "saved": "saved" in request.GET,
        "unsubscribe_url": link(Purpose.UNSUBSCRIBE, reader.pk),
    }
    return render(request, "web/preferences.html", context)
