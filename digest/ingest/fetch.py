"""One GET of one address: through the guard, with a deadline and a size limit for the whole of it.

When an address is due, and when to try again, is decided in `digest.ingest.schedule`; how often a host may be asked in
`politeness`; what the body says is `parse`'s business.
"""

import time
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from ssl import SSLContext

import httpcore2
import httpx2

from digest.ingest.body import Damaged, TooLarge, decoded
from digest.ingest.clean import one_line
from digest.ingest.document import MAX_BYTES
from digest.ingest.guard import FailedTLS, GuardedBackend, NoConnection, RefusedAddress, UnknownName
from digest.ingest.headers import fresh_seconds, is_sendable, retry_seconds, validators
from digest.ingest.wall import PAGE_BYTES, wall
from digest.sources.address import host_of

DEADLINE = 30.0  # seconds, redirects included
MAX_REDIRECTS = 5
READABLE = (200, 203)  # the rest of the successes has no body, a part of it, or not yet the one that was asked for
PERMANENT = (301, 308)

_HEADERS = {
    "Accept": "application/atom+xml, application/rss+xml, application/xml;q=0.9, application/json;q=0.9, */*;q=0.5",
    "Accept-Encoding": "gzip, deflate",
}
_CONDITIONS = ("If-None-Match", "If-Modified-Since")
_CAUSES = {RefusedAddress: "refused_address", UnknownName: "name", FailedTLS: "tls"}


class FetchError(Exception):
    """Why an address gave nothing to read; the message is for staff.

    `kind` is one of timeout, name, too_large, refused_address, http_status, gone, rate_limited, challenge, login,
    transport, tls, redirects, scheme; and busy, of `politely`. Where the server answered, `status` is its status, and
    `retry_seconds` for how long it wants to be left alone, None if it did not say.
    """

    def __init__(self, kind: str, message: str, *, status: int = 0, retry_seconds: int | None = None) -> None:
        super().__init__(one_line(message, 500))
        self.kind = kind
        self.status = status
        self.retry_seconds = retry_seconds


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer: `status` is 200, or 304 with an empty body where nothing has changed.

    `url` is where the last redirect led; `moved_to` is the same where every redirect was for good, else "". Validators
    are as the server wrote them, a character for a byte. `fresh_seconds` is for how long it says nothing will change.
    """

    body: bytes
    status: int
    url: str
    content_type: str
    etag: str
    last_modified: str
    milliseconds: int
    moved_to: str = ""
    fresh_seconds: int = 0


def fetch(
    url: str,
    *,
    user_agent: str,
    allowed_hosts: Collection[str] = (),
    etag: str = "",
    last_modified: str = "",
    deadline: float = DEADLINE,
    max_bytes: int = MAX_BYTES,
) -> Fetched:
    """Return what `url` answers: at most `max_bytes`, decoded, within `deadline` seconds. Raises FetchError.

    `allowed_hosts` may be at private addresses. With validators, an answer that has not changed is 304.
    """
    started = time.monotonic()
    # Only whoever asks for an allowed host gets there: no other server may send us to one.
    allowed = allowed_hosts if host_of(url) in {host.lower() for host in allowed_hosts} else ()
    backend = GuardedBackend(allowed_hosts=allowed, deadline=started + deadline)
    with _explained(deadline), _client(backend, user_agent) as client:
        request = client.build_request("GET", url, headers=_conditions(etag, last_modified))
        response, moved_to = _final_response(client, request)
        with closing(response):
            body = _body(response, url, max_bytes)
    headers = response.headers
    kept_etag, kept_date = validators(headers)
    return Fetched(
        body=body,
        status=304 if response.status_code == 304 else 200,
        url=_address(response.request),
        content_type=headers.get("content-type", ""),
        etag=kept_etag,
        last_modified=kept_date,
        milliseconds=round((time.monotonic() - started) * 1000),
        moved_to=moved_to,
        fresh_seconds=fresh_seconds(headers),
    )


def _client(backend: GuardedBackend, user_agent: str) -> httpx2.Client:
    """Return a client that connects through `backend` only: not through a proxy that the environment names.

    It lives for one exchange, and so do the cookies that a server may ask to see again after a redirect.
    """
    transport = httpx2.HTTPTransport(verify=_certificates(), trust_env=False)
    # The transport has no public way in for a network backend; this is the one place that knows.
    transport._pool = httpcore2.ConnectionPool(ssl_context=_certificates(), network_backend=backend)  # noqa: SLF001
    headers = _HEADERS | {"User-Agent": user_agent}
    return httpx2.Client(transport=transport, headers=headers, trust_env=False, timeout=None)


@cache
def _certificates() -> SSLContext:
    return httpx2.create_ssl_context(trust_env=False)


def _conditions(etag: str, last_modified: str) -> list[tuple[bytes, bytes]]:
    """Return the headers that ask for news only. What no server can have sent is left out: the whole answer comes."""
    stated = zip(_CONDITIONS, (etag, last_modified), strict=True)
    return [(name.encode(), value.encode("latin-1")) for name, value in stated if is_sendable(value)]


def _final_response(client: httpx2.Client, request: httpx2.Request) -> tuple[httpx2.Response, str]:
    """Follow redirects one by one, without reading what stands beside them; return also where they lead for good."""
    statuses: list[int] = []
    while len(statuses) <= MAX_REDIRECTS:
        if request.url.scheme not in ("http", "https") or not request.url.host:
            raise FetchError("scheme", f"not a web address: {str(request.url)[:200]!r}")
        response = client.send(request, stream=True)
        response.headers.encoding = "latin-1"
        if response.next_request is None:
            is_moved = bool(statuses) and all(status in PERMANENT for status in statuses)
            return response, _address(request) if is_moved else ""
        response.close()
        statuses.append(response.status_code)
        request = _redirected(request, response.next_request)
    raise FetchError("redirects", f"more than {MAX_REDIRECTS} redirects, the last one to {str(request.url)[:200]}")


def _redirected(request: httpx2.Request, target: httpx2.Request) -> httpx2.Request:
    """Keep validators from other hosts: they are this host's own, and could be used to know us again."""
    if target.url.host != request.url.host:
        for name in _CONDITIONS:
            target.headers.pop(name, None)
    return target


