import pytest
from django.test import Client

from digest.models import Letter
from tests.make import NOON

pytestmark = pytest.mark.django_db

LIST = "/admin/digest/letter/"


def test_no_page_shows_what_a_letter_said(admin_client: Client) -> None:
    letter = Letter.objects.post("code", "ada@example.org", now=NOON, said={"code": "SECRET-CODE"})
    for path in (LIST, f"{LIST}{letter.pk}/change/", f"{LIST}{letter.pk}/history/"):
        page = admin_client.get(path).content.decode()
        assert "SECRET-CODE" not in page
        assert "code to sign in" in page or path.endswith("history/")


def test_letters_are_for_reading(admin_client: Client) -> None:
    letter = Letter.objects.post("code", "ada@example.org", now=NOON)
    assert admin_client.post(f"{LIST}{letter.pk}/change/", {"state": "accepted"}).status_code == 403


def test_list_finds_a_letter_by_the_beginning_of_the_address(admin_client: Client) -> None:
    for address in ("ada@example.org", "bo@example.org"):
        Letter.objects.post("welcome", address, now=NOON)
    page = admin_client.get(LIST, {"q": "ADA"}).content.decode()
    assert ("ada@example.org" in page, "bo@example.org" in page) == (True, False)
