import gzip
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from digest.ingest.fetch import MAX_REDIRECTS, Fetched, FetchError, fetch
from tests.digest.ingest.rawserver import RawServer

LOCAL = ("127.0.0.1", "localhost")
AGENT = "Broadsheet/0 (+https://papers.example.org)"


def get(url: str, **options: Any) -> Fetched:
    stated: dict[str, Any] = {"user_agent": AGENT, "allowed_hosts": LOCAL, "deadline": 10.0}
    return fetch(url, **stated | options)


def refused(url: str, **options: Any) -> FetchError:
    with pytest.raises(FetchError) as caught:
        get(url, **options)
    return caught.value


@pytest.fixture
def drip() -> Iterator[RawServer]:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
    with RawServer(head, *[b"x"] * 1000) as server:
        yield server


def test_answer_with_all_that_is_known_of_it(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/feed").respond_with_data(
        b"<rss/>",
        content_type="application/rss+xml; charset=utf-8",
        headers={"ETag": 'W/"17"', "Last-Modified": "Wed, 04 Mar 2026 05:00:00 GMT"},
    )
    fetched = get(httpserver.url_for("/feed"))
    assert fetched == Fetched(
        body=b"<rss/>",
        status=200,
        url=httpserver.url_for("/feed"),
        content_type="application/rss+xml; charset=utf-8",
        etag='W/"17"',
        last_modified="Wed, 04 Mar 2026 05:00:00 GMT",
        milliseconds=fetched.milliseconds,
    )
    assert 0 <= fetched.milliseconds < 10_000


