"""The forms of the preference centre: topics to add, when and how much, a pause."""

import calendar
from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import Reader
from digest.ranking.query import parse_query
from digest.web.topic_field import TopicsField, TopicsForm
from digest.web.zones import ZoneField

MOST_TOPICS = 100
LONGEST_PAUSE = timedelta(days=366)
PAUSES = {"week": timedelta(days=7), "month": timedelta(days=30)}


class FollowForm(TopicsForm, forms.Form):
    """Topics that a reader does not follow yet, or has muted."""

    topics = TopicsField(
        label="Add topics",
        inputs=1,
        error_messages={"required": "Write a topic first, in a few words: knowledge transfer"},
    )

    def __init__(self, *args: Any, reader: Reader, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": ""} | kwargs)
        self.reader = reader

    def clean_topics(self) -> list[str]:
        queries: list[str] = self.cleaned_data["topics"]
        wanted = {parse_query(query).canonical for query in queries}
        followed = self.reader.subscriptions.active().filter(topic__query__in=wanted)
        if labels := list(followed.values_list("topic__label", flat=True)):
            raise ValidationError([f"You follow “{label}” already." for label in labels])
        if self.reader.subscriptions.exclude(topic__query__in=wanted).count() + len(wanted) > MOST_TOPICS:
            raise ValidationError(f"{MOST_TOPICS} topics are the most. Remove some that matter less first.")
        return queries


class ScheduleForm(forms.ModelForm):
    """The days, the hour and the size of a reader's digests."""

    days = forms.ChoiceField(
        label="Days",
        choices=[("daily", "Every day"), ("weekdays", "Monday to Friday"), ("weekly", "One day a week")],
        widget=forms.RadioSelect,
    )
    weekday = forms.TypedChoiceField(
        label="The day, if it is one a week", coerce=int, choices=list(enumerate(calendar.day_name))
    )
    delivery_hour = forms.TypedChoiceField(
        label="Hour", coerce=int, choices=[(hour, f"{hour:02}:00") for hour in range(24)]
    )
    time_zone = ZoneField(help_text="The hour and the days are those of this place.")
    papers = forms.IntegerField(
        label="Papers in a digest, at most",
        min_value=1,
        max_value=30,
        error_messages={
            "invalid": "Write a whole number, from 1 to 30.",
            "min_value": "A digest has at least 1 paper. For none at all, pause or stop below.",
            "max_value": "A digest has 30 papers at most.",
        },
        help_text="From 1 to 30. On days with fewer that fit, you get fewer.",
    )

    class Meta:
        model = Reader
        fields = ("days", "weekday", "delivery_hour", "time_zone", "papers")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": ""} | kwargs)

    def save(self, commit: bool = True) -> Reader:
        """Save these preferences and what follows from them; the rest of the row may have changed meanwhile."""
        reader: Reader = self.instance
        reader.save(update_fields=[*self.Meta.fields, *reader.PLAN])
        return reader


class PauseForm(forms.Form):
    """A pause until a date, or for one of the usual times."""

    until = forms.DateField(
        label="Pause until",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="The first digest after the pause comes on this day, or on the next of your days.",
        error_messages={"invalid": "This is not a date. Write it like 2026-12-31: year, month, day."},
    )

    def __init__(self, *args: Any, reader: Reader, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": ""} | kwargs)
        self.today = reader.today
        field = self.fields["until"].widget.attrs
        field["min"] = (self.today + timedelta(days=1)).isoformat()
        field["max"] = (self.today + LONGEST_PAUSE).isoformat()

    def clean_until(self) -> date:
        until: date | None = self.cleaned_data["until"]
        if length := PAUSES.get(self.data.get("for", "")):
            return self.today + length
        if until is None:
            raise ValidationError("Choose the day on which digests shall start again.")
        if until <= self.today:
            raise ValidationError("This day is not in the future. Choose one from tomorrow on.")
        if until - self.today > LONGEST_PAUSE:
            raise ValidationError("A pause lasts a year at most. To get no more mail at all, stop all digests instead.")
        return until
