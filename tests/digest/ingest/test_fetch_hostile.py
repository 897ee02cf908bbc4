import gzip
import socket
import threading
import tracemalloc
from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from digest.ingest.fetch import FetchError
from tests.digest.ingest.network import Names, get, refused
from tests.digest.ingest.rawserver import RawServer

OK = b"HTTP/1.1 200 OK\r\n"


# --- Without end


@pytest.fixture
def drip() -> Iterator[RawServer]:
    with RawServer(OK + b"Content-Length: 1000\r\n\r\n", *[b"x"] * 1000) as server:
        yield server


def test_dripping_body_ends_at_the_deadline(drip: RawServer) -> None:
    error = refused(drip.url, deadline=1.0)
    assert (error.kind, str(error)) == ("timeout", "no full answer within 1 seconds")
    assert drip.sent < 100


def test_dripping_head_ends_at_the_deadline() -> None:
    with RawServer(OK, *[b"X-A: b\r\n"] * 1000) as server:
        assert refused(server.url, deadline=1.0).kind == "timeout"
    assert server.sent < 100


def test_dripping_chunks_end_at_the_deadline() -> None:
    with RawServer(OK + b"Transfer-Encoding: chunked\r\n\r\n", *[b"1\r\nx\r\n"] * 1000) as server:
        assert refused(server.url, deadline=1.0).kind == "timeout"
    assert server.sent < 100


def test_dripping_page_beside_an_error_ends_at_the_deadline() -> None:
    with RawServer(b"HTTP/1.1 404 Not Found\r\n\r\n", *[b"x"] * 1000) as server:
        error = refused(server.url, deadline=1.0)
    assert (error.kind, error.status) == ("http_status", 404)
    assert server.sent < 100


def test_silent_server_ends_at_the_deadline() -> None:
    with RawServer(b"", pause=60) as server:
        assert refused(server.url, deadline=0.5).kind == "timeout"


def test_promises_of_an_answer_end_at_the_deadline() -> None:
    with RawServer(*[b"HTTP/1.1 103 Early Hints\r\n\r\n"] * 1000) as server:
        assert refused(server.url, deadline=1.0).kind == "timeout"
    assert server.sent < 100


def test_redirects_share_one_deadline(httpserver: HTTPServer) -> None:
    hold = threading.Event()

    def slowly(_: Request) -> Response:
        hold.wait(0.4)
        return Response(status=302, headers={"Location": "/feed"})

    httpserver.expect_request("/feed").respond_with_handler(slowly)
    assert refused(httpserver.url_for("/feed"), deadline=1.0).kind == "timeout"
    hold.set()
    assert len(httpserver.log) <= 3


def test_headers_without_end_are_an_error() -> None:
    with RawServer(OK, *[b"X-A: " + b"b" * 1000 + b"\r\n"] * 10_000, pause=0) as server:
        assert refused(server.url).kind == "transport"
    assert server.sent < 10_000


def test_large_answer_is_an_error(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/feed").respond_with_data(b"x" * 2001)
    assert len(get(httpserver.url_for("/feed"), max_bytes=2001).body) == 2001
    error = refused(httpserver.url_for("/feed"), max_bytes=2000)
    assert (error.kind, str(error)) == ("too_large", "the answer is larger than 2,000 bytes")


def test_answer_without_end_is_an_error() -> None:
    with RawServer(OK + b"\r\n", *[b"x" * 10_000] * 10_000, pause=0) as server:
        assert refused(server.url, max_bytes=1_000_000).kind == "too_large"
    assert server.sent < 5000


def test_small_answer_that_inflates_to_a_large_one_takes_no_room() -> None:
    bomb = OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b" " * 100_000_000)
    assert len(bomb) < 100_000
    peaks = []
    for _ in range(2):  # what the first exchange of a process sets up is no part of it
        with RawServer(bomb) as server:
            tracemalloc.start()
            assert refused(server.url, max_bytes=1_000_000).kind == "too_large"
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    assert min(peaks) < 3_000_000


# --- Wrong


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (b"", "without sending"),
        (b"not http at all\r\n\r\n", "illegal status line"),
        (b"<rss/>", "without sending"),
        (OK + b"Content-Length: 10\r\n\r\nshort", "received 5 bytes, expected 10"),
        (OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nshort", "conflicting Content-Length"),
        (OK + b"Content-Length: -5\r\n\r\nshort", "bad Content-Length"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", "illegal chunk header"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n", "without sending complete message body"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n9\r\nshort", "without sending complete message body"),
        (OK + b"Content-Encoding: gzip\r\nContent-Length: 8\r\n\r\nnot gzip", "the compressed answer is damaged"),
        (OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"<rss/>" * 9, mtime=0)[:-9], "ends too early"),
        (OK + b"Content-Encoding: br\r\n\r\n<rss/>", "encoded as br, which was not asked for"),
        (OK + b"X-Null: \0\r\n\r\n", "illegal header line"),
    ],
)
def test_broken_answers_are_transport_errors(answer: bytes, message: str) -> None:
    with RawServer(answer) as server:
        error = refused(server.url)
    assert error.kind == "transport"
    assert message in str(error)


