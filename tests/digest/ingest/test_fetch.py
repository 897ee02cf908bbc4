import gzip
import zlib
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from digest.ingest.fetch import Fetched
from tests.digest.ingest.network import AGENT, get, refused
from tests.digest.ingest.rawserver import RawServer

ETAG = 'W/"17"'
DAY = "Wed, 04 Mar 2026 05:00:00 GMT"


# --- A whole answer


def test_answer_with_all_that_is_known_of_it(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/feed").respond_with_data(
        b"<rss/>",
        content_type="application/rss+xml; charset=utf-8",
        headers={"ETag": ETAG, "Last-Modified": DAY, "Cache-Control": "max-age=600"},
    )
    fetched = get(httpserver.url_for("/feed"))
    assert fetched == Fetched(
        body=b"<rss/>",
        status=200,
        url=httpserver.url_for("/feed"),
        content_type="application/rss+xml; charset=utf-8",
        etag=ETAG,
        last_modified=DAY,
        milliseconds=fetched.milliseconds,
        moved_to="",
        fresh_seconds=600,
    )
    assert 0 <= fetched.milliseconds < 10_000


def test_answer_without_headers_has_nothing_more() -> None:
    with RawServer(b"HTTP/1.1 200 OK\r\n\r\n<rss/>") as server:
        fetched = get(server.url)
    assert (fetched.etag, fetched.last_modified, fetched.content_type) == ("", "", "")
    assert (fetched.moved_to, fetched.fresh_seconds) == ("", 0)


def test_request_says_who_asks_and_what_it_can_read(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/feed").respond_with_data(b"<rss/>")
    get(httpserver.url_for("/feed"))
    [(request, _)] = httpserver.log
    assert request.headers["User-Agent"] == AGENT
    assert request.headers["Accept-Encoding"] == "gzip, deflate"
    assert request.headers["Accept"].startswith("application/atom+xml")
    assert {"Cookie", "If-None-Match", "If-Modified-Since"}.isdisjoint(name for name, _ in request.headers)


@pytest.mark.parametrize(("encoding", "compress"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_compressed_answers_are_decoded(httpserver: HTTPServer, encoding: str, compress: Any) -> None:
    httpserver.expect_request("/feed").respond_with_data(
        compress(b"<rss/>" * 1000), headers={"Content-Encoding": encoding}
    )
    assert get(httpserver.url_for("/feed")).body == b"<rss/>" * 1000


def test_address_of_the_answer_has_no_fragment(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/feed").respond_with_data(b"<rss/>")
    assert get(httpserver.url_for("/feed") + "#top").url == httpserver.url_for("/feed")


# --- News only


def unless_changed(request: Request) -> Response:
    known = (request.headers.get("If-None-Match"), request.headers.get("If-Modified-Since"))
    headers = {"ETag": ETAG, "Last-Modified": DAY, "Cache-Control": "max-age=60"}
    return Response(status=304, headers=headers) if known == (ETAG, DAY) else Response(b"<rss/>", headers=headers)


def test_answer_that_has_not_changed_is_empty(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/feed").respond_with_handler(unless_changed)
    first = get(httpserver.url_for("/feed"))
    again = get(httpserver.url_for("/feed"), etag=first.etag, last_modified=first.last_modified)
    assert (first.status, first.body) == (200, b"<rss/>")
    assert (again.status, again.body, again.etag) == (304, b"", ETAG)
    assert again.fresh_seconds == 60


@pytest.mark.parametrize(
    "etag",
    [
        b'"quoted"',
        b'W/"weak"',
        b"without quotes",
        b'"half',
        b'""',
        b'"\\"escaped\\""',
        b'"caf\xe9"',  # ISO-8859-1
        b'"caf\xc3\xa9"',  # UTF-8
        b'"\xff\xfe"',
        b'"tab\there"',
        b"'single'",
        b'"-gzip;br"',
        b"a, b",
    ],
)
def test_validators_go_back_byte_for_byte(etag: bytes) -> None:
    with RawServer(b"HTTP/1.1 200 OK\r\nETag: " + etag + b"\r\nContent-Length: 0\r\n\r\n", pause=0) as server:
        received = get(server.url).etag
    asked: list[bytes] = []
    with RawServer(b"HTTP/1.1 304 Not Modified\r\n\r\n", pause=0, heard=asked) as server:
        assert get(server.url, etag=received).status == 304
    assert b"\r\nIf-None-Match: " + etag + b"\r\n" in b"".join(asked)


def test_date_goes_back_as_it_came_even_if_it_is_none(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/feed").respond_with_data(b"", status=304)
    get(httpserver.url_for("/feed"), last_modified="yesterday, I think")
    [(request, _)] = httpserver.log
    assert request.headers["If-Modified-Since"] == "yesterday, I think"


@pytest.mark.parametrize("etag", ['"a"\r\nX-Injected: yes', '"a"\nX-Injected: yes', '"a\x00"', "\x7f", '"π"', " a", ""])
def test_validator_that_no_server_can_have_sent_is_left_out(httpserver: HTTPServer, etag: str) -> None:
    httpserver.expect_request("/feed").respond_with_data(b"<rss/>")
    assert get(httpserver.url_for("/feed"), etag=etag, last_modified=etag).status == 200
    [(request, _)] = httpserver.log
    assert {"If-None-Match", "If-Modified-Since", "X-Injected"}.isdisjoint(name for name, _ in request.headers)


def test_304_that_nobody_asked_for_is_an_error(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/feed").respond_with_data(b"", status=304)
    error = refused(httpserver.url_for("/feed"))
    assert (error.kind, error.status) == ("http_status", 304)
    assert str(error) == "the server answers 304 NOT MODIFIED, as if it had been asked for news only"


def test_changed_answer_to_a_conditional_request_is_the_whole(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/feed").respond_with_handler(unless_changed)
    assert get(httpserver.url_for("/feed"), etag='"16"').body == b"<rss/>"


# --- No web address


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
    ("url", "kind"),
    [
        ("http://[broken/", "name"),
        ("http://e.example:port/", "transport"),
        ("http://e.example/\x00", "transport"),
        ("http://e.example/\ud800", "transport"),
        ("http://" + "a" * 70_000, "transport"),
    ],
)
def test_broken_addresses_are_errors_too(url: str, kind: str) -> None:
    assert refused(url).kind == kind


# --- Nothing of the environment


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
