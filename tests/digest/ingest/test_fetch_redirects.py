from itertools import pairwise

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from digest.ingest.fetch import MAX_REDIRECTS
from tests.digest.ingest.network import PUBLIC, Names, get, refused
from tests.digest.ingest.rawserver import RawServer


def redirect(server: HTTPServer, path: str, location: str, status: int = 302) -> None:
    server.expect_request(path).respond_with_data(status=status, headers={"Location": location})


def follow(server: HTTPServer, *statuses: int) -> str:
    """Redirect /0 to /1 and so on with these statuses, to a feed at the end; return the path of the feed."""
    for hop, status in enumerate(statuses):
        redirect(server, f"/{hop}", f"/{hop + 1}", status)
    server.expect_request(f"/{len(statuses)}").respond_with_data(b"<rss/>")
    return server.url_for(f"/{len(statuses)}")


def test_redirects_are_followed_to_the_end(httpserver: HTTPServer) -> None:
    end = follow(httpserver, 301, 302, 303, 307, 308)
    fetched = get(httpserver.url_for("/0"))
    assert (fetched.body, fetched.url) == (b"<rss/>", end)
    assert len(httpserver.log) == MAX_REDIRECTS + 1


@pytest.mark.parametrize("path", ["/loop", "/a"])
def test_redirects_without_end_are_an_error(httpserver: HTTPServer, path: str) -> None:
    redirect(httpserver, "/loop", "/loop")
    for here, there in pairwise("aba"):
        redirect(httpserver, f"/{here}", f"/{there}")
    error = refused(httpserver.url_for(path))
    assert error.kind == "redirects"
    assert str(error) == f"more than 5 redirects, the last one to {httpserver.url_for(path)}"
    assert len(httpserver.log) == MAX_REDIRECTS + 1