def test_answer_without_validators_has_none(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/feed").respond_with_response(Response(b"<rss/>", content_type=None))
    fetched = get(httpserver.url_for("/feed"))
    assert (fetched.etag, fetched.last_modified) == ("", "")


def test_request_says_who_asks_and_what_it_can_read(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/feed").respond_with_data(b"<rss/>")
    get(httpserver.url_for("/feed"))
    [(request, _)] = httpserver.log
    assert request.headers["User-Agent"] == AGENT
    assert request.headers["Accept-Encoding"] == "gzip, deflate"
    assert request.headers["Accept"].startswith("application/atom+xml")
    assert "Cookie" not in request.headers


@pytest.mark.parametrize(("encoding", "compress"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_compressed_answers_are_decoded(httpserver: HTTPServer, encoding: str, compress: Any) -> None:
    httpserver.expect_request("/feed").respond_with_data(
        compress(b"<rss/>" * 1000), headers={"Content-Encoding": encoding}
    )
    assert get(httpserver.url_for("/feed")).body == b"<rss/>" * 1000


def test_redirects_are_followed_to_the_end(httpserver: HTTPServer) -> None:
    for hop in range(MAX_REDIRECTS):
        status = (301, 302, 303, 307, 308)[hop]
        httpserver.expect_request(f"/{hop}").respond_with_data(status=status, headers={"Location": f"/{hop + 1}"})
    httpserver.expect_request(f"/{MAX_REDIRECTS}").respond_with_data(b"<rss/>")
    fetched = get(httpserver.url_for("/0"))
    assert (fetched.body, fetched.url) == (b"<rss/>", httpserver.url_for(f"/{MAX_REDIRECTS}"))


def test_redirects_without_end_are_an_error(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/loop").respond_with_data(status=302, headers={"Location": "/loop"})
    error = refused(httpserver.url_for("/loop"))
    assert error.kind == "redirects"
    assert str(error) == f"more than 5 redirects, the last one to {httpserver.url_for('/loop')}"
    assert len(httpserver.log) == MAX_REDIRECTS + 1


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://127.0.0.1/feed", "gopher://127.0.0.1/"])
def test_redirect_to_something_else_than_the_web_is_an_error(httpserver: HTTPServer, location: str) -> None:
    httpserver.expect_request("/feed").respond_with_data(status=302, headers={"Location": location})
    assert refused(httpserver.url_for("/feed")).kind == "scheme"


def test_redirect_to_a_private_address_is_refused(httpserver: HTTPServer) -> None:
    port = httpserver.port
    httpserver.expect_request("/feed").respond_with_data(
        status=302, headers={"Location": f"http://127.0.0.1:{port}/secret"}
    )
    httpserver.expect_request("/secret").respond_with_data(b"secret")
    error = refused(f"http://localhost:{port}/feed", allowed_hosts=("localhost",))
    assert error.kind == "refused_address"
    assert str(error) == "127.0.0.1 is at 127.0.0.1, which is not public"


def test_text_beside_a_redirect_is_not_read() -> None:
    head = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 100000000\r\n\r\n"
    with RawServer(head, *[b"x" * 1000] * 100) as server:
        assert refused(server.url).kind == "transport"
    assert server.sent < 50


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "127.1", "169.254.169.254", "0.0.0.0"])
def test_private_addresses_are_refused(host: str) -> None:
    error = refused(f"http://{host}:9/", allowed_hosts=())
    assert error.kind == "refused_address"
    assert "not public" in str(error)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "feed.xml",
        "/etc/passwd",
        "file:///etc/passwd",
        "ftp://e.example/",
        "javascript:alert(1)",
        "http://",
        "https:///x",
    ],
)
def test_what_is_no_web_address_is_not_fetched(url: str) -> None:
    error = refused(url)
    assert error.kind == "scheme"
    assert str(error).startswith("not a web address: ")


@pytest.mark.parametrize(
    "url", ["http://[broken/", "http://e.example:port/", "http://e.example/\x00", "http://" + "a" * 70_000]
)
def test_broken_addresses_are_errors_too(url: str) -> None:
    assert refused(url).kind == "transport"


@pytest.mark.parametrize("status", [400, 403, 404, 410, 429, 500, 503, 304])
def test_other_statuses_are_errors(httpserver: HTTPServer, status: int) -> None:
    httpserver.expect_request("/feed").respond_with_data(b"<rss/>", status=status)
    error = refused(httpserver.url_for("/feed"))
    assert (error.kind, error.status) == ("http_status", status)
    assert str(error).startswith(f"the server answers {status} ")


def test_busy_server_may_say_when_to_come_back(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/feed").respond_with_data(status=429, headers={"Retry-After": "120"})
    assert refused(httpserver.url_for("/feed")).retry_after == "120"


def test_large_answer_is_an_error(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/feed").respond_with_data(b"x" * 2001)
    assert len(get(httpserver.url_for("/feed"), max_bytes=2001).body) == 2001
    error = refused(httpserver.url_for("/feed"), max_bytes=2000)
    assert (error.kind, str(error)) == ("too_large", "the answer is larger than 2,000 bytes")


def test_small_answer_that_inflates_to_a_large_one_is_an_error(httpserver: HTTPServer) -> None:
    bomb = gzip.compress(b" " * 50_000_000)
    assert len(bomb) < 100_000
    httpserver.expect_request("/feed").respond_with_data(bomb, headers={"Content-Encoding": "gzip"})
    assert refused(httpserver.url_for("/feed")).kind == "too_large"


def test_answer_without_end_is_an_error(httpserver: HTTPServer) -> None:
    def endless(_: Request) -> Response:
        return Response((b"x" * 10_000 for _ in range(100_000)), content_type="application/xml")

    httpserver.expect_request("/feed").respond_with_handler(endless)
    assert refused(httpserver.url_for("/feed"), max_bytes=1_000_000).kind == "too_large"


def test_dripping_body_ends_at_the_deadline(drip: RawServer) -> None:
    error = refused(drip.url, deadline=1.0)
    assert (error.kind, str(error)) == ("timeout", "no full answer within 1 seconds")
    assert drip.sent < 100


def test_dripping_head_ends_at_the_deadline() -> None:
    with RawServer(b"HTTP/1.1 200 OK\r\n", *[b"X-A: b\r\n"] * 1000) as server:
        assert refused(server.url, deadline=1.0).kind == "timeout"
    assert server.sent < 100


def test_silent_server_ends_at_the_deadline() -> None:
    with RawServer(b"", pause=60) as server:
        assert refused(server.url, deadline=0.5).kind == "timeout"


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (b"", "without sending"),
        (b"not http at all\r\n\r\n", "illegal status line"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", "received 5 bytes, expected 10"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "illegal chunk header"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 8\r\n\r\nnot gzip", "while decompressing"),
        (b"HTTP/1.1 302 Found\r\nLocation: http://[broken/\r\nContent-Length: 0\r\n\r\n", "cannot be found"),
    ],
)
def test_broken_answers_are_transport_errors(answer: bytes, message: str) -> None:
    with RawServer(answer) as server:
        error = refused(server.url)
    assert error.kind == "transport"
    assert message in str(error)


def test_host_that_does_not_exist_is_a_transport_error() -> None:
    error = refused("http://no-such-host.invalid/feed")
    assert error.kind == "transport"
    assert "no-such-host.invalid cannot be found" in str(error)


def test_port_that_nobody_listens_on_is_a_transport_error() -> None:
    assert refused("http://127.0.0.1:9/feed").kind == "transport"


def test_proxy_of_the_environment_is_not_used(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    httpserver.expect_request("/feed").respond_with_data(b"<rss/>")
    assert get(httpserver.url_for("/feed")).body == b"<rss/>"


def test_unix_certificate_file_of_the_environment_is_not_needed(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nonexistent")
    httpserver.expect_request("/feed").respond_with_data(b"<rss/>")
    assert get(httpserver.url_for("/feed")).status == 200
