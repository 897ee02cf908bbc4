"""How staff narrow the list of readers: by topic and by time zone, typed, so that no list of choices is read."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.clock import known_zones
from digest.admin.lists import TypedFilter
from digest.models import Subscription, Topic
from digest.ranking.query import QueryError, parse_query

TOPICS_MEANT = 50  # at most, by the beginning of a query


def topics_meant(typed: str) -> list[int]:
    """Return the topics that somebody who types this may mean: the very query, or those that begin so."""
    try:
        very = Topic.objects.filter(query=parse_query(typed).canonical).values_list("pk", flat=True)
    except QueryError:
        very = Topic.objects.none().values_list("pk", flat=True)
    begins = Topic.objects.filter(query__startswith=typed.lower()).order_by("query").values_list("pk", flat=True)
    return list(very) or list(begins[:TOPICS_MEANT])


class TopicFilter(TypedFilter):
    title = "topic"
    parameter_name = "topic"
    help_text = "a topic as it is typed at sign-up, or how it begins"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        typed = self.value()
        if not typed:
            return queryset
        followers = Subscription.objects.filter(topic__in=topics_meant(typed))
        return queryset.filter(pk__in=followers.values("reader"))


class ZoneFilter(TypedFilter):
    title = "time zone"
    parameter_name = "zone"

    def suggestions(self) -> list[str]:
        return sorted(zone for zone in known_zones() if "/" in zone and "Etc" not in zone)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        typed = self.value()
        return queryset.filter(time_zone=typed) if typed else queryset


class StaffFilter(admin.SimpleListFilter):
    """Shows staff alone: of a million readers they are few, and an index holds just them."""

    title = "staff"
    parameter_name = "staff"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("yes", "staff alone")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(is_staff=True) if self.value() == "yes" else queryset