def _address(request: httpx2.Request) -> str:
    return str(request.url.copy_with(fragment=None))


def _body(response: httpx2.Response, asked: str, max_bytes: int) -> bytes:
    """Return the body of an answer that is one. Raises FetchError."""
    if response.status_code == 304 and any(name in response.request.headers for name in _CONDITIONS):
        return b""
    is_readable = response.status_code in READABLE
    body = b"".join(_pieces(response, max_bytes)) if is_readable else _beginning(response)
    headers, status, url = response.headers, response.status_code, _address(response.request)
    if found := wall(status=status, headers=headers, page=body[:PAGE_BYTES], url=url, asked=asked):
        raise FetchError(found.kind, found.words, status=status, retry_seconds=retry_seconds(headers))
    if not is_readable:
        raise _refusal(response)
    return body


def _pieces(response: httpx2.Response, max_bytes: int) -> Iterator[bytes]:
    encoding = response.headers.get("content-encoding", "")
    return decoded(response.iter_raw(), encoding, max_bytes=max_bytes)


def _beginning(response: httpx2.Response) -> bytes:
    """Return the beginning of a page that comes with an error, as far as it can be read: the error is there already."""
    page = bytearray()
    with suppress(httpx2.HTTPError, Damaged, TooLarge):
        for piece in _pieces(response, PAGE_BYTES):
            page += piece
    return bytes(page)


def _refusal(response: httpx2.Response) -> FetchError:
    status, retry = response.status_code, retry_seconds(response.headers)
    message = f"the server answers {status} {response.reason_phrase}".rstrip()
    kind = "http_status"
    if response.has_redirect_location:
        kind = "scheme"
        message = f"the server redirects to what is not a web address: {response.headers['location'][:200]!r}"
    elif status == 410:
        kind = "gone"
    elif status == 429 or (status == 503 and retry is not None):
        kind = "rate_limited"
    elif status == 304:
        message += ", as if it had been asked for news only"
    return FetchError(kind, message, status=status, retry_seconds=retry)


@contextmanager
def _explained(deadline: float) -> Iterator[None]:
    """Turn the errors of the client and of the body into FetchError."""
    try:
        yield
    except TooLarge as error:
        raise FetchError("too_large", str(error)) from error
    except Damaged as error:
        raise FetchError("transport", str(error)) from error
    except httpx2.TimeoutException as error:
        in_time = f"no full answer within {deadline:g} seconds"
        raise FetchError("timeout", str(error) if isinstance(error.__cause__, NoConnection) else in_time) from error
    except (httpx2.HTTPError, httpx2.InvalidURL, UnicodeError) as error:
        kind = next((kind for cause, kind in _CAUSES.items() if isinstance(error.__cause__, cause)), "transport")
        raise FetchError(kind, str(error) or type(error).__name__) from error
