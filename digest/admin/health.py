"""How sources are, in the admin: the word in its colour, the filter by it, and the count of each."""

from collections import Counter
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from digest.models.health import Health, Word, of_all

NEEDS_YOU = "needs-you"


def marked(found: Health) -> SafeString:
    """Return the word with a class of its own, after a sign where a person should look."""
    word = format_html('<span class="health health-{}">{}</span>', found.word, found.word)
    return format_html('<strong class="needs-you">Needs you:</strong> {}', word) if found.needs_person else word


class HealthFilter(admin.SimpleListFilter):
    """Filters by what no column holds: a source's health is told from its row and the time."""

    title = "health"
    parameter_name = "health"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [(NEEDS_YOU, "needs you"), *((word.value, word.value) for word in Word)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        wanted = self.value()
        if not wanted:
            return queryset
        return queryset.filter(pk__in=[pk for pk, found in of_all(timezone.now()) if wanted in _values(found)])


def counts() -> list[tuple[str, str, int]]:
    """Return (value of the filter, what it is called, how many sources) for each that has any."""
    counted = Counter(value for _, found in of_all(timezone.now()) for value in _values(found))
    called = {word.value: word.value for word in Word} | {
        NEEDS_YOU: "needs you" if counted[NEEDS_YOU] == 1 else "need you"
    }
    return [(value, name, counted[value]) for value, name in called.items() if counted[value]]


def _values(found: Health) -> tuple[str, ...]:
    return (found.word.value, NEEDS_YOU) if found.needs_person else (found.word.value,)
