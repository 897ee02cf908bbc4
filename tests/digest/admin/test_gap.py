from typing import Any

import pytest
import time_machine
from django.test import Client

from digest.models import Gap
from tests.make import NOON, TODAY, make_source

pytestmark = pytest.mark.django_db
PAGE = "/admin/digest/gap/"


def make_gap(**given: Any) -> Gap:
    stated = {"source": make_source(), "category": "cs.CL", "first": TODAY, "last": TODAY}
    return Gap.objects.create(**stated | given)


@pytest.mark.parametrize(
    ("given", "state"),
    [
        ({"next_attempt_at": NOON}, "next attempt 04 Mar 12:00 UTC"),
        ({"attempts": 20, "note": "the server answers 500"}, "given up"),
        ({"papers": 12}, "complete"),
    ],
)
def test_list_says_how_each_gap_is(admin_client: Client, given: dict[str, Any], state: str) -> None:
    make_gap(**given)
    shown = admin_client.get(PAGE).content.decode()
    assert f">{state}</td>" in shown
    assert given.get("note", "") in shown


@time_machine.travel(NOON, tick=False)
def test_gap_that_was_given_up_is_tried_again(admin_client: Client) -> None:
    gap = make_gap(attempts=20, note="the server answers 500", page_url="https://archive.example.org/2")
    answer = admin_client.post(PAGE, {"action": "try_again", "_selected_action": [gap.pk]}, follow=True)
    assert "Asked for again within two minutes: 1." in answer.content.decode()
    gap.refresh_from_db()
    assert (gap.next_attempt_at, gap.attempts, gap.note, gap.page_url) == (NOON, 0, "", "")


def test_gap_can_be_deleted_and_not_changed(admin_client: Client) -> None:
    gap = make_gap()
    assert admin_client.post(f"{PAGE}{gap.pk}/change/", {"category": "cs.SD"}).status_code == 403
    assert admin_client.post(f"{PAGE}{gap.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not Gap.objects.exists()
