"""Ingest of the largest arXiv day beside bare feedparser on the same bytes: parsed, cleaned, stored and indexed.

Goal: the first run at most 3 times feedparser's time, a second run over the same bytes at most 1.5 times.
"""

import gzip
from io import BytesIO
from statistics import median
from time import perf_counter

import feedparser

from tests.benchmarks.setting import DATA, report, set_up

RUNS = 5


def main() -> None:
    set_up()
    from django.db import connection
    from django.utils import timezone

    from digest.ingest.refresh import Document, ingest
    from digest.models import Paper, Source

    feeds = sorted((DATA / "arxiv_feeds").glob("*.rss.xml.gz"), key=lambda path: path.stat().st_size)
    if not feeds:
        report("ingest", skipped="needs ../shared/data")
        return
    body = gzip.decompress(feeds[-1].read_bytes())
    times: dict[str, list[float]] = {"bare": [], "first": [], "second": []}
    for _ in range(RUNS):
        Paper.objects.all().delete()
        Source.objects.all().delete()
        start = perf_counter()
        feedparser.parse(BytesIO(body), sanitize_html=False, resolve_relative_uris=False)
        bare = perf_counter()
        stored = ingest(Document(body), now=timezone.now())
        first = perf_counter()
        ingest(Document(body), now=timezone.now())
        second = perf_counter()
        for name, seconds in (("bare", bare - start), ("first", first - bare), ("second", second - first)):
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


if __name__ == "__main__":
    main()
