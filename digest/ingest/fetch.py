"""One GET of one address: through the guard, with a deadline and a size limit for the whole of it.

When an address is due, and when to try again, is decided in `digest.models.source`; what the body says is `parse`'s
business.
"""

import time
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from ssl import SSLContext

import httpcore2
import httpx2

from digest.ingest.document import MAX_BYTES
from digest.ingest.guard import GuardedBackend, RefusedAddress

DEADLINE = 30.0  # seconds, redirects included
MAX_REDIRECTS = 5

_HEADERS = {
    "Accept": "application/atom+xml, application/rss+xml, application/xml;q=0.9, application/json;q=0.9, */*;q=0.5",
    "Accept-Encoding": "gzip, deflate",
}


class FetchError(Exception):
    """Why an address gave nothing to read.

    `kind` is one of timeout, too_large, refused_address, http_status, transport, redirects, scheme; with http_status
    come `status` and the server's `retry_after`, "" where it states none.
    """

    def __init__(self, kind: str, message: str, *, status: int = 0, retry_after: str = "") -> None:
        super().__init__(message)
        self.kind = kind
        self.status = status
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer: `url` is where the last redirect led, validators are as the server wrote them."""

    body: bytes
    status: int
    url: str
    content_type: str
    etag: str
    last_modified: str
    milliseconds: int


def fetch(
    url: str,
    *,
    user_agent: str,
    allowed_hosts: Collection[str] = (),
    deadline: float = DEADLINE,
    max_bytes: int = MAX_BYTES,
) -> Fetched:
    """Return what `url` answers: at most `max_bytes`, decoded, within `deadline` seconds. Raises FetchError.

    `allowed_hosts` may be at private addresses.
    """
    started = time.monotonic()
    backend = GuardedBackend(allowed_hosts=allowed_hosts, deadline=started + deadline)
    with _explained(deadline), _client(backend, user_agent) as client:
        response = _final_response(client, url)
        with closing(response):
            body = _body(response, max_bytes)
    return Fetched(
        body=body,
        status=response.status_code,
        url=str(response.url),
        content_type=response.headers.get("content-type", ""),
        etag=response.headers.get("etag", ""),
        last_modified=response.headers.get("last-modified", ""),
        milliseconds=round((time.monotonic() - started) * 1000),
    )


def _client(backend: GuardedBackend, user_agent: str) -> httpx2.Client:
    """Return a client that connects through `backend` only: not through a proxy that the environment names."""
    transport = httpx2.HTTPTransport(verify=_certificates(), trust_env=False)
    # The transport has no public way in for a network backend; this is the one place that knows.
    transport._pool = httpcore2.ConnectionPool(ssl_context=_certificates(), network_backend=backend)  # noqa: SLF001
    headers = _HEADERS | {"User-Agent": user_agent}
    return httpx2.Client(transport=transport, headers=headers, trust_env=False, timeout=None)


@cache
def _certificates() -> SSLContext:
    return httpx2.create_ssl_context(trust_env=False)


def _final_response(client: httpx2.Client, url: str) -> httpx2.Response:
    """Follow redirects one by one, without reading what stands beside them."""
    request = client.build_request("GET", url)
    for _ in range(MAX_REDIRECTS + 1):
        if request.url.scheme not in ("http", "https") or not request.url.host:
            raise FetchError("scheme", f"not a web address: {str(request.url)[:200]!r}")
        response = client.send(request, stream=True)
        if response.next_request is None:
            return response
        response.close()
        request = response.next_request
    raise FetchError("redirects", f"more than {MAX_REDIRECTS} redirects, the last one to {str(request.url)[:200]}")


def _body(response: httpx2.Response, max_bytes: int) -> bytes:
    if not response.is_success:
        raise FetchError(
            "http_status",
            f"the server answers {response.status_code} {response.reason_phrase}".rstrip(),
            status=response.status_code,
            retry_after=response.headers.get("retry-after", ""),
        )
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > max_bytes:
            raise FetchError("too_large", f"the answer is larger than {max_bytes:,} bytes")
    return bytes(body)


@contextmanager
def _explained(deadline: float) -> Iterator[None]:
    """Turn the client's errors into FetchError."""
    try:
        yield
    except httpx2.TimeoutException as error:
        raise FetchError("timeout", f"no full answer within {deadline:g} seconds") from error
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        kind = "refused_address" if isinstance(error.__cause__, RefusedAddress) else "transport"
        raise FetchError(kind, str(error) or type(error).__name__) from error
