"""A server of feeds for whole days: answers what a test says by path, and remembers who asked for what, when.

It listens on every loopback address, so that 127.0.0.7 and 127.0.0.8 are two hosts to those who fetch.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Answer:
    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0  # until it answers


@dataclass(frozen=True, slots=True)
class Asked:
    host: str
    path: str  # with its query
    headers: dict[str, str]
    at: float  # of time.monotonic()


class FeedServer:
    """`answers` holds, by path, an Answer or a function from Asked to one; what is not in it is a 404."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer | Callable[[Asked], Answer]] = {}
        self.asked: list[Asked] = []
        self.stopping = threading.Event()
        self.port = 0

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]

    def answer(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        found = self.answers.get(urlsplit(asked.path).path, Answer(status=404))
        return found(asked) if callable(found) else found


@contextmanager
def feed_server() -> Iterator[FeedServer]:
    feeds = FeedServer()
    server = ThreadingHTTPServer(("0.0.0.0", 0), _handler(feeds))
    server.daemon_threads = True
    feeds.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield feeds
    finally:
        feeds.stopping.set()
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(feeds: FeedServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            host = self.headers.get("Host", "").partition(":")[0]
            answer = feeds.answer(Asked(host, self.path, dict(self.headers), time.monotonic()))
            if answer.seconds and feeds.stopping.wait(answer.seconds):
                return
            try:
                self.send_response(answer.status)
                for name, value in ({"Content-Length": str(len(answer.body))} | answer.headers).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer.body)
            except (BrokenPipeError, ConnectionResetError):  # whoever asked has been killed
                return

        def log_message(self, *args: object) -> None:
            """Say nothing: `asked` remembers."""

    return Handler
