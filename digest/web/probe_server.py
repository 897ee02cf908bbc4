"""Answers the probes for a worker, which has no web server: in a thread of its parent process, and nothing else.

A port that is taken is no reason for a worker not to work.
"""

import logging
from collections.abc import Iterable
from socketserver import ThreadingMixIn
from threading import Thread
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django.core.handlers.wsgi import WSGIRequest
from django.db import connections
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound

from digest.web.probes import PROBES

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

log = logging.getLogger(__name__)


class ProbeServer(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    timeout = 10  # seconds, for whoever opens a connection and says nothing

    def log_message(self, *_: Any) -> None:
        """Say nothing: probes come every few seconds."""


def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    request = WSGIRequest(environ)
    try:
        answer = PROBES.get(request.path_info, _nothing_else)(request)
    finally:
        connections.close_all()  # of this thread: none is kept, and none is inherited by a process that is forked
    start_response(f"{answer.status_code} {answer.reason_phrase}", list(answer.items()))
    return [] if request.method == "HEAD" else [answer.content]


def _nothing_else(request: HttpRequest) -> HttpResponse:
    return HttpResponseNotFound("There are only /healthz/live, /healthz/ready and /metrics here.\n")


def start(host: str, port: int) -> None:
    """Answer from now on, at `port` of `host`; at no port, never."""
    if not port:
        return
    try:
        server = make_server(host, port, application, server_class=ProbeServer, handler_class=Quiet)
    except (OSError, OverflowError):  # it is taken, not ours to take, or no port at all
        log.exception("host=%s port=%s: nobody can ask how this worker is", host, port)
        return
    Thread(target=server.serve_forever, name="probes", daemon=True).start()
