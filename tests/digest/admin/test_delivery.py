from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from digest.models import Digest, Edition, Suppression
from tests.make import NOON, TODAY, make_digest, make_reader

pytestmark = pytest.mark.django_db

HEADING = "Eligible = accepted + failed + uncertain + empty + suppressed + expired"


def settled(state: str) -> dict[str, Any]:
    return {"state": state, "next_attempt_at": None}


def test_list_of_editions_shows_the_equation_of_a_closed_one(admin_client: Client) -> None:
    Edition.objects.create(
        date=TODAY, closed_at=NOON, counts={"eligible": 12_004, "empty": 4, "accepted": 11_000, "failed": 1000}
    )
    page = admin_client.get("/admin/digest/edition/").content.decode()
    assert HEADING in page
    assert "12,004 = 11,000 accepted + 4 empty + 1,000 failed" in page


def test_list_of_editions_counts_the_digests_of_open_ones(admin_client: Client) -> None:
    for state in ("accepted", "accepted", "empty"):
        make_digest(make_reader(), **settled(state))
    make_digest(make_reader())
    make_digest(make_reader(), TODAY - timedelta(days=1), **settled("expired"))
    Edition.objects.create(date=TODAY + timedelta(days=1))
    page = admin_client.get("/admin/digest/edition/").content.decode()
    assert "4 = 2 accepted + 1 empty + 1 pending" in page
    assert "1 = 1 expired" in page
    assert "nobody yet" in page


@pytest.mark.parametrize("action", ["add/", "{pk}/delete/"])
def test_digests_cannot_be_added_or_deleted(admin_client: Client, action: str) -> None:
    digest = make_digest(make_reader())
    path = f"/admin/digest/digest/{action.format(pk=digest.pk)}"
    assert admin_client.get(path).status_code == 403
    assert admin_client.post(path, {"post": "yes"}).status_code == 403
    assert Digest.objects.count() == 1


@pytest.mark.parametrize("noun", ["digest", "edition"])
def test_history_cannot_be_changed(admin_client: Client, noun: str) -> None:
    digest = make_digest(make_reader())
    row = digest if noun == "digest" else digest.edition
    before = Digest.objects.values().get(), Edition.objects.values().get()
    path = f"/admin/digest/{noun}/{row.pk}/change/"
    assert 'name="_save"' not in admin_client.get(path).content.decode()
    assert admin_client.post(path, {"state": "accepted", "reason": "x", "date": "2020-01-01"}).status_code == 403
    assert (Digest.objects.values().get(), Edition.objects.values().get()) == before


def test_list_of_digests_offers_no_deletion(admin_client: Client) -> None:
    digest = make_digest(make_reader())
    asked = {"action": "delete_selected", "_selected_action": [digest.pk], "post": "yes"}
    admin_client.post("/admin/digest/digest/", asked)
    assert Digest.objects.count() == 1


def test_list_of_digests_finds_a_readers_and_says_why(admin_client: Client) -> None:
    make_digest(make_reader("ada@example.org"), **settled("failed"), reason="550 no such mailbox", code=550)
    make_digest(make_reader("bo@example.org"), **settled("empty"), reason="no new paper was close enough")
    page = admin_client.get("/admin/digest/digest/", {"q": "Ada@"}).content.decode()
    assert "550 no such mailbox" in page
    assert "no new paper was close enough" not in page


def test_list_of_digests_shows_a_hostile_reply_as_text(admin_client: Client) -> None:
    make_digest(make_reader(), **settled("failed"), reason="<script>alert(1)</script>")
    assert "<script>alert(1)" not in admin_client.get("/admin/digest/digest/").content.decode()


def test_suppression_is_added_by_staff_in_lower_case(admin_client: Client) -> None:
    admin_client.post("/admin/digest/suppression/add/", {"address": "Ada@Example.org", "reason": "staff", "note": ""})
    assert Suppression.objects.among(["ada@example.org"]) == {"ada@example.org": "staff"}


def test_list_of_suppressions_finds_an_address_in_any_case(admin_client: Client) -> None:
    for address in ("ada@example.org", "bo@example.org"):
        Suppression.objects.create(address=address, reason="staff")
    page = admin_client.get("/admin/digest/suppression/", {"q": "Ada@"}).content.decode()
    assert "ada@example.org" in page
    assert "bo@example.org" not in page


def test_suppression_of_an_address_twice_says_so_at_the_field(admin_client: Client) -> None:
    Suppression.objects.create(address="ada@example.org", reason="staff")
    answer: Any = admin_client.post(
        "/admin/digest/suppression/add/", {"address": "ADA@example.org", "reason": "complaint", "note": ""}
    )
    assert answer.status_code == 200
    assert answer.context["adminform"].form.errors == {"address": ["This address is on the list already."]}
