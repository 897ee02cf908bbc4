from typing import Any

import pytest
from django.test import Client
from pytest_httpserver import HTTPServer
from werkzeug import Response

from digest.delivery.deliverability import one_click
from digest.delivery.deliverability.finding import Level
from tests.redisserver import free_port


@pytest.mark.django_db
def test_service_answers_a_click_for_nobody_as_it_should(client: Client) -> None:
    looked = client.get(one_click.NOBODY)
    clicked = client.post(one_click.NOBODY, {"List-Unsubscribe": "One-Click"})
    assert (looked.status_code, clicked.status_code) == (404, 404)


def test_click_that_arrives_is_in_order(httpserver: HTTPServer) -> None:
    for method in ("GET", "POST"):
        httpserver.expect_request(one_click.NOBODY, method=method).respond_with_data("nobody", status=404)
    assert one_click.answers(httpserver.url_for(one_click.NOBODY)).level == Level.OK
    assert httpserver.log[1][0].form.to_dict() == {"List-Unsubscribe": "One-Click"}


@pytest.mark.parametrize("status", [200, 301, 403, 405, 502])
def test_click_that_something_stops_on_its_way_fails(status: int, httpserver: HTTPServer) -> None:
    httpserver.expect_request(one_click.NOBODY, method="GET").respond_with_data("nobody", status=404)
    detour = Response(status=status, headers={"Location": "/"} if status == 301 else {})
    httpserver.expect_request(one_click.NOBODY, method="POST").respond_with_response(detour)
    found = one_click.answers(httpserver.url_for(one_click.NOBODY))
    assert (found.level, f"404 to a look and {status} to a click" in found.said) == (Level.FAIL, True)


def test_site_that_cannot_be_reached_from_here_is_no_fault() -> None:
    url = f"http://127.0.0.1:{free_port()}{one_click.NOBODY}"
    found = one_click.answers(url)
    assert (found.level, found.said) == (Level.WARN, f"could not be asked: {url}: [Errno 111] Connection refused")


def test_site_without_https_fails_unasked(settings: Any) -> None:
    settings.SITE_URL = "http://papers.example.org"
    assert one_click.look().level == Level.FAIL
