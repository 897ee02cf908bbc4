from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.test import Client

from digest.models import Letter, Signup, Suppression
from tests.make import NOON, make_reader

pytestmark = pytest.mark.django_db

LIST = "/admin/digest/signup/"


@pytest.fixture(autouse=True)
def noon() -> Any:
    with time_machine.travel(NOON, tick=False):
        yield


def make_signup(address: str, **given: Any) -> Signup:
    asked = NOON - timedelta(days=2)
    signup, _ = Signup.objects.ask(address, ["graph"], time_zone="UTC", consent=("1", "yes"), now=asked)
    Signup.objects.filter(pk=signup.pk).update(**given or {"asked_at": asked})
    return signup


def confirm_again(client: Client, *signups: Signup) -> list[str]:
    sent = {"action": "confirm_again", "_selected_action": [signup.pk for signup in signups]}
    answer: Any = client.post(LIST, sent, follow=True)
    assert answer.status_code == 200
    return [str(message) for message in answer.context["messages"]]


def test_confirm_again_mails_who_has_not_confirmed(admin_client: Client) -> None:
    waiting, confirmed = make_signup("ada@example.org"), make_signup("bo@example.org", confirmed_at=NOON)
    [said] = confirm_again(admin_client, waiting, confirmed)
    assert said.startswith("Confirmation sent again: 1 of 2. The others have confirmed")
    assert Letter.objects.values_list("kind", "address").get() == ("confirm", "ada@example.org")
    entry = LogEntry.objects.get()
    assert (entry.object_repr, entry.change_message) == ("ada@example.org", "Confirmation sent again.")


def test_confirm_again_mails_once_a_day(admin_client: Client) -> None:
    waiting = make_signup("ada@example.org")
    confirm_again(admin_client, waiting)
    assert confirm_again(admin_client, waiting)[0].startswith("Confirmation sent again: 0 of 1.")
    assert Letter.objects.count() == 1


def test_confirm_again_leaves_suppressed_addresses(admin_client: Client) -> None:
    waiting = make_signup("ada@example.org")
    Suppression.objects.suppress("ada@example.org", "complaint")
    confirm_again(admin_client, waiting)
    assert not Letter.objects.exists()


def test_confirm_again_is_for_those_who_may(client: Client) -> None:
    staff = make_reader(is_staff=True)
    client.force_login(staff)
    sent = {"action": "confirm_again", "_selected_action": [make_signup("ada@example.org").pk]}
    assert client.post(LIST, sent).status_code == 403
    assert not Letter.objects.exists()


def test_signups_are_for_reading(admin_client: Client) -> None:
    signup = make_signup("ada@example.org")
    assert admin_client.post(f"{LIST}{signup.pk}/change/", {"address": "x@example.org"}).status_code == 403


def test_page_shows_hostile_topics_as_text(admin_client: Client) -> None:
    signup = make_signup("ada@example.org", topics=["<script>alert(1)</script>"])
    page = admin_client.get(f"{LIST}{signup.pk}/change/").content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page
