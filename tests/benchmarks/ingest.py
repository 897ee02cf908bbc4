"""Ingest beside bare feedparser on the same bytes: read in guarded processes, cleaned, stored and indexed.

Of all real feeds at hand: entries per second, as a pass does it (the next documents are read while one is stored);
goal: at least 0.6 of feedparser's. Of the largest arXiv day alone: the first run at most 3 times feedparser's time, a
second run over the same bytes at most 1.5 times.
"""

import gzip
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from statistics import median
from time import perf_counter

import feedparser

from tests.benchmarks.setting import DATA, report, set_up

RUNS = 5
FOLDERS = ("arxiv_feeds", "journals", "biorxiv", "pubmed", "hf_daily/raw_rss")
DAY = "*.rss.xml.gz"


def main() -> None:
    set_up()
    if not DATA.exists():
        report("ingest", skipped="needs ../shared/data")
        return
    for folder in FOLDERS:
        measure_folder(folder, bodies(folder))
    measure_folder("all", [body for folder in FOLDERS for body in bodies(folder)])
    measure_day(
        gzip.decompress(max(DATA.glob(f"arxiv_feeds/{DAY}"), key=lambda path: path.stat().st_size).read_bytes())
    )


def bodies(folder: str) -> list[bytes]:
    """Return the documents of a folder that have entries, as a server would send them."""
    found = [path.read_bytes() for path in sorted((DATA / folder).glob("*")) if path.is_file()]
    found = [gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body for body in found]
    return [body for body in found if b"<item" in body or b"<entry" in body]


def entries_of(body: bytes) -> int:
    return len(feedparser.parse(BytesIO(body), sanitize_html=False, resolve_relative_uris=False).entries)


def measure_folder(folder: str, documents: list[bytes]) -> None:
    from django.db import connection
    from django.utils import timezone

    from digest.ingest.guarded import READERS, read_guarded
    from digest.ingest.store import store
    from digest.models import Source

    times: dict[str, list[float]] = {"bare": [], "ingest": []}
    for _ in range(RUNS):
        empty()
        source = Source.objects.create(name=folder, kind="feed", url="https://feeds.example.org/all")
        start = perf_counter()
        entries = sum(map(entries_of, documents))
        half = perf_counter()
        with ThreadPoolExecutor(READERS) as threads:
            found = threads.map(lambda body: read_guarded(body, kind=None, now=timezone.now()), documents)
            papers = sum(store(parsed.listings, source=source, now=timezone.now()).new for parsed in found)
        times["ingest"].append(perf_counter() - half)
        times["bare"].append(half - start)
    typical = {name: entries / median(values) for name, values in times.items()}
    report(
        "ingest_entries",
        database=connection.vendor,
        files=folder,
        entries=entries,
        papers=papers,
        readers=READERS,
        feedparser_per_s=typical["bare"],
        ingest_per_s=typical["ingest"],
        ratio=median(bare / ingest for bare, ingest in zip(times["bare"], times["ingest"], strict=True)),
        goal="ratio >= 0.6",
    )


def measure_day(body: bytes) -> None:
    from django.db import connection
    from django.utils import timezone

    from digest.ingest.by_hand import Document, ingest

    times: dict[str, list[float]] = {"bare": [], "first": [], "second": []}
    for _ in range(RUNS):
        empty()
        start = perf_counter()
        entries_of(body)
        half = perf_counter()
        stored = ingest(Document(body), now=timezone.now())
        first = perf_counter()
        ingest(Document(body), now=timezone.now())
        second = perf_counter()
        for name, seconds in (("bare", half - start), ("first", first - half), ("second", second - first)):
            times[name].append(seconds)
    typical = {name: median(values) for name, values in times.items()}
    report(
        "ingest",
        database=connection.vendor,
        papers=stored.stored.new,
        feedparser_s=typical["bare"],
        first_s=typical["first"],
        second_s=typical["second"],
        first_ratio=typical["first"] / typical["bare"],
        second_ratio=typical["second"] / typical["bare"],
        goal="first_ratio <= 3, second_ratio <= 1.5",
    )


def empty() -> None:
    from digest.models import Paper, Source

    Paper.objects.all().delete()
    Source.objects.all().delete()


if __name__ == "__main__":
    main()
