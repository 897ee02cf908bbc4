"""500 sources due at once, one in twenty of them dead or slow: when are the healthy ones done?

Each source is a host of its own on loopback and announces twenty papers. Printed is the time until the last healthy one
is recorded, as a ratio to the same run without the bad ones. Goal: at most 1.2.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from multiprocessing import get_context
from multiprocessing.connection import Connection
from statistics import median

from tests.benchmarks.setting import report, set_up

SOURCES = 500
BAD = 25
PAPERS = 20
RUNS = 3
BAD_WAYS = ("silent", "dripping", "refused", "error", "no-feed")


def main() -> None:
    set_up()
    with _server() as port:
        runs = [(_run(port, bad=0), _run(port, bad=BAD)) for _ in range(RUNS)]
    clean, mixed = (median(seconds) for seconds in zip(*runs, strict=True))
    ratios = [with_bad / without for without, with_bad in runs]
    report(
        "many_sources",
        sources=SOURCES,
        bad=BAD,
        healthy_s=clean,
        healthy_beside_bad_s=mixed,
        ratio=median(ratios),
        goal="ratio <= 1.2",
    )


def _run(port: int, *, bad: int) -> float:
    """Visit them all, and return the seconds until the last healthy source was done."""
    from django.conf import settings
    from django.utils import timezone

    from digest.ingest.refresh import refresh_due
    from digest.models import Fetch, Host, Paper, Source

    for model in (Fetch, Paper, Source):
        model.objects.all().delete()
    Host.objects.update(gap_seconds=0, free_at=None)
    hosts = [f"127.2.{number // 250}.{number % 250 + 1}" for number in range(SOURCES)]
    settings.FETCH_ALLOWED_HOSTS = hosts
    ways = cycle(BAD_WAYS)
    # The bad ones are spread among the others, and half of them come first.
    step = SOURCES // bad if bad else SOURCES + 1
    for number, host in enumerate(hosts):
        way = next(ways) if bad and number % step == 0 else "well"
        at = 1 if way == "refused" else port
        Source.objects.create(name=way, kind="feed", url=f"http://{host}:{at}/{way}/{number}")
    started = timezone.now()
    refresh_due(seconds=300)
    done = Fetch.objects.filter(source__name="well", outcome="stored").order_by("-at")
    assert done.count() == SOURCES - bad, done.count()
    return (done[0].at - started).total_seconds()


@contextmanager
def _server() -> Iterator[int]:
    """Serve from a process of its own, which takes no time from the one that is measured but the machine's."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        process.kill()


def _serve(told: Connection) -> None:
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
    from time import sleep

    from tests.digest.ingest.make import make_item, make_rss

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            _, way, number = self.path.split("/")
            if way == "silent":
                sleep(120)
            elif way == "dripping":
                self.send_response(200)
                self.end_headers()
                for _ in range(1200):
                    self.wfile.write(b"<")
                    sleep(0.1)
            elif way == "error":
                self.send_error(500)
            else:
                first = int(number) * PAPERS
                items = (make_item(first + place) for place in range(PAPERS)) if way == "well" else ()
                body = make_rss(*items) if way == "well" else b"<html><title>Hello</title></html>"
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = SOURCES

        def handle_error(self, *args: object) -> None:
            """The other side has gone: that is what a deadline is for."""

    server = Server(("0.0.0.0", 0), Handler)
    told.send(server.server_address[1])
    server.serve_forever()


if __name__ == "__main__":
    main()
