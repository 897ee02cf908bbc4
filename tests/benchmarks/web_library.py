"""A library as the pages of a large installation have behind them: days of 1,500 papers up to today, 100 with votes.

One day in ten is made, of papers as `library` makes them, with their words for the search; the database copies these to
the days before. The topics of the catalogue are matched and counted for the last 30 days by the service itself.
"""

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.db.models import Field, Model

    from digest.models import Paper, Sighting, Signal

PER_DAY, VOTED, READINGS = 1500, 100, 6
COPIES, MATCHED_DAYS, COUNTED_DAYS, PIECE = 10, 30, 180, 3000


def fill(least: int, now: datetime) -> int:
    """Make `least` papers, up to whole days; return how many."""
    days = -(-least // PER_DAY)
    made = -(-days // COPIES)
    copies = -(-days // made)
    with _without_index():
        _make(made * PER_DAY, now)
        for copy in range(1, copies):
            _copy_all(copy, made)
    total = made * copies * PER_DAY
    _identify(total, made * PER_DAY, now.date())
    _follow(now)
    return total


def day_of(key: int, count: int, today: date) -> date:
    """Return when the paper was announced; the keys of each block of `count` papers begin with its oldest day."""
    return today - timedelta(days=(count - 1 - (key - 1) % count) // PER_DAY + (key - 1) // count * (count // PER_DAY))


def _make(count: int, now: datetime) -> None:
    from django.db import connection, transaction

    from digest.ingest.index import words_of
    from digest.management.bulk import write, write_new
    from digest.management.commands.make_papers import make_sources
    from tests.benchmarks.library import Library
    from tests.digest.ranking.real import real_documents

    chance, sources = random.Random(1), make_sources()  # noqa: S311 - the same library on every run
    papers = Library(real_documents()).papers(count)
    while piece := list(islice(papers, PIECE)):
        with transaction.atomic():
            signals: list[Signal] = []
            for paper in piece:
                paper.announced_on = day_of(paper.pk, count, now.date())
                paper.index_due_at = None
                paper.created_at = paper.changed_at = min(now, datetime.combine(paper.announced_on, time(3), UTC))
                paper.url = f"https://papers.example.org/{paper.pk}"
                if paper.pk % (PER_DAY // VOTED) == 0:
                    signals += _votes(paper, chance, now)
            words = [words_of(paper) for paper in piece]
            for row in words if connection.vendor == "postgresql" else []:
                row.marks = " ".join(
                    "'" + mark.replace("\\", r"\\").replace("'", "''") + "'" for mark in row.marks.split()
                )
            write(piece)
            write(words)
            write_new([_sighting(paper, chance.choice(sources)) for paper in piece])
            write_new(signals)


def _votes(paper: "Paper", chance: random.Random, now: datetime) -> "Iterator[Signal]":
    from digest.models import Signal

    for reading in range(READINGS):
        at = paper.created_at + timedelta(hours=12 * reading)
        if at > now:
            break
        paper.votes += chance.randrange(1, 20)
        paper.comments += chance.randrange(3)
        yield Signal(paper_id=paper.pk, kind="upvotes", value=paper.votes, observed_at=at)
        yield Signal(paper_id=paper.pk, kind="comments", value=paper.comments, observed_at=at)


def _sighting(paper: "Paper", source: int) -> "Sighting":
    from digest.models import Sighting

    announced_on = paper.announced_on or date.min
    return Sighting(
        paper_id=paper.pk, source_id=source, announce_type="new", announced_on=announced_on, seen_at=paper.created_at
    )


def _copy_all(copy: int, days: int) -> None:
    from digest.models import Paper, PaperWords, Sighting, Signal

    for model, key in ((Paper, "id"), (PaperWords, "paper_id"), (Sighting, "paper_id"), (Signal, "paper_id")):
        _copy(model, key, copy, days)


def _copy(model: "type[Model]", key: str, copy: int, days: int) -> None:
    """Copy the rows of the papers that were made to papers with higher keys, announced `copy` x `days` earlier."""
    from django.db import connection, models

    papers = days * PER_DAY
    given: dict[str, str] = {str(field.column): str(field.column) for field in model._meta.concrete_fields}
    for field in model._meta.concrete_fields:
        if isinstance(field, models.DateField):
            given[str(field.column)] = _earlier(field, copy * days, connection.vendor)
    if key != "id":
        given.pop("id", None)  # the database gives a new one
    given[key] = f"{key} + {copy * papers}"
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {model._meta.db_table} ({', '.join(given)}) SELECT {', '.join(given.values())} "  # noqa: S608 - names of our own
            f"FROM {model._meta.db_table} WHERE {key} <= {papers}"
        )


def _earlier(field: "Field[Any, Any]", days: int, vendor: str) -> str:
    if vendor == "postgresql":
        return f"{field.column} - interval '{days} days'"
    return f"{'date' if field.get_internal_type() == 'DateField' else 'datetime'}({field.column}, '-{days} days')"


def _identify(total: int, count: int, today: date) -> None:
    from digest.management.bulk import write_new
    from digest.models import PaperIdentifier

    of_month: Counter[str] = Counter()
    for start in range(1, total + 1, 50_000):
        keys = range(start, min(total, start + 49_999) + 1)
        names = []
        for key in keys:
            month = f"{day_of(key, count, today):%y%m}"
            of_month[month] += 1
            names.append(("arxiv", f"{month}.{of_month[month]:05}", key))
        names += [("doi", f"10.5555/invented.{key}", key) for key in keys if key % 3 == 0]
        write_new([PaperIdentifier(scheme=scheme, value=value, paper_id=key) for scheme, value, key in names])


def _follow(now: datetime) -> None:
    """Do what the clock would have done, but for the counts of the older days, which are those of the last ones."""
    from digest.ingest.rank import open_topic_pages, update_trends
    from digest.ingest.topic_days import count_days_due
    from digest.models import TopicDay

    _analyze()
    update_trends(now)
    open_topic_pages(now)
    count_days_due(now, most=MATCHED_DAYS)
    counted = list(TopicDay.objects.all())
    for back in range(MATCHED_DAYS, COUNTED_DAYS, MATCHED_DAYS):
        TopicDay.objects.bulk_create(
            [TopicDay(topic_id=row.topic_id, day=row.day - timedelta(days=back), papers=row.papers) for row in counted],
            batch_size=500,
        )
    _analyze()


def _analyze() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


@contextmanager
def _without_index() -> Iterator[None]:
    """Make PostgreSQL's index of the words once, at the end: it takes far longer row by row."""
    from django.db import connection

    from digest.models.paper_words import INDEX

    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = %s", [INDEX])
        (made_by,) = cursor.fetchone()
        cursor.execute(f"DROP INDEX {INDEX}")
        yield
        cursor.execute("SET maintenance_work_mem = '512MB'")
        cursor.execute(made_by)
