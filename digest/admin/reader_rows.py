"""Readers as the rows of a file (django-import-export): which columns there are, and what a row may do.

A row adds a reader or changes preferences and topics; it never touches rights, consent that is on record, staff, a
reader who left or an address that its owner had erased. What is known already is read at once for the whole file.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from copy import copy
from functools import lru_cache
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from import_export.fields import Field
from import_export.resources import ModelResource
from import_export.results import RowResult

from accounts.address import spelled
from accounts.models import Reader
from digest.admin.reader_cells import CELL, COLUMNS, ROWS, TOPICS, Moment, Whole, problem_of
from digest.models import Subscription, Suppression, Topic
from digest.ranking.query import QueryError, parse_query

PIECE = 500
OTHERS = {field.name for field in Reader._meta.get_fields()} - set(COLUMNS)  # fields that no row can change
LEFT = "left: not brought back, only the reader can do that"
ERASED = "erased at the owner's wish: not brought back"
STAFF = "staff: not changed from a file"


class ReaderRows(ModelResource):  # type: ignore[misc]
    topics = Field(column_name="topics")
    delivery_hour = Field("delivery_hour", "delivery_hour", widget=Whole())
    weekday = Field("weekday", "weekday", widget=Whole())
    papers = Field("papers", "papers", widget=Whole())
    consented_at = Field("consented_at", "consented_at", widget=Moment())

    class Meta:
        model = Reader
        fields = COLUMNS
        import_order = export_order = COLUMNS
        import_id_fields = ("email",)
        use_bulk = True
        batch_size = PIECE
        skip_diff = True
        report_skipped = True
        store_row_values = True
        store_instance = True

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        """Look at the file as a whole, and read all that is known of the addresses in it."""
        dataset.headers = [str(header or "").strip().lower() for header in dataset.headers or []]
        if problem := problem_of(dataset):
            raise ValidationError(problem)
        addresses = {spelled(cell.replace("\0", "")) for cell in dataset["email"] if isinstance(cell, str)}
        self.known = _readers(sorted(addresses))
        self.before = {address: copy(reader) for address, reader in self.known.items()}
        self.stopped = {address: why for piece in _pieces(sorted(addresses)) for address, why in _stopped(piece)}
        self.follows = _follows([reader.pk for reader in self.known.values()])
        self.wanted: dict[str, dict[str, str]] = {}  # by address: query and how it was typed
        self.seen: dict[str, int] = {}
        self.now = timezone.now()

    def before_import_row(self, row: Any, **kwargs: Any) -> None:
        """Take the cells as typed; an empty one leaves what there is."""
        for column in list(row):
            row[column] = str(row[column] or "").strip()
            if "\0" in row[column] or len(row[column]) > CELL:
                row[column] = row[column].replace("\0", "")[:40]
                raise ValidationError({column: f"holds a NUL character or more than {CELL:,} characters."})
            if not row[column] and column != "email":
                del row[column]
        address = row["email"] = spelled(row["email"])
        number = self.seen.setdefault(address, kwargs["row_number"])
        if number != kwargs["row_number"]:
            raise ValidationError({"email": f"stands in row {number} already."})
        self.changed: list[str] = []

    def get_instance(self, instance_loader: Any, row: Any) -> Reader | None:
        return self.known.get(row["email"])

    def import_instance(self, instance: Reader, row: Any, **kwargs: Any) -> None:
        """Write the row into the reader; remember what that changes."""
        self.fate = self._fate(instance, row["email"])
        if self.fate:
            return
        if instance.pk:
            row = {column: cell for column, cell in row.items() if not column.startswith("consent")}
        before = {column: getattr(instance, column) for column in row if column != "topics"}
        errors: dict[str, Any] = {}
        try:
            super().import_instance(instance, row, **kwargs)
        except ValidationError as error:
            errors = error.update_error_dict(errors)
        self.changed = [column for column, value in before.items() if getattr(instance, column) != value]
        errors.update(self._follow(instance, row))
        if bool(row.get("consent_text")) != bool(row.get("consented_at")):
            errors.setdefault("consent_text", ["and consented_at belong together: what was agreed to, and when."])
        if errors:
            raise ValidationError(errors)

    def _fate(self, reader: Reader, address: str) -> str:
        """Return why a row does nothing; "" where it may do something."""
        if self.stopped.get(address) == Suppression.Reason.ERASED:
            return ERASED
        if reader.is_staff or reader.is_superuser:
            return STAFF
        return LEFT if reader.state == Reader.State.LEFT else ""

    def _follow(self, reader: Reader, row: Any) -> dict[str, list[str]]:
        """Remember the topics that the row adds; return what is wrong with them."""
        typed = [topic.strip() for topic in row.get("topics", "").split(";") if topic.strip()]
        if len(typed) > TOPICS:
            return {"topics": [f"has {len(typed)} topics; {TOPICS} are the most."]}
        wrong, wanted = [], {}
        for text in typed:
            try:
                wanted[_query(text)] = text
            except QueryError as error:
                wrong.append(f"“{text[:60]}”: {error}")
        fresh = {query: text for query, text in wanted.items() if query not in self.follows.get(reader.pk or 0, set())}
        if fresh:
            self.wanted[row["email"]] = fresh
            self.changed.append("topics")
        return {"topics": wrong} if wrong else {}

    def skip_row(self, instance: Reader, original: Any, row: Any, import_validation_errors: Any = None) -> bool:
        return bool(self.fate) or (bool(instance.pk) and not self.changed and not import_validation_errors)

    def validate_instance(self, instance: Reader, import_validation_errors: Any = None, **kwargs: Any) -> None:
        """Look at the fields alone: what is unique was read for the whole file, and constraints say the same again."""
        errors = dict(import_validation_errors or {})
        try:
            instance.clean_fields(exclude={*errors, *OTHERS})
        except ValidationError as error:
            errors = error.update_error_dict(errors)
        if errors:
            raise ValidationError(errors)

    def before_save_instance(self, instance: Reader, row: Any, **kwargs: Any) -> None:
        if not instance.pk:
            instance.set_unusable_password()
            instance.state = Reader.State.ACTIVE if instance.consented_at else Reader.State.PENDING
        instance.plan(self.now, before=self.before.get(instance.email))

    def get_bulk_update_fields(self) -> list[str]:
        return ["name", "time_zone", "delivery_hour", "days", "weekday", "papers", *Reader.PLAN]

    def after_import_row(self, row: Any, row_result: RowResult, **kwargs: Any) -> None:
        row_result.said = self._said(row_result, row["email"])

    def _said(self, result: RowResult, address: str) -> str:
        if self.fate:
            return self.fate
        if result.import_type == RowResult.IMPORT_TYPE_NEW:
            state = "gets digests" if result.instance.state == Reader.State.ACTIVE else "has to confirm first"
            said = f"new: {state}"
        else:
            said = f"updated: {', '.join(self.changed)}" if self.changed else "unchanged"
        why = self.stopped.get(address)
        return f"{said}; suppressed, so gets no mail: {Suppression.Reason(why).label}" if why else said

    def bulk_create(self, using_transactions: bool, dry_run: bool, *args: Any, **kwargs: Any) -> None:
        self._write(super().bulk_create, using_transactions, dry_run, args, kwargs)

    def bulk_update(self, using_transactions: bool, dry_run: bool, *args: Any, **kwargs: Any) -> None:
        self._write(super().bulk_update, using_transactions, dry_run, args, kwargs)

    def _write(self, how: Any, using_transactions: bool, dry_run: bool, args: Any, kwargs: Any) -> None:
        """Write to the database, or nothing where the file is only looked at."""
        if dry_run:
            self.create_instances.clear()
            self.update_instances.clear()
        else:
            how(using_transactions, dry_run, *args, **kwargs)

    def after_import(self, dataset: Any, result: Any, **kwargs: Any) -> None:
        if kwargs.get("dry_run") or result.has_errors() or result.has_validation_errors():
            return
        readers = _readers(sorted(self.wanted))
        topics = Topic.objects.named_all({text for wanted in self.wanted.values() for text in wanted.values()})
        Subscription.objects.follow_all(
            (readers[address].pk, topics[text].pk)
            for address, wanted in self.wanted.items()
            for text in wanted.values()
        )


@lru_cache(maxsize=ROWS)
def _query(text: str) -> str:
    return parse_query(text).canonical


def _pieces(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(values), PIECE):
        yield values[start : start + PIECE]


def _readers(addresses: Sequence[str]) -> dict[str, Reader]:
    return {reader.email: reader for piece in _pieces(addresses) for reader in Reader.objects.filter(email__in=piece)}


def _stopped(addresses: Sequence[str]) -> Any:
    return Suppression.objects.among(addresses).items()


def _follows(readers: Sequence[int]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    for piece in _pieces(readers):
        rows = Subscription.objects.filter(reader__in=piece).values_list("reader", "topic__query")
        for reader, query in rows:
            found[reader].add(query)
    return found
