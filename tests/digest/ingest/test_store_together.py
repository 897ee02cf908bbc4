"""Storing by several workers at the same moment, and by one that is killed: each paper is there once, and whole."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from digest.ingest.store import Stored, store
from digest.models import Paper, PaperIdentifier, Sighting, Signal, Source
from digest.sources.listing import Identifier, Listing, Reading, Scheme, SignalKind
from tests.config.installation import database_url, environment
from tests.make import NOON, make_listing, make_source

pytestmark = pytest.mark.django_db(transaction=True)
WORKERS = 4
PAPERS = 60


def arxiv(number: int) -> Identifier:
    return Identifier(Scheme.ARXIV, f"2603.1{number:04}")


def doi(number: int) -> Identifier:
    return Identifier(Scheme.DOI, f"10.5555/{number}")


def listing(*names: Identifier, **given: Any) -> Listing:
    return make_listing(identifiers=names, readings=(Reading(SignalKind.UPVOTES, 7),), **given)


def at_once(batches: list[list[Listing]], sources: list[Source]) -> list[Stored]:
    """Store each batch in a thread of its own, all from the same moment on."""
    together = Barrier(len(batches))

    def work(batch: list[Listing], source: Source) -> Stored:
        try:
            together.wait()
            return store(batch, source=source, now=NOON)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(batches)) as workers:
        return list(workers.map(work, batches, sources))


def rows() -> list[int]:
    return [model.objects.count() for model in (Paper, PaperIdentifier, Sighting, Signal)]


def test_workers_that_store_the_same_new_papers_store_them_once() -> None:
    batch = [listing(arxiv(number), doi(number)) for number in range(PAPERS)]
    batches = [batch if worker % 2 else batch[::-1] for worker in range(WORKERS)]
    stored = at_once(batches, [make_source() for _ in range(WORKERS)])
    assert sum(each.new for each in stored) == PAPERS
    assert rows() == [PAPERS, 2 * PAPERS, WORKERS * PAPERS, PAPERS]


def test_workers_of_one_source_sight_each_paper_once() -> None:
    batch = [listing(arxiv(number)) for number in range(PAPERS)]
    stored = at_once([batch] * WORKERS, [make_source()] * WORKERS)
    assert sum(each.sighted for each in stored) == PAPERS
    assert rows() == [PAPERS] * 4


def test_workers_that_bring_other_versions_leave_the_latest() -> None:
    source = make_source()
    store([listing(arxiv(number)) for number in range(PAPERS)], source=source, now=NOON)
    versions = [
        [listing(arxiv(number), version=version, title=f"Version {version}") for number in range(PAPERS)]
        for version in (4, 2, 5, 3)
    ]
    at_once(versions, [source] * WORKERS)
    assert set(Paper.objects.values_list("title", "version")) == {("Version 5", 5)}


def test_workers_that_find_papers_to_be_one_make_them_one() -> None:
    source = make_source()
    names = [name for number in range(PAPERS) for name in (arxiv(number), doi(number))]
    store([listing(name) for name in names], source=source, now=NOON)
    both = [listing(arxiv(number), doi(number)) for number in range(PAPERS)]
    only_one = [listing(doi(number)) for number in reversed(range(PAPERS))]
    at_once([both, only_one, both[::-1], only_one], [make_source() for _ in range(WORKERS)])
    assert rows() == [PAPERS, 2 * PAPERS, PAPERS * (1 + WORKERS), PAPERS]


STORING = """
import django
django.setup()
from digest.ingest.store import store
from digest.models import Source
from tests.digest.ingest.test_store_together import NOON, batch_of
for version in range(1, 10_000):
    store(batch_of(version), source=Source.objects.get(), now=NOON)
    print(version, flush=True)
"""


def batch_of(version: int) -> list[Listing]:
    return [listing(arxiv(number), doi(number), version=version) for number in range(PAPERS)]


def stored_until_killed(tmp_path: Path, *, batches: int, pause: float) -> None:
    """Store batch after batch in a process that is killed a while after it has said so for some of them."""
    given = environment(tmp_path, DATABASE_URL=database_url(), DJANGO_SETTINGS_MODULE="config.settings")
    command = [sys.executable, "-c", STORING]
    with subprocess.Popen(command, cwd=settings.BASE_DIR, env=given, stdout=subprocess.PIPE) as worker:
        assert worker.stdout
        assert [int(worker.stdout.readline()) for _ in range(batches)] == list(range(1, batches + 1))
        time.sleep(pause)
        os.kill(worker.pid, signal.SIGKILL)


@pytest.mark.parametrize("pause", [0.0, 0.003, 0.007, 0.011, 0.019, 0.031])
def test_killed_worker_leaves_whole_batches_and_the_next_one_goes_on(pause: float, tmp_path: Path) -> None:
    source = make_source()
    stored_until_killed(tmp_path, batches=3, pause=pause)
    assert rows()[:2] == [PAPERS, 2 * PAPERS]
    [version] = set(Paper.objects.values_list("version", flat=True))
    assert version >= 3
    assert set(Paper.objects.values_list("sightings__version", flat=True)) == {1}
    assert store(batch_of(version + 1), source=source, now=NOON) == Stored(updated=PAPERS)
