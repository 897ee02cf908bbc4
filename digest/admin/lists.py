"""What lists of very many rows need: paging and filters that never count or read a whole table.

Each list says itself which of its columns have an index; nothing here makes one.
"""

from collections.abc import Iterator
from typing import Any, cast

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property

COUNTED = 5000  # rows at most that paging looks at
TYPED = 400  # characters at most that a filter takes


class LatestOnly(Paginator):
    """Pages through the first rows of a list; who looks for others searches or filters.

    The keys of a page are read before its rows: an index that holds the filter, the order and the keys then serves,
    where PostgreSQL, asked for whole rows, may rather walk through all of the table's in their order.
    """

    @cached_property
    def count(self) -> int:
        # However many there are, it is not the order that counts.
        return self._rows.order_by()[:COUNTED].count()

    def page(self, number: int | str) -> Page:
        number = self.validate_number(number)
        first = (number - 1) * self.per_page
        keys = list(self._rows.values_list("pk", flat=True)[first : min(first + self.per_page, self.count)])
        return Page(self._rows.filter(pk__in=keys), number, self)

    @property
    def _rows(self) -> "QuerySet[Any]":
        return cast("QuerySet[Any]", self.object_list)


class OwnFilters(admin.ModelAdmin):
    """An admin whose list is narrowed by its own filters alone.

    Django lets an address name any column: staff could guess codes, sessions and passwords there, letter by letter.
    """

    linked: tuple[str, ...] = ()  # what other pages narrow the list by, beside its filters

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        own = {name if isinstance(name, str) else getattr(name, "parameter_name", "") for name in self.list_filter}
        return lookup in {*self.linked, *own} or lookup.partition("__")[0] in own


class ManyRows(OwnFilters):
    """An admin of rows that may be very many: the newest first, and no other order, since each would need an index."""

    paginator = LatestOnly
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    ordering = ("-pk",)
    sortable_by = ()


class AddressSearch(ManyRows):
    """Finds rows by the beginning of an address, which are all stored in lower case."""

    search_help_text = "the beginning of an address"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return super().get_search_results(request, queryset, search_term.lower())


class TypedFilter(admin.SimpleListFilter):
    """A filter that is typed: the table is not asked which values there are. `suggestions` are offered while typing."""

    template = "admin/digest/typed_filter.html"
    parameter_name: str
    help_text = ""

    def suggestions(self) -> list[str]:
        return []

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("", "")]  # one is needed for the filter to be shown

    def value(self) -> str | None:
        typed = super().value()
        return typed.replace("\0", "").strip()[:TYPED] if typed else None

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """Yield what the form of this filter carries on: the search and the other filters."""
        others = changelist.get_filters_params()
        others.pop(self.parameter_name, None)
        if changelist.query:
            others["q"] = changelist.query
        kept = [(name, value) for name, values in others.items() for value in _as_list(values)]
        yield {
            "kept": kept,
            "name": self.parameter_name,
            "value": self.value() or "",
            "suggestions": self.suggestions(),
            "help_text": self.help_text,
            "without": changelist.get_query_string(remove=[self.parameter_name]),
        }


def _as_list(values: Any) -> list[str]:
    return [str(value) for value in values] if isinstance(values, list | tuple) else [str(values)]
