"""The words of each paper, ready for the search: its stems in order, and the marks that the databases' indexes hold.

What the marks are is told in `digest.ranking.marks`, and who writes them is `digest.ingest.index`. The index beside
this table is the database's own and follows by itself: on PostgreSQL the marks are a tsvector with a GIN index, on
SQLite a text that triggers hand on to an FTS5 table (migration 0022; a migration that changes this table on SQLite must
make the triggers again, because Django makes the table anew).
"""

from datetime import date
from typing import Any, Literal

from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

from digest.models.paper import Paper
from digest.ranking.conditions import All, Condition, Has
from digest.ranking.ladder import Rung

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
    def meeting(
        self, rung: Rung, *, limit: int, order: Order = "", since: date | None = None, among: int = 0
    ) -> list[int]:
        """Return the keys of up to `limit` papers that meet a condition: any of them, or the first in an order.

        With `among`, only so many papers that come first in this order are gone through: what nearly all papers meet is
        found sooner like this than by the index, which names all of these before it names the first.
        """
        connection = connections[self.db]
        is_postgresql = connection.vendor == "postgresql"
        statement, key, asked = _on_postgresql(rung) if is_postgresql else _on_sqlite(rung)
        if among:
            statement, asked = _among_first(statement, asked, order, among, is_postgresql=is_postgresql)
        if since:
            statement, asked = f"{statement} AND announced_on >= %s", [*asked, since]
        if order:
            # The sums keep PostgreSQL from walking an index of its own accord: the marks of very many rows are slow.
            plus = " + 0" if is_postgresql and not among else ""
            day = f"announced_on{plus} DESC NULLS LAST, " if order == "newest" else ""
            statement += f" ORDER BY {day}{key}{plus} DESC"
        statement = f"SELECT {key} {statement} LIMIT %s"
        with connection.cursor() as cursor:
            if is_postgresql:
                # Reading all rows looks cheap to it, too. Together this is one transaction, and one answer.
                cursor.execute(f"SET LOCAL enable_seqscan = off; {statement}", [*asked, limit])
                cursor.nextset()
            else:
                cursor.execute(statement, [*asked, limit])
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


def _on_postgresql(rung: Rung) -> tuple[str, str, list[Any]]:
    """Return the statement, its key and what is put into it."""
    return "FROM digest_paperwords words WHERE marks @@ %s::tsquery", "paper_id", [_tsquery(rung)]


def _on_sqlite(rung: Rung) -> tuple[str, str, list[Any]]:
    table = f"FROM {INDEX} JOIN digest_paperwords words ON paper_id = {INDEX}.rowid"
    return f"{table} WHERE {INDEX} MATCH %s", f"{INDEX}.rowid", [_fts5(rung)]


def _among_first(
    statement: str, asked: list[Any], order: Order, among: int, *, is_postgresql: bool
) -> tuple[str, list[Any]]:
    last = " NULLS LAST" if is_postgresql else ""
    by = f"announced_on DESC{last}, paper_id DESC" if order == "newest" else "paper_id DESC"
    latest = f"FROM digest_paperwords ORDER BY {by} LIMIT %s"
    if is_postgresql:
        return statement.replace("digest_paperwords words", f"(SELECT * {latest}) words"), [among, *asked]
    # Its own index is read by key, from the least of these keys on.
    keys = f"(SELECT paper_id {latest})"
    least = f"(SELECT min(paper_id) FROM {keys} latest)"  # noqa: S608 - names of our own
    return f"{statement} AND {INDEX}.rowid >= {least} AND paper_id IN {keys}", [*asked, among, among]


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
