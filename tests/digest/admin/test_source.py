from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from digest.models import Source
from tests.make import NOON, make_source

pytestmark = pytest.mark.django_db


def fetch_now(client: Client, *sources: Source) -> list[str]:
    """Choose the action for `sources`, and return what the page says then."""
    asked = {"action": "fetch_now", "_selected_action": [source.pk for source in sources]}
    with time_machine.travel(NOON, tick=False):
        answer: Any = client.post("/admin/digest/source/", asked, follow=True)
    assert answer.status_code == 200
    return [str(message) for message in answer.context["messages"]]


def test_fetch_now_makes_the_chosen_sources_due(admin_client: Client) -> None:
    chosen, other = (make_source(next_check_at=NOON + timedelta(hours=1)) for _ in range(2))
    assert fetch_now(admin_client, chosen) == ["Fetched at the next minute: 1 of 1."]
    assert list(Source.objects.due(NOON)) == [chosen]
    other.refresh_from_db()
    assert other.next_check_at == NOON + timedelta(hours=1)


def test_fetch_now_says_how_many_are_switched_off(admin_client: Client) -> None:
    active = make_source(next_check_at=NOON + timedelta(hours=1))
    by_hand = make_source(next_check_at=NOON + timedelta(hours=1), is_active=False)
    said = fetch_now(admin_client, active, by_hand)
    assert said == ["Fetched at the next minute: 1 of 2. The others are only read by hand."]
    assert list(Source.objects.due(NOON)) == [active]


def test_list_shows_the_last_error_as_text(admin_client: Client) -> None:
    make_source(last_error="<b>no feed</b>")
    assert "&lt;b&gt;no feed&lt;/b&gt;" in admin_client.get("/admin/digest/source/").content.decode()


def test_add_page_makes_a_source_that_is_due(admin_client: Client) -> None:
    sent = {
        "name": "Quiet feed",
        "kind": "feed",
        "url": "https://feeds.example.org/quiet",
        "is_active": "on",
        "check_minutes": "60",
        "next_check_at_0": "2026-03-04",
        "next_check_at_1": "12:00:00",
    }
    assert admin_client.post("/admin/digest/source/add/", sent).status_code == 302
    assert [source.name for source in Source.objects.due(NOON)] == ["Quiet feed"]
