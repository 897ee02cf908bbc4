"""Every error below /api/ is JSON with words; and who on other sites may read what."""

import logging
from typing import Any

import pytest
from django.test import Client

from digest.models import Paper
from tests.make import make_paper

pytestmark = pytest.mark.django_db

OTHER = {"origin": "https://other.example.org"}


@pytest.mark.parametrize(
    "path", ["/api/", "/api/nothing", "/api/papers/", "/api/topics/", "/api/topics/none/papers", "/api/%00"]
)
def test_address_without_anything_is_told_in_json(client: Client, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/json")
    assert list(answer.json()) == ["error"]


@pytest.mark.parametrize(
    "path", ["/api/daily_papers", "/api/papers/search", "/api/papers/1", "/api/topics", "/api/openapi.json"]
)
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "trace", "options"])
def test_other_methods_are_refused_with_those_that_are_not(path: str, method: str) -> None:
    answer = getattr(Client(enforce_csrf_checks=True), method)(path)
    assert answer.status_code == 405
    assert set(answer["Allow"].split(", ")) == {"GET", "HEAD"}
    assert answer.json() == {"error": "This can only be read: ask with GET or HEAD."}


def test_error_of_ours_is_told_in_json_and_noted(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("secret detail")

    make_paper()
    monkeypatch.setattr(Paper.objects, "announced_between", broken)
    answer = Client(raise_request_exception=False).get("/api/daily_papers")
    assert (answer.status_code, answer["Content-Type"]) == (500, "application/json")
    assert answer.json() == {"error": "Something went wrong here. It was noted; please try again later."}
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


def test_host_that_is_not_ours_is_told_in_json(client: Client) -> None:
    answer = client.get("/api/topics", headers={"host": "evil.example.org"})
    assert (answer.status_code, answer.json()) == (400, {"error": "Bad Request"})


def test_errors_of_pages_stay_pages(client: Client) -> None:
    assert client.get("/nothing")["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("path", ["/api/topics", "/api/daily_papers?date=x", "/api/openapi.json", "/today.atom"])
def test_other_sites_may_read_what_is_public(client: Client, path: str) -> None:
    answer = client.get(path, headers=OTHER)
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert not answer.has_header("Access-Control-Allow-Credentials")
    shown = {"ETag", "Link", "RateLimit", "RateLimit-Policy", "Retry-After"}
    assert set(answer["Access-Control-Expose-Headers"].split(", ")) == shown


@pytest.mark.parametrize(
    "path", ["/", "/api", "/you/", "/accounts/login/", "/feeds/00000000-0000-0000-0000-000000000007.atom"]
)
def test_other_sites_may_not_read_anything_else(client: Client, path: str) -> None:
    assert not client.get(path, headers=OTHER).has_header("Access-Control-Allow-Origin")


def test_other_sites_may_ask_by_get_with_an_etag(client: Client) -> None:
    asked = OTHER | {"access-control-request-method": "GET", "access-control-request-headers": "if-none-match"}
    answer = client.options("/api/topics", headers=asked)
    assert (answer.status_code, answer["Access-Control-Allow-Methods"]) == (200, "GET, HEAD, OPTIONS")
    assert "if-none-match" in answer["Access-Control-Allow-Headers"].split(", ")
