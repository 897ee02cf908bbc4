"""Readers from a file and into one, in the admin (django-import-export): shown first, imported whole or not at all.

What a row may do is `reader_rows`'s. The file waits for its confirmation in the cache, which all web processes share.
"""

import csv
from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from typing import Any, cast

from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.views.main import SEARCH_VAR
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from import_export.admin import ExportMixin, ImportMixin
from import_export.formats.base_formats import CSV
from import_export.tmp_storages import CacheStorage

from accounts.models import Reader
from digest.admin.reader_cells import COLUMNS
from digest.admin.reader_rows import ReaderRows
from digest.models import Subscription

BYTES = 5_000_000  # of one file
PIECE = 1000  # readers that an export holds in memory
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # how a cell begins that a spreadsheet may run


class Kept(CacheStorage):  # type: ignore[misc]
    CACHE_LIFETIME = 3600


class ReaderTransfer(ImportMixin, ExportMixin):  # type: ignore[misc]
    """The part of the readers' admin that imports and exports."""

    resource_classes = (ReaderRows,)
    import_formats = (CSV,)
    tmp_storage_class = Kept
    import_template_name = "admin/digest/reader/import.html"
    import_export_change_list_template = "admin/digest/reader/change_list.html"

    def import_action(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show what a file would do; say what is wrong with one that cannot be read."""
        answer = super().import_action(request, **kwargs)
        answer.context_data |= {"title": "Import readers", "columns": COLUMNS}
        if result := answer.context_data.get("result"):
            answer.context_data |= _report(result)
        return cast("HttpResponse", answer)

    def create_import_form(self, request: HttpRequest) -> Any:
        form = super().create_import_form(request)
        sent = request.FILES.get("import_file")
        if sent is not None and sent.size is not None and sent.size > BYTES and form.is_valid():
            form.add_error("import_file", f"This file is larger than {BYTES // 1_000_000} MB. Cut it into several.")
        return form

    def add_data_read_fail_error_to_form(self, form: Any, e: Exception) -> None:
        if isinstance(e, UnicodeDecodeError):
            said = "This is not text in UTF-8. In a spreadsheet, save it as “CSV UTF-8”."
        elif isinstance(e, csv.Error):
            said = f"This cannot be read as a CSV file: {e}."
        else:
            said = "This cannot be read as a CSV file: a row has more cells than the first line names."
        form.add_error("import_file", said)

    def process_import(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Import what was shown, all of it or, where anything has become wrong since, nothing."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        form = self.create_confirm_form(request) if request.method == "POST" else None
        if form is None or not form.is_valid():
            return redirect("admin:accounts_reader_import")
        kept = Kept(name=form.cleaned_data["import_file_name"], encoding=self.from_encoding)
        data = kept.read()
        if data is None:
            messages.error(request, "This file was imported already, or shown more than an hour ago. Choose it again.")
            return redirect("admin:accounts_reader_import")
        dataset = CSV(encoding=self.from_encoding).create_dataset(data)
        result = self.process_dataset(dataset, form, request, rollback_on_validation_errors=True)
        if result.has_errors() or result.has_validation_errors():
            messages.error(request, "Nothing was imported: the readers have changed since. Look at the file again.")
            return redirect("admin:accounts_reader_import")
        kept.remove()
        return cast("HttpResponse", self.process_result(result, request))

    def add_success_message(self, result: Any, request: HttpRequest) -> None:
        messages.success(request, f"Imported: {_said(result.totals)}.")

    def export_action(self, request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
        """Ask, and then stream the readers of the list, as it is searched and filtered, piece by piece."""
        if not self.has_export_permission(request):
            raise PermissionDenied
        readers = self.get_export_queryset(request)
        if request.method != "POST":
            context = self.admin_site.each_context(request) | {
                "title": "Export readers",
                "opts": self.opts,
                "columns": COLUMNS,
                "is_narrowed": bool(request.GET),
            }
            return TemplateResponse(request, "admin/digest/reader/export.html", context)
        LogEntry.objects.create(
            user=cast("Reader", request.user),
            content_type=ContentType.objects.get_for_model(Reader),
            object_repr="readers",
            action_flag=CHANGE,
            change_message=f"Exported the list as CSV, narrowed by: {_narrowed_by(request)}.",
        )
        name = f"readers-{timezone.now():%Y-%m-%d}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return StreamingHttpResponse(as_csv(readers), content_type="text/csv; charset=utf-8", headers=headers)


def _narrowed_by(request: HttpRequest) -> str:
    """Say which filters were set; of a search only that there was one, since it is a part of somebody's address."""
    said = [name if name == SEARCH_VAR else f"{name}={value}" for name, value in request.GET.items()]
    return ", ".join(said) or "nothing"


class _Line:
    """What csv writes into: it hands each line back."""

    def write(self, line: str) -> str:
        return line


def as_csv(readers: QuerySet[Reader]) -> Iterator[str]:
    """Yield the lines of the file, reading a piece of the readers at a time, by key."""
    line = csv.writer(_Line())
    yield line.writerow(COLUMNS)
    columns = ["pk", *(column for column in COLUMNS if column != "topics")]
    last: int | None = None
    while piece := list(_after(readers, last).values(*columns)[:PIECE]):
        topics = _topics([row["pk"] for row in piece])
        yield "".join(line.writerow(_cells(row, topics.get(row["pk"], []))) for row in piece)
        last = piece[-1]["pk"]


def _after(readers: QuerySet[Reader], last: int | None) -> QuerySet[Reader]:
    readers = readers.order_by("-pk")
    return readers if last is None else readers.filter(pk__lt=last)


def _topics(readers: list[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    follows = Subscription.objects.active().filter(reader__in=readers).order_by("pk")
    for reader, query in follows.values_list("reader", "topic__query"):
        found[reader].append(query)
    return found


def _cells(row: dict[str, Any], topics: list[str]) -> list[str]:
    at = row["consented_at"]
    stated = row | {"topics": "; ".join(topics), "consented_at": at.isoformat(timespec="seconds") if at else ""}
    return [defused(stated[column]) for column in COLUMNS]


def defused(cell: Any) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    text = str(cell)
    return f"'{text}" if text.startswith(FORMULA) else text


def _report(result: Any) -> dict[str, Any]:
    """Return what a file would do: a line per row in words, the wrong ones first."""
    wrong = [
        {"number": row.number, "address": row.values[0], "said": _mistakes(row.field_specific_errors)}
        for row in result.invalid_rows
    ]
    fine = [
        {"number": number, "address": row.row_values.get("email", ""), "said": row.said}
        for number, row in enumerate(result.rows, 1)
        if getattr(row, "said", "")
    ]
    return {
        "problems": [
            said for problem in result.base_errors for said in getattr(problem.error, "messages", [problem.error])
        ],
        "crashes": [(number, [error.error for error in errors]) for number, errors in islice(result.row_errors(), 50)],
        "wrong": wrong,
        "fine": fine,
        "totals": _said(result.totals),
    }


def _mistakes(errors: dict[str, list[str]]) -> list[str]:
    return [f"{column}: {said}" for column, all_said in errors.items() for said in all_said]


def _said(totals: dict[str, int]) -> str:
    return f"{totals['new']:,} new, {totals['update']:,} updated, {totals['skip']:,} left as they are"