def test_redirect_to_nowhere_is_an_error(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/feed").respond_with_data(status=301)
    error = refused(httpserver.url_for("/feed"))
    assert (error.kind, error.status) == ("http_status", 301)


@pytest.mark.parametrize(
    "location",
    ["file:///etc/passwd", "ftp://127.0.0.1/feed", "gopher://127.0.0.1/", "data:text/xml,<rss/>"],
)
def test_redirect_to_something_else_than_the_web_is_an_error(httpserver: HTTPServer, location: str) -> None:
    redirect(httpserver, "/feed", location)
    assert refused(httpserver.url_for("/feed")).kind == "scheme"


@pytest.mark.parametrize("address", ["127.0.0.1", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "[::1]", "0.0.0.0"])
def test_redirect_to_a_private_address_is_refused(httpserver: HTTPServer, address: str) -> None:
    redirect(httpserver, "/feed", f"http://{address}:{httpserver.port}/secret")
    httpserver.expect_request("/secret").respond_with_data(b"secret")
    error = refused(f"http://localhost:{httpserver.port}/feed", allowed_hosts=("localhost",))
    assert error.kind == "refused_address"
    assert str(error).endswith(", which is not public")
    assert [request.path for request, _ in httpserver.log] == ["/feed"]


def test_name_that_leads_inside_at_the_second_look_is_refused(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = Names(monkeypatch, {"rebinding.example": [PUBLIC, "127.0.0.1"]})
    httpserver.expect_request("/feed").respond_with_data(
        status=302, headers={"Location": "/secret", "Connection": "close"}
    )
    httpserver.expect_request("/secret").respond_with_data(b"secret")
    error = refused(f"http://rebinding.example:{httpserver.port}/feed", allowed_hosts=())
    assert (error.kind, str(error)) == ("refused_address", "rebinding.example is at 127.0.0.1, which is not public")
    assert names.asked == ["rebinding.example"] * 2
    assert [request.path for request, _ in httpserver.log] == ["/feed"]


def test_name_is_looked_up_once_for_each_connection(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    names = Names(monkeypatch, {"rebinding.example": [PUBLIC, "127.0.0.1"]})
    httpserver.expect_request("/feed").respond_with_data(b"<rss/>")
    assert get(f"http://rebinding.example:{httpserver.port}/feed", allowed_hosts=()).body == b"<rss/>"
    assert names.asked == ["rebinding.example"]


def test_text_beside_a_redirect_is_not_read() -> None:
    head = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 100000000\r\n\r\n"
    with RawServer(head, *[b"x" * 1000] * 100) as server:
        assert refused(server.url).kind == "transport"
    assert server.sent < 50


# --- Redirects for good


@pytest.mark.parametrize("statuses", [(301,), (308,), (301, 308, 301)])
def test_source_has_moved_when_every_redirect_is_for_good(httpserver: HTTPServer, statuses: tuple[int, ...]) -> None:
    end = follow(httpserver, *statuses)
    assert get(httpserver.url_for("/0#top")).moved_to == end


@pytest.mark.parametrize("statuses", [(), (302,), (303,), (307,), (301, 302), (302, 301), (308, 307, 308)])
def test_source_has_not_moved_when_one_redirect_is_for_now(httpserver: HTTPServer, statuses: tuple[int, ...]) -> None:
    follow(httpserver, *statuses)
    assert get(httpserver.url_for("/0")).moved_to == ""


def test_source_that_has_moved_may_have_no_news(httpserver: HTTPServer) -> None:
    redirect(httpserver, "/feed", "/new", 301)
    httpserver.expect_request("/new", headers={"If-None-Match": '"1"'}).respond_with_data(status=304)
    fetched = get(httpserver.url_for("/feed"), etag='"1"')
    assert (fetched.status, fetched.moved_to) == (304, httpserver.url_for("/new"))


# --- What goes along


def test_validators_go_along_on_the_same_host_only(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    Names(monkeypatch, {"one.example": ["127.0.0.1"], "two.example": ["127.0.0.1"]})
    port = httpserver.port
    redirect(httpserver, "/feed", f"http://one.example:{port}/same")
    redirect(httpserver, "/same", f"http://two.example:{port}/other")
    redirect(httpserver, "/other", f"http://one.example:{port}/back")
    httpserver.expect_request("/back").respond_with_data(b"<rss/>")
    allowed = ("one.example", "two.example")
    get(f"http://one.example:{port}/feed", allowed_hosts=allowed, etag='"1"', last_modified="then")
    sent = [(r.headers.get("If-None-Match"), r.headers.get("If-Modified-Since")) for r, _ in httpserver.log]
    assert sent == [('"1"', "then"), ('"1"', "then"), (None, None), (None, None)]


def test_304_of_another_host_that_got_no_validators_is_an_error(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    Names(monkeypatch, {"one.example": ["127.0.0.1"]})
    redirect(httpserver, "/feed", httpserver.url_for("/new"))
    httpserver.expect_request("/new").respond_with_data(status=304)
    allowed = ("one.example", "localhost", "127.0.0.1")
    error = refused(f"http://one.example:{httpserver.port}/feed", allowed_hosts=allowed, etag='"1"')
    assert (error.kind, error.status) == ("http_status", 304)


def only_with_cookie(request: Request) -> Response:
    if request.cookies.get("seen") == "yes":
        return Response(b"<rss/>")
    return Response(status=302, headers={"Location": "/feed", "Set-Cookie": "seen=yes; Path=/"})


def test_cookies_last_for_one_exchange(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/feed").respond_with_handler(only_with_cookie)
    for _ in range(2):
        assert get(httpserver.url_for("/feed")).body == b"<rss/>"
    assert [request.headers.get("Cookie") for request, _ in httpserver.log] == [None, "seen=yes"] * 2


def test_cookies_of_one_host_do_not_go_to_another(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    Names(monkeypatch, {"one.example": ["127.0.0.1"], "two.example": ["127.0.0.1"]})
    headers = {"Location": f"http://two.example:{httpserver.port}/new", "Set-Cookie": "seen=yes; Path=/"}
    httpserver.expect_request("/feed").respond_with_data(status=302, headers=headers)
    httpserver.expect_request("/new").respond_with_data(b"<rss/>")
    get(f"http://one.example:{httpserver.port}/feed", allowed_hosts=("one.example", "two.example"))
    assert [request.headers.get("Cookie") for request, _ in httpserver.log] == [None, None]


def test_cookies_that_no_request_has_room_for_are_an_error(httpserver: HTTPServer) -> None:
    cookies = [("Set-Cookie", f"c{number}={'x' * 3000}") for number in range(12)]
    httpserver.expect_request("/feed").respond_with_response(
        Response(status=302, headers=[("Location", "/feed"), *cookies])
    )
    error = refused(httpserver.url_for("/feed"))
    assert (error.kind, str(error)) == ("transport", "the server's redirects and cookies make the request too long")


def test_cookie_that_cannot_be_sent_back_is_an_error() -> None:
    with RawServer(b"HTTP/1.1 302 Found\r\nLocation: /\r\nSet-Cookie: a=\xff\xfe\r\n\r\n") as server:
        assert refused(server.url).kind == "transport"


def test_redirect_from_elsewhere_to_an_allowed_host_is_refused(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    Names(monkeypatch, {"feeds.example.org": [PUBLIC]})
    redirect(httpserver, "/feed", f"http://localhost:{httpserver.port}/intranet")
    httpserver.expect_request("/intranet").respond_with_data(b"secret")
    error = refused(f"http://feeds.example.org:{httpserver.port}/feed", allowed_hosts=["localhost"])
    assert error.kind == "refused_address"
    assert [request.path for request, _ in httpserver.log] == ["/feed"]
