import gzip

import pytest
from pytest_httpserver import HTTPServer

from tests.digest.ingest.network import get, refused
from tests.digest.ingest.rawserver import RawServer

DAY = "Wed, 04 Mar 2026 05:00:00 GMT"
CHALLENGE = b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body></body></html>"
LOGIN = b'<!DOCTYPE html><html><body><form><input name="who"><input type="password"></form></body></html>'


@pytest.mark.parametrize("status", [201, 202, 204, 206, 300, 400, 403, 404, 451, 500, 502, 503, 520])
def test_other_statuses_are_errors(httpserver: HTTPServer, status: int) -> None:
    httpserver.expect_request("/feed").respond_with_data(b"<rss/>", status=status)
    error = refused(httpserver.url_for("/feed"))
    assert (error.kind, error.status, error.retry_seconds) == ("http_status", status, None)
    assert str(error).startswith(f"the server answers {status} ")


def test_answer_that_a_proxy_has_changed_is_an_answer(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/feed").respond_with_data(b"<rss/>", status=203)
    assert get(httpserver.url_for("/feed")).status == 200


def test_address_that_is_gone_for_good(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/feed").respond_with_data(b"", status=410)
    error = refused(httpserver.url_for("/feed"))
    assert (error.kind, error.status) == ("gone", 410)


@pytest.mark.parametrize(
    ("retry_after", "seconds"), [("120", 120), ("Wed, 04 Mar 2026 05:10:00 GMT", 600), ("soon", None), ("", None)]
)
def test_server_that_is_asked_too_often(retry_after: str, seconds: int | None) -> None:
    headers = f"Date: {DAY}\r\nRetry-After: {retry_after}\r\n\r\n"
    with RawServer(b"HTTP/1.1 429 Too Many Requests\r\n" + headers.encode()) as server:
        error = refused(server.url)
    assert (error.kind, error.status, error.retry_seconds) == ("rate_limited", 429, seconds)


@pytest.mark.parametrize(
    ("status", "retry_after", "kind", "seconds"),
    [
        (503, "120", "rate_limited", 120),
        (503, "0", "rate_limited", 0),
        (503, "soon", "http_status", None),
        (500, "120", "http_status", 120),
    ],
)
def test_server_that_is_busy_may_say_for_how_long(
    httpserver: HTTPServer, status: int, retry_after: str, kind: str, seconds: int | None
) -> None:
    httpserver.expect_request("/feed").respond_with_data(b"", status=status, headers={"Retry-After": retry_after})
    error = refused(httpserver.url_for("/feed"))
    assert (error.kind, error.status, error.retry_seconds) == (kind, status, seconds)


@pytest.mark.parametrize("status", [200, 403, 429, 503])
@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_wall_against_robots_is_a_challenge(httpserver: HTTPServer, status: int, encoding: str) -> None:
    page = gzip.compress(CHALLENGE, mtime=0) if encoding == "gzip" else CHALLENGE
    httpserver.expect_request("/feed").respond_with_data(
        page, status=status, content_type="text/html", headers={"Content-Encoding": encoding}
    )
    error = refused(httpserver.url_for("/feed"))
    assert (error.kind, error.status) == ("challenge", status)
    assert str(error).startswith("Cloudflare stands in front of this address")


def test_login_page_is_a_login(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/feed").respond_with_data(LOGIN, content_type="text/html")
    assert refused(httpserver.url_for("/feed")).kind == "login"


def test_feed_that_speaks_of_walls_is_an_answer(httpserver: HTTPServer) -> None:
    feed = b"<rss><item><description><![CDATA[" + CHALLENGE + LOGIN + b"]]></description></item></rss>"
    httpserver.expect_request("/feed").respond_with_data(feed, content_type="text/html")
    assert get(httpserver.url_for("/feed")).body == feed


@pytest.mark.parametrize("answer", [b"Content-Length: 100\r\n\r\n<html>", b"Content-Encoding: gzip\r\n\r\nno gzip"])
def test_page_beside_an_error_need_not_be_readable(answer: bytes) -> None:
    with RawServer(b"HTTP/1.1 403 Forbidden\r\n" + answer) as server:
        assert str(refused(server.url)) == "the server answers 403 Forbidden"


def test_large_page_beside_an_error_is_not_read_to_the_end() -> None:
    head = b"HTTP/1.1 500 Oh\r\nContent-Length: 100000000\r\n\r\n"
    with RawServer(head, *[b"x" * 100_000] * 1000, pause=0) as server:
        assert refused(server.url).kind == "http_status"
    assert server.sent < 500
