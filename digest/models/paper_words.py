"""The words of each paper, ready for the search: its stems in order, and the marks that the databases' indexes hold.

What the marks are is told in `digest.ranking.marks`, and who writes them is `digest.ingest.index`. The index beside
this table is the database's own and follows by itself: on PostgreSQL the marks are a tsvector with a GIN index, on
SQLite a text that triggers hand on to an FTS5 table (migration 0022; a migration that changes this table on SQLite must
make the triggers again, because Django makes the table anew).
"""

from contextlib import nullcontext
from datetime import date
from typing import Any, Literal

from django.db import connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from digest.models.paper import Paper
from digest.ranking.ladder import All, Condition, Has, Rung

Order = Literal["", "newest", "latest"]  # any, by the day of the announcement, by when they came here

INDEX = "digest_paperwords_index"  # on PostgreSQL an index, on SQLite a table


class MarksField(models.TextField):  # type: ignore[type-arg]  # it takes none when it runs
    """Marks with a space between them; written, never read."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "tsvector" if connection.vendor == "postgresql" else "text"

    def get_placeholder(self, value: Any, compiler: Any, connection: BaseDatabaseWrapper) -> str:
        # The words as they are: PostgreSQL's own parser would take some of them apart.
        return "array_to_tsvector(string_to_array(%s, ' '))" if connection.vendor == "postgresql" else "%s"


class PaperWordsQuerySet(models.QuerySet["PaperWords"]):
    def meeting(self, rung: Rung, *, limit: int, order: Order = "", since: date | None = None) -> list[int]:
        """Return the keys of up to `limit` papers that meet a condition: any of them, or the first in an order."""
        connection = connections[self.db]
        is_postgresql = connection.vendor == "postgresql"
        if is_postgresql:
            # The sum keeps it from walking the keys backwards, which reads the marks of very many rows.
            statement, key = "FROM digest_paperwords words WHERE marks @@ %s::tsquery", "words.paper_id + 0"
            given: list[Any] = [_tsquery(rung)]
        else:
            statement, key = (
                f"FROM {INDEX} JOIN digest_paperwords words ON paper_id = {INDEX}.rowid WHERE {INDEX} MATCH %s",
                f"{INDEX}.rowid",
            )
            given = [_fts5(rung)]
        if since:
            statement, given = f"{statement} AND announced_on >= %s", [*given, since]
        if order:
            statement += f" ORDER BY {'announced_on DESC NULLS LAST, ' if order == 'newest' else ''}{key} DESC"
        # SQLite would take this for a writer.
        with transaction.atomic(using=self.db) if is_postgresql else nullcontext(), connection.cursor() as cursor:
            if is_postgresql:
                # Reading all rows looks cheap to it, but the marks lie elsewhere, and are read in seconds.
                cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"SELECT {key} {statement} LIMIT %s", [*given, limit])
            return [paper for (paper,) in cursor.fetchall()]


class PaperWords(models.Model):
    paper = models.OneToOneField(Paper, on_delete=models.CASCADE, primary_key=True, related_name="words")
    announced_on = models.DateField(null=True)
    title = models.TextField(help_text="its stems in order, with a space between them")
    abstract = models.TextField()
    marks = MarksField()

    objects = PaperWordsQuerySet.as_manager()

    def __str__(self) -> str:
        return f"words of {self.paper_id}"


def _tsquery(rung: Rung) -> str:
    left_out = [f"!{_lexeme(mark)}" for mark in rung.without]
    return " & ".join([_spelled(rung.condition, _lexeme, " & ", " | "), *left_out])


def _lexeme(mark: str) -> str:
    escaped = mark.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


def _fts5(rung: Rung) -> str:
    left_out = [f" NOT {_token(mark)}" for mark in rung.without]
    return _spelled(rung.condition, _token, " AND ", " OR ") + "".join(left_out)


def _token(mark: str) -> str:
    doubled = mark.replace('"', '""')
    return f'"{doubled}"'


def _spelled(condition: Condition, name: Any, both: str, either: str) -> str:
    if isinstance(condition, Has):
        return str(name(condition.mark))
    joint = both if isinstance(condition, All) else either
    return f"({joint.join(_spelled(part, name, both, either) for part in condition.parts)})"
