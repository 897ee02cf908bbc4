"""Admins of rows that the public pages show: what staff save or delete there is noted, so that pages are made anew."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from digest.models import Change


class ShownOnPages(admin.ModelAdmin):
    """What goes by a verb of the model is noted there: featuring, hiding, merging."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Come after saving, in whichever way an admin saves."""
        super().save_related(request, form, formsets, change)
        Change.objects.note()

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, obj)
        Change.objects.note()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        super().delete_queryset(request, queryset)
        Change.objects.note()
