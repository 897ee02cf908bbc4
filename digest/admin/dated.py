"""Forms with moments in them: Django's admin writes “Date:” and “Time:” beside two fields, and labels neither."""

from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminSplitDateTime


class DatedForm(forms.ModelForm):
    """A form that tells screen readers what its dates and times are of."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field.widget, AdminSplitDateTime):
                for widget, part in zip(field.widget.widgets, ("date", "time"), strict=True):
                    widget.attrs["aria-label"] = f"{field.label}, {part}"
