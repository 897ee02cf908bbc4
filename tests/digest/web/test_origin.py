from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from digest.models import Letter
from tests.digest.web.visits import signed_in
from tests.make import make_reader

pytestmark = pytest.mark.django_db

WISH = {"address": "ada@example.org", "topics": ["moths"], "time_zone": "UTC"}
OURS, REFUSED = 200, 403


@pytest.fixture(autouse=True)
def no_limits_from_before() -> None:
    cache.clear()


def post(told: dict[str, str], **given: Any) -> int:
    answer = Client(enforce_csrf_checks=True).post("/sign-up", WISH, headers=told, **given)
    if answer.status_code == REFUSED:
        assert "<h1>This was sent from another page</h1>" in answer.content.decode()
    assert Letter.objects.exists() is (answer.status_code == OURS)
    return answer.status_code


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ({"origin": "http://testserver"}, OURS),
        ({"sec-fetch-site": "same-origin"}, OURS),
        ({"sec-fetch-site": "same-origin", "origin": "null"}, OURS),  # an extension that hides addresses
        ({"referer": "http://testserver/sign-up?x"}, OURS),
        ({}, REFUSED),
        ({"origin": ""}, REFUSED),
        ({"origin": "null"}, REFUSED),
        ({"origin": "null", "referer": "http://testserver/"}, REFUSED),
        ({"origin": "http://elsewhere.example"}, REFUSED),
        ({"origin": "http://elsewhere.example", "referer": "http://testserver/"}, REFUSED),
        ({"origin": "https://testserver"}, REFUSED),
        ({"origin": "http://testserver:8000"}, REFUSED),
        ({"origin": "http://testserver.elsewhere.example"}, REFUSED),
        ({"origin": "http://elsewhere.example#http://testserver"}, REFUSED),
        ({"origin": "http://testserver@elsewhere.example"}, REFUSED),
        ({"origin": "https://[broken"}, REFUSED),
        ({"origin": "testserver"}, REFUSED),
        ({"referer": "http://elsewhere.example/http://testserver/"}, REFUSED),
        ({"sec-fetch-site": "same-site"}, REFUSED),
        ({"sec-fetch-site": "cross-site", "origin": "http://elsewhere.example"}, REFUSED),
    ],
)
def test_form_of_a_stranger_is_taken_from_our_pages_alone(told: dict[str, str], status: int) -> None:
    assert post(told) == status


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("https://papers.example.org", OURS),
        ("https://mirror.example.net", OURS),
        ("http://mirror.example.net", REFUSED),
        ("https://a.labs.example.com", OURS),
        ("https://labs.example.com.elsewhere.example", REFUSED),
    ],
)
def test_origins_that_the_settings_trust_are_ours(origin: str, status: int, settings: Any) -> None:
    settings.CSRF_TRUSTED_ORIGINS = [
        "https://papers.example.org",
        "https://mirror.example.net",
        "https://*.labs.example.com",
    ]
    assert post({"origin": origin, "sec-fetch-site": "cross-site"}) == status


@pytest.mark.parametrize(
    ("origin", "status"), [("https://papers.example.org", OURS), ("http://papers.example.org", REFUSED)]
)
def test_behind_a_proxy_that_ends_tls_the_origin_is_https(origin: str, status: int, settings: Any) -> None:
    settings.ALLOWED_HOSTS, settings.CSRF_TRUSTED_ORIGINS = ["papers.example.org"], []
    settings.SECURE_PROXY_SSL_HEADER, settings.SECURE_SSL_REDIRECT = ("HTTP_X_FORWARDED_PROTO", "https"), True
    told = {"host": "papers.example.org", "x-forwarded-proto": "https", "origin": origin}
    assert post(told) == status


def test_looking_needs_no_origin() -> None:
    assert Client(enforce_csrf_checks=True).get("/sign-up").status_code == 200


def test_page_for_strangers_has_no_token_and_gives_no_cookie() -> None:
    answer = Client().get("/sign-up")
    assert "csrfmiddlewaretoken" not in answer.content.decode()
    assert not answer.cookies


def test_whoever_is_signed_in_sends_the_token_as_everywhere() -> None:
    client = signed_in(make_reader(), enforce_csrf_checks=True)
    page = client.get("/sign-up")
    told = {"origin": "http://testserver"}
    assert client.post("/sign-up", WISH, headers=told).status_code == 403
    assert not Letter.objects.exists()
    token = page.context["csrf_token"]
    assert client.post("/sign-up", WISH | {"csrfmiddlewaretoken": str(token)}, headers=told).status_code == 200
