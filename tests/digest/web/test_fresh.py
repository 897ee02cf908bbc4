import gzip
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib import messages
from django.core.cache import caches
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.middleware.csrf import get_token
from django.test import Client
from django.urls import path
from pytest_django import DjangoAssertNumQueries

from config import urls as site
from digest.models import Change
from digest.web.fresh import fresh
from tests.make import make_reader

pytestmark = pytest.mark.django_db

made: list[str] = []


def counted(request: HttpRequest) -> HttpResponse:
    made.append(request.get_full_path())
    return HttpResponse(f"page {len(made)} of {request.user}", headers={"Link": "<x>"}, content_type="text/plain")


def with_token(request: HttpRequest) -> HttpResponse:
    made.append(get_token(request))
    return HttpResponse(made[-1])


def with_cookie(request: HttpRequest) -> HttpResponse:
    answer = counted(request)
    answer.set_cookie("mine", "yes")
    return answer


def missing(request: HttpRequest) -> HttpResponse:
    made.append("missing")
    raise Http404


def moved(request: HttpRequest) -> HttpResponse:
    made.append("moved")
    return HttpResponse(status=301, headers={"Location": "/counted"})


def streaming(request: HttpRequest) -> HttpResponseBase:
    return StreamingHttpResponse(iter([b"bit by bit"]))


def noted(request: HttpRequest) -> HttpResponse:
    """Set a message, as pages do that are not fresh."""
    messages.success(request, "done")
    return HttpResponse()


def said(request: HttpRequest) -> HttpResponse:
    made.append("said")
    return HttpResponse(", ".join(map(str, messages.get_messages(request))))


VIEWS: list[Callable[..., HttpResponseBase]] = [counted, with_token, with_cookie, missing, moved, streaming, said]
fresh_pages = [path(view.__name__, fresh("page", "q")(view)) for view in VIEWS]
urlpatterns = [*fresh_pages, path("noted", noted), *site.urlpatterns]


@pytest.fixture(autouse=True)
def site_of_views(settings: Any) -> None:
    settings.ROOT_URLCONF, settings.PAGES_KEPT = __name__, 300
    made.clear()
    caches["pages"].clear()


def change() -> None:
    Change.objects.all()._count_up()


# --- For all


def test_answer_says_how_long_it_is_good_and_what_it_depends_on(client: Client) -> None:
    answer = client.get("/counted")
    assert answer["Cache-Control"] == "public, max-age=60"
    assert answer["Vary"] == "Cookie, Accept-Encoding, HX-Request"
    assert answer["ETag"].startswith('W/"')
    assert (answer["Content-Type"], answer["Link"]) == ("text/plain", "<x>")
    assert not answer.cookies


