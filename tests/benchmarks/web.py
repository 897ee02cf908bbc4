"""How many pages, feeds and answers of the API a second one machine gives, and how long each takes.

gunicorn as deployed (2 workers of 8 threads) on the database of DATABASE_URL, filled with `--papers` papers (500,000 on
PostgreSQL, 10,000 on SQLite), with Redis where REDIS_URL says so. The client is this process: CLIENTS threads that each
hold a connection and ask again as soon as they are answered, so it takes its share of the same processors. `alone_ms`
is what one of them waits. `cached`: the same addresses again; `revalidated`: with the ETag of before (304); `uncached`:
PAGES_KEPT=0, as if something had changed before each request. Beside each stands what the same server gave right after
of /healthz/live, which shows nothing and asks nobody: the limit of the machine. `made` is one page within this process,
uncached, with its queries. Goal: what a page takes is its making, and queries a smaller part.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPException
from itertools import count, cycle, islice
from statistics import median, quantiles
from threading import Barrier
from time import perf_counter, sleep
from typing import Any

from tests.benchmarks.setting import ROOT, report, set_up

PORT = int(os.environ.get("WEB_PORT", "8765"))
CLIENTS, SECONDS, LIMIT_SECONDS, ALONE = 8, 3.0, 1.0, 20
LIMIT = ["/healthz/live"]
SERVER = ["--workers", "2", "--threads", "8", "--worker-tmp-dir", "/dev/shm", "--no-control-socket"]  # noqa: S108
# One proxy before it says who asks, so that the limits of one visitor count and never end.
GIVEN = {"SITE_URL": f"http://127.0.0.1:{PORT}", "PROXIES": "1", "API_RATE": "1000000/second"}
QUERIES = [
    "tokamak",
    "graph+neural+networks",
    "large+language+models",
    "cat:cs.CL+translation",
    "%22contrastive+loss%22",
]
_numbers = count(1)


def pages(now: datetime) -> dict[str, list[str]]:
    from digest.models import PaperIdentifier, Topic

    day, query = now.date() - timedelta(days=1), QUERIES
    slugs = list(Topic.objects.public().order_by("pk").values_list("slug", flat=True)[:50:10])
    latest = PaperIdentifier.objects.filter(scheme="arxiv", paper__announced_on__gte=day).order_by("pk")
    names = list(latest.values_list("value", flat=True)[:1000:100])
    return {
        "today": ["/"],
        "day": [f"/date/{day}"],
        "week": [f"/week/{day:%G-W%V}"],
        "month": [f"/month/{day:%Y-%m}"],
        "trending": ["/trending"],
        "topic": [f"/topics/{slug}" for slug in slugs],
        "topics": ["/topics/"],
        "search": [f"/search?q={text}" for text in query],
        "search newest": [f"/search?q={text}&order=newest" for text in query],
        "paper": [f"/papers/{name}" for name in names],
        "api daily_papers": [f"/api/daily_papers?date={day}", "/api/daily_papers"],
        "api search": [f"/api/papers/search?q={text}" for text in query],
        "api paper": [f"/api/papers/{name}" for name in names],
        "today.atom": ["/today.atom"],
        "topic.atom": [f"/topics/{slug}.atom" for slug in slugs],
    }


@contextmanager
def server(pages_kept: int) -> Iterator[None]:
    command = [sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{PORT}", *SERVER]
    given = os.environ | GIVEN | {"PAGES_KEPT": str(pages_kept), "LOG_LEVEL": "ERROR"}
    with subprocess.Popen([*command, "--log-level", "error"], cwd=ROOT, env=given) as process:
        try:
            _wait()
            yield
        finally:
            process.terminate()


def _wait() -> None:
    for _ in range(300):
        try:
            return Visitor().get(LIMIT[0])
        except (OSError, HTTPException):
            sleep(0.2)
    raise SystemExit("gunicorn does not answer")


class Visitor:
    """One connection, as a browser or a proxy holds it; each request comes from another address."""

    def __init__(self) -> None:
        self.connection = HTTPConnection("127.0.0.1", PORT, timeout=60)
        self.tags: dict[str, str] = {}
        self.bytes = 0

    def get(self, path: str, expected: int = 200) -> None:
        number = next(_numbers)
        headers = {
            "Accept-Encoding": "gzip",
            "X-Forwarded-For": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}",
        }
        if expected == 304:
            headers["If-None-Match"] = self.tags[path]
        try:
            self.connection.request("GET", path, headers=headers)
            answer = self.connection.getresponse()
        except ConnectionError:  # gunicorn closes one that has been idle for two seconds: a browser connects anew
            self.connection.close()
            self.connection.request("GET", path, headers=headers)
            answer = self.connection.getresponse()
        body = answer.read()
        if answer.status != expected:
            raise SystemExit(f"{path}: {answer.status} where {expected} was expected")
        if expected == 200:
            self.tags[path], self.bytes = answer.headers.get("ETag", ""), len(body)


def ask(
    paths: list[str], seconds: float, expected: int = 200, *, clients: int = CLIENTS, warm: bool = False
) -> list[float]:
    """Return the milliseconds of each request that `clients` made, one after the other, in about so many seconds.

    With `warm`, each has met all addresses before, on its own connection, which stays with one worker.
    """
    begin = Barrier(clients)

    def visit(place: int) -> list[float]:
        visitor = Visitor()
        took: list[float] = []
        for path in paths if warm else ():
            visitor.get(path)
        begin.wait()
        until = perf_counter() + seconds
        for path in islice(cycle(paths), place, None):
            start = perf_counter()
            if start > until:
                return took
            visitor.get(path, expected)
            took.append((perf_counter() - start) * 1000)
        return took

    with ThreadPoolExecutor(clients) as pool:
        return [one for all_of_one in pool.map(visit, range(clients)) for one in all_of_one]


def measure(kind: str, name: str, paths: list[str], expected: int = 200) -> None:
    visitor = Visitor()
    for path in paths:
        visitor.get(path)
    alone = []
    for path in islice(cycle(paths), ALONE):
        start = perf_counter()
        visitor.get(path, expected)
        alone.append((perf_counter() - start) * 1000)
    took = ask(paths, SECONDS, expected, warm=kind != "uncached")
    limit = ask(LIMIT, LIMIT_SECONDS)
    report(
        f"web {kind}",
        page=name,
        per_second=len(took) / SECONDS,
        p50_ms=median(took),
        p95_ms=quantiles(took, n=20)[-1],
        alone_ms=median(alone),
        kilobytes=visitor.bytes / 1000,
        limit_per_second=len(limit) / LIMIT_SECONDS,
    )


def made(name: str, paths: list[str]) -> None:
    """Report what making these pages takes within this process, and how much of it the queries take."""
    from django.db import connection
    from django.test import Client

    client, queries = Client(headers={"accept-encoding": "gzip", "host": "127.0.0.1"}), list[float]()

    def timed(execute: Any, *given: Any) -> Any:
        start = perf_counter()
        answer = execute(*given)
        queries.append((perf_counter() - start) * 1000)
        return answer

    took = []
    for path in [paths[0], *islice(cycle(paths), 10)]:
        queries.clear()
        start = perf_counter()
        with connection.execute_wrapper(timed):
            status = client.get(path).status_code
        took.append(((perf_counter() - start) * 1000, sum(queries), len(queries)))
        if status != 200:
            raise SystemExit(f"{path}: {status}")
    whole, asking, number = (median(values) for values in zip(*took[1:], strict=True))
    report("web made", page=name, ms=whole, of_that_queries_ms=asking, queries=number)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--papers", type=int, default=int(os.environ.get("PAPERS", "") or 0))
    asked = parser.parse_args()
    os.environ |= {"PAGES_KEPT": "0", "API_RATE": ""}
    set_up()
    from django.db import connection

    from tests.benchmarks.web_library import fill

    usual = 500_000 if connection.vendor == "postgresql" else 10_000
    now, start = datetime.now(UTC), perf_counter()
    papers = fill(asked.papers or usual, now)
    report("web filled", papers=papers, database=connection.vendor, seconds=perf_counter() - start)
    found = pages(now)
    for name, paths in found.items():
        made(name, paths)
    connection.close()
    with server(300):
        for name, paths in found.items():
            measure("cached", name, paths)
            measure("revalidated", name, paths, 304)
    with server(0):
        for name, paths in found.items():
            measure("uncached", name, paths)


if __name__ == "__main__":
    main()
