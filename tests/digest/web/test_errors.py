"""Pages that Django shows when something is refused or breaks: in our look and words, each saying what is safe."""

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.views import defaults


@pytest.mark.django_db
def test_post_without_its_token_is_refused_with_a_page_that_says_what_to_do() -> None:
    answer = Client(enforce_csrf_checks=True).post("/accounts/login/", {"login": "ada@example.org"})
    shown = answer.content.decode()
    assert answer.status_code == 403
    assert "<h1>Please press it once more</h1>" in shown
    assert "Nothing was changed or sent." in shown
    assert "CSRF" not in shown


@pytest.mark.django_db
def test_refused_page_says_that_nothing_was_changed(rf: RequestFactory) -> None:
    answer = defaults.permission_denied(as_asked(rf), PermissionDenied("no"))
    assert (answer.status_code, "Nothing was changed." in answer.content.decode()) == (403, True)


@pytest.mark.parametrize(
    ("answer", "status", "said"),
    [
        (defaults.server_error(HttpRequest()), 500, "Your topics and digests are safe"),
        (defaults.bad_request(HttpRequest(), SuspiciousOperation("no")), 400, "nothing was changed"),
    ],
)
def test_broken_page_needs_no_database_and_says_what_is_safe(answer: HttpResponse, status: int, said: str) -> None:
    shown = answer.content.decode()
    assert (answer.status_code, said in shown, "digest/site.css" in shown) == (status, True, True)


def as_asked(rf: RequestFactory) -> HttpRequest:
    request: HttpRequest = rf.get("/")
    request.session = Client().session
    return request