def test_answer_is_made_once_and_costs_one_query_then(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    first = client.get("/counted")
    with django_assert_num_queries(1):
        again = Client().get("/counted")
    assert (made, again.content) == (["/counted"], first.content)
    assert again.headers == first.headers


def test_answer_is_made_anew_when_something_has_changed(client: Client) -> None:
    first = client.get("/counted")
    change()
    again = client.get("/counted")
    assert (first.content, again.content) == (b"page 1 of AnonymousUser", b"page 2 of AnonymousUser")
    assert first["ETag"] != again["ETag"]


def test_answer_is_made_anew_on_another_day(client: Client, noon: Any) -> None:
    client.get("/counted")
    noon.shift(timedelta(hours=12))
    assert client.get("/counted").content == b"page 2 of AnonymousUser"


@pytest.mark.parametrize("name", ["SITE_NAME", "CURATOR", "POSTAL_ADDRESS"])
def test_answer_is_made_anew_where_a_setting_that_shows_is_another(client: Client, settings: Any, name: str) -> None:
    client.get("/counted")
    setattr(settings, name, "another")
    assert client.get("/counted").content == b"page 2 of AnonymousUser"


def test_whoever_has_the_answer_already_is_told_so_without_making_it(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, settings: Any
) -> None:
    settings.PAGES_KEPT = 0
    first = client.get("/counted")
    with django_assert_num_queries(1):
        told = client.get("/counted", headers={"if-none-match": f'"other", {first["ETag"]}'})
    assert (told.status_code, told.content, len(made)) == (304, b"", 1)
    assert {name: told[name] for name in ("ETag", "Cache-Control", "Vary")} == {
        name: first[name] for name in ("ETag", "Cache-Control", "Vary")
    }
    change()
    assert client.get("/counted", headers={"if-none-match": first["ETag"]}).status_code == 200


@pytest.mark.parametrize("name", ["if-match", "if-unmodified-since"])
def test_no_condition_makes_caches_keep_a_refusal(client: Client, name: str) -> None:
    answer = client.get("/counted", headers={name: "Thu, 01 Jan 2015 00:00:00 GMT" if "since" in name else '"x"'})
    assert (answer.status_code, answer.content) == (200, b"page 1 of AnonymousUser")


@pytest.mark.parametrize(("address", "status"), [("/counted", 200), ("/missing", 404), ("/moved", 301)])
def test_whoever_has_anything_at_all_is_told_what_is_there(client: Client, address: str, status: int) -> None:
    assert client.get(address, headers={"if-none-match": "*"}).status_code == status


@pytest.mark.parametrize("said", ["gzip;q=0", "identity, gzip; q=0.0, br"])
def test_answer_is_not_packed_for_who_refuses_it(client: Client, said: str) -> None:
    assert not client.get("/counted", headers={"accept-encoding": said}).has_header("Content-Encoding")


def test_answer_is_packed_for_who_can_unpack_it(client: Client) -> None:
    plain = client.get("/counted")
    for _ in range(2):
        packed = client.get("/counted", headers={"accept-encoding": "br, gzip"})
        assert (packed["Content-Encoding"], gzip.decompress(packed.content)) == ("gzip", plain.content)
        assert packed["ETag"] == plain["ETag"]
    assert not plain.has_header("Content-Encoding")
    assert len(made) == 1


def test_head_has_the_headers_and_no_body(client: Client) -> None:
    head = client.head("/counted")
    assert (head.status_code, head.content) == (200, b"")
    assert head["ETag"] == client.get("/counted")["ETag"]
    assert len(made) == 1


def test_htmx_gets_an_answer_of_its_own(client: Client) -> None:
    page = client.get("/counted")
    piece = client.get("/counted", headers={"hx-request": "true"})
    assert (page.content, piece.content) == (b"page 1 of AnonymousUser", b"page 2 of AnonymousUser")
    assert page["ETag"] != piece["ETag"]


def test_parameters_in_another_order_are_the_same_question(client: Client) -> None:
    client.get("/counted?page=2&q=moths")
    client.get("/counted?q=moths&page=2")
    assert made == ["/counted?page=2&q=moths"]


def test_values_of_one_parameter_in_another_order_are_another_question(client: Client) -> None:
    client.get("/counted?q=moths&q=tides")
    client.get("/counted?q=tides&q=moths")
    assert len(made) == 2


def test_answer_to_an_unknown_parameter_is_not_kept(client: Client) -> None:
    first, again = client.get("/counted?x=1"), client.get("/counted?x=1")
    assert len(made) == 2
    assert first["ETag"] == again["ETag"]
    assert client.get("/counted?x=1", headers={"if-none-match": first["ETag"]}).status_code == 304


def test_other_hosts_get_answers_of_their_own(client: Client) -> None:
    client.get("/counted")
    client.get("/counted", headers={"host": "localhost"})
    assert len(made) == 2


@pytest.mark.parametrize(("address", "status"), [("/missing", 404), ("/moved", 301)])
def test_other_answers_are_not_kept(client: Client, address: str, status: int) -> None:
    for _ in range(2):
        answer = client.get(address)
        assert (answer.status_code, answer.has_header("ETag")) == (status, False)
    assert len(made) == 2


def test_answer_that_streams_is_left_alone(client: Client) -> None:
    assert client.get("/streaming").getvalue() == b"bit by bit"


def test_other_methods_reach_the_view(client: Client) -> None:
    client.post("/counted")
    client.post("/counted")
    assert len(made) == 2


# --- For one


def test_whoever_is_signed_in_gets_an_answer_that_nobody_keeps(client: Client) -> None:
    reader = make_reader()
    anonymous = Client().get("/counted")
    client.force_login(reader)
    for _ in range(2):
        answer = client.get("/counted", headers={"if-none-match": anonymous["ETag"]})
        assert answer["Cache-Control"] == "private, no-cache"
        assert "Cookie" in answer["Vary"]
        assert str(reader) in answer.content.decode()
        assert not answer.has_header("ETag")
    assert Client().get("/counted").content == anonymous.content
    assert len(made) == 3


@pytest.mark.parametrize("name", ["with_token", "with_cookie"])
def test_answer_with_a_cookie_is_kept_by_nobody(name: str) -> None:
    first, other = Client().get(f"/{name}"), Client().get(f"/{name}")
    assert [answer["Cache-Control"] for answer in (first, other)] == ["private, no-cache"] * 2
    assert len(made) == 2


def test_token_of_an_earlier_visit_is_given_to_nobody_else() -> None:
    """The cookie that it belongs to is there already, so that none is set."""
    client = Client()
    client.cookies["csrftoken"] = "a" * 32
    assert client.get("/with_token")["Cache-Control"] == "private, no-cache"
    assert Client().get("/with_token").content != made[0].encode()


def test_message_is_for_who_it_waits_for_alone(client: Client) -> None:
    client.get("/noted")
    assert client.get("/said").content == b"done"
    assert Client().get("/said").content == b""
    assert client.get("/said").content == b""