@pytest.mark.parametrize(("location", "kind"), [(b"http://[broken/", "name"), (b"http://e.example:port/", "scheme")])
def test_redirect_to_a_broken_address_is_an_error(location: bytes, kind: str) -> None:
    with RawServer(b"HTTP/1.1 302 Found\r\nLocation: " + location + b"\r\nContent-Length: 0\r\n\r\n") as server:
        assert refused(server.url).kind == kind


def test_body_is_as_long_as_the_server_says() -> None:
    with RawServer(OK + b"Content-Length: 6\r\n\r\n<rss/> and more") as server:
        assert get(server.url).body == b"<rss/>"


def test_body_without_a_length_goes_to_the_end() -> None:
    with RawServer(OK + b"\r\n<rss>", b"</rss>") as server:
        assert get(server.url).body == b"<rss></rss>"


LINES = st.sampled_from(
    [
        *(b"Content-Length: 3", b"Content-Length: x", b"Transfer-Encoding: chunked", b"Content-Encoding: gzip"),
        *(b"Location: /", b"Location: \xff", b"Location: http://[", b"Set-Cookie: \x01=\xff", b"ETag: \xff\x01"),
        *(b"Expires: 0", b"Date: Mon, 01 Jan 0001 00:00:00 +2359", b"Retry-After: 9" + b"9" * 5000, b"Age: -1", b":"),
    ]
)
HEADS = st.builds(
    lambda status, lines: b"HTTP/1.1 %d Some\r\n%b\r\n\r\n" % (status, b"\r\n".join(lines)),
    st.sampled_from([100, 101, 200, 204, 301, 304, 401, 403, 429, 503, 999]),
    st.lists(LINES, min_size=1, max_size=4),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(answer=st.one_of(st.binary(max_size=60), st.builds(bytes.__add__, HEADS, st.binary(max_size=30))))
def test_any_answer_is_an_answer_or_a_fetch_error(answer: bytes) -> None:
    with RawServer(answer, pause=0) as server, suppress(FetchError):
        assert get(server.url, etag='"1"', deadline=2.0).status in (200, 304)


# --- Names


def test_host_that_does_not_exist_is_an_unknown_name() -> None:
    error = refused("http://no-such-host.invalid/feed")
    assert error.kind == "name"
    assert str(error).startswith("no-such-host.invalid cannot be found: ")


def test_port_that_nobody_listens_on_is_a_transport_error() -> None:
    error = refused("http://127.0.0.1:9/feed")
    assert error.kind == "transport"
    assert str(error).startswith("127.0.0.1 cannot be reached: ")


def test_name_that_takes_too_long_to_look_up_ends_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    hold = threading.Event()

    def never() -> str:
        hold.wait(60)
        return "127.0.0.1"

    Names(monkeypatch, {"slow.example": [never]})
    error = refused("http://slow.example/feed", deadline=0.3)
    hold.set()
    assert (error.kind, str(error)) == ("timeout", "the address of slow.example is still being looked up")


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.1", "0x7f000001", "017700000001"),
        *("169.254.169.254", "0.0.0.0", "0", "100.64.0.1", "224.0.0.1", "255.255.255.255"),
        *("[::1]", "[::]", "[::ffff:127.0.0.1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b:1::7f00:1]"),
        *("[2002:7f00:1::]", "[fe80::1]", "[fc00::1]", "[ff02::1]"),
    ],
)
def test_private_addresses_are_refused_in_every_spelling(host: str) -> None:
    error = refused(f"http://{host}:9/", allowed_hosts=())
    assert error.kind == "refused_address"
    assert str(error).endswith("which is not public")


def test_address_in_a_spelling_that_nobody_means_is_an_error() -> None:
    assert refused("http://0177.0.0.1:9/", allowed_hosts=()).kind == "transport"


def test_connection_that_is_reset_is_a_transport_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def reset() -> None:
            connection, _ = server.accept()
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            connection.close()

        thread = threading.Thread(target=reset)
        thread.start()
        assert refused(f"http://127.0.0.1:{server.getsockname()[1]}/").kind == "transport"
        thread.join()
