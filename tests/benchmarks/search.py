"""How fast the search answers, and how far its first page agrees with judging every paper.

On PostgreSQL (DATABASE_URL) with 500,000 papers, else on SQLite with 100,000; of these 50,000 are made, and the others
are copies by the database. Goals: 100 ms and 300 ms. `index_ms` is the time per paper of the stage itself, measured on
the last papers. PAPERS in the environment says how many there are instead. Most of the minutes that it takes go into
making the papers and the index.
"""

import math
import os
from collections.abc import Callable
from functools import partial
from importlib import import_module
from itertools import islice
from time import perf_counter, process_time
from typing import Any

from tests.benchmarks.setting import report, set_up

ORIGINALS, PIECE, MEASURED, RUNS, SIMILAR = 50_000, 2000, 1000, 5, 10
QUERIES = {
    "rare": ["steganography", "protein folding", "tokamak", "knowledge transfer"],
    "middle": ["graph neural networks", "speech recognition", "transformer", "code generation benchmark"],
    "long": [
        "graph neural network for molecules",
        "large language models for code generation",
        "deep reinforcement learning for robot control with sparse rewards and human feedback",
    ],
    "common": ["deep learning", "large language models", "learning", "diffusion models for image generation"],
    "clauses": [
        '"instance normalization"',
        '"large language model" reasoning',
        "cat:cs.CL",
        "author:wang",
        'author:"Wei Wang" learning',
        "language cat:cs.CV",
        "learning -deep -survey",
    ],
}


def fill(count: int) -> None:
    """Fill the library: ORIGINALS papers are made, the database copies them, each time as much older as they span."""
    from django.db import connection
    from django.utils import timezone

    from digest.ingest.index import index_due
    from digest.models import Paper

    originals = min(count, ORIGINALS)
    with connection.cursor() as cursor:
        is_postgresql = connection.vendor == "postgresql"
        if is_postgresql:
            cursor.execute("DROP INDEX digest_paperwords_index")
        make(originals, first=count - originals + 1)
        for copy in range(1, count // originals):
            for table, key in (("digest_paper", "id"), ("digest_paperwords", "paper_id")):
                copied(cursor, table, key, originals, copy)
        if is_postgresql:
            cursor.execute("SET maintenance_work_mem = '1GB'")
            cursor.execute(import_module("digest.migrations.0022_paper_words").POSTGRESQL[1])
        cursor.execute("VACUUM ANALYZE" if is_postgresql else "ANALYZE")
    latest = Paper.objects.order_by("-pk").values_list("pk", flat=True)[:MEASURED]
    Paper.objects.filter(pk__in=list(latest)).update(index_due_at=timezone.now())
    start = perf_counter()
    indexed = index_due(timezone.now())
    report("search index", papers=Paper.objects.count(), index_ms=(perf_counter() - start) / indexed * 1000)


def make(count: int, first: int) -> None:
    from django.db import transaction

    from digest.ingest.index import words_of
    from digest.management.bulk import write
    from digest.models import PaperWords
    from tests.benchmarks.library import Library
    from tests.digest.ranking.real import real_documents

    papers = Library(real_documents()).papers(count, first)
    while piece := list(islice(papers, PIECE)):
        with transaction.atomic():
            for paper in piece:
                paper.index_due_at = None
            write(piece)
            PaperWords.objects.bulk_create([words_of(paper) for paper in piece], batch_size=500)


def copied(cursor: Any, table: str, key: str, count: int, number: int) -> None:
    """Copy the first `count` rows of a table, with keys of their own, and older by as many days as they span."""
    from django.db import connection

    from tests.benchmarks.library import PER_DAY

    columns = [column.name for column in connection.introspection.get_table_description(cursor, table)]
    days = number * math.ceil(count / PER_DAY)
    older = f"announced_on - {days}" if connection.vendor == "postgresql" else f"date(announced_on, '-{days} days')"
    changed = {key: f"{key} - {number * count}", "announced_on": older}
    cursor.execute(
        f"INSERT INTO {table} ({', '.join(columns)})"  # noqa: S608 - names of our own
        f" SELECT {', '.join(changed.get(name, name) for name in columns)} FROM {table}"
        f" WHERE {key} > (SELECT max({key}) FROM {table}) - {count}"
    )


def measure(figure: str, asked: str, run: Callable[[], object]) -> None:
    """Report the best of some runs: what is more is the machine's. The database's part is the wall's, less Python's."""
    took = []
    for _ in range(RUNS):
        begun, worked = perf_counter(), process_time()
        run()
        took.append(((perf_counter() - begun) * 1000, (process_time() - worked) * 1000))
    wall, python = map(min, zip(*took, strict=True))
    report(figure, asked=asked, wall_ms=wall, python_ms=python)


def measure_all() -> None:
    from digest.ingest.frequencies import frequencies
    from digest.ingest.search import search, similar
    from digest.models import Paper
    from digest.ranking.query import parse_query

    begun = process_time()
    frequencies.current()
    report("search frequencies", python_ms=(process_time() - begun) * 1000)
    orders: dict[str, dict[str, Any]] = {"best": {}, "newest": {"newest": True}, "page 3": {"start": 60}}
    for name, order in orders.items():
        for kind, texts in QUERIES.items():
            for text in texts:
                measure(f"search {kind} {name}", text, partial(search, parse_query(text), **order))
    for paper in Paper.objects.order_by("-pk")[:SIMILAR]:
        measure("search similar", paper.title, partial(similar, paper))


def agreement(texts: list[str]) -> float:
    """Return the share of the first twenty of an exact pass over all papers that the search shows, too."""
    from heapq import nsmallest

    from digest.ingest.frequencies import frequencies
    from digest.ingest.search import search
    from digest.models import PaperWords
    from digest.ranking.matching import Document, match
    from digest.ranking.query import parse_query

    queries = [(place, parse_query(text)) for place, text in enumerate(texts)]
    best: dict[int, list[tuple[float, int]]] = {place: [] for place, _ in queries}
    rows = PaperWords.objects.order_by("pk").values_list("paper_id", "title", "abstract").iterator(PIECE)
    while piece := list(islice(rows, PIECE)):
        documents = [Document(key, "", stems=(title, abstract)) for key, title, abstract in piece]
        for hit in match(documents, queries, frequencies.current(), bar=0, keep=None):
            best[hit.topic].append((-hit.score, -hit.paper))
        best = {place: nsmallest(20, pairs) for place, pairs in best.items()}
    shares = []
    for place, query in queries:
        wanted = {-key for _, key in best[place]}
        shown = {hit.paper for hit in search(query, count=20).hits}
        shares.append(len(wanted & shown) / len(wanted) if wanted else 1.0)
    return sum(shares) / len(shares)


def main() -> None:
    set_up()
    from django.db import connection

    usual = 500_000 if connection.vendor == "postgresql" else 100_000
    fill(int(os.environ.get("PAPERS", "") or usual))
    measure_all()
    for kind, texts in QUERIES.items():
        if kind != "clauses":
            report(f"search {kind} agreement", first_page=agreement(texts))


if __name__ == "__main__":
    main()
