from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from digest.admin.edition import MEANS
from digest.models import DayTally, Digest, Edition
from tests.make import NOON, TODAY, make_digest, make_reader

pytestmark = pytest.mark.django_db

State = Digest.State
HEADING = "Eligible = accepted + failed + uncertain + empty + suppressed + expired"


def settled(state: str) -> dict[str, Any]:
    return {"state": state, "next_attempt_at": None}


def test_list_of_editions_shows_the_equation_of_a_closed_one(admin_client: Client) -> None:
    Edition.objects.create(
        date=TODAY, closed_at=NOON, counts={"eligible": 12_004, "empty": 4, "accepted": 11_000, "failed": 1000}
    )
    page = admin_client.get("/admin/digest/edition/").content.decode()
    assert HEADING in page
    assert "12,004 eligible = 11,000 accepted + 1,000 failed + 4 empty" in page


def test_list_of_editions_counts_the_digests_of_open_ones(admin_client: Client) -> None:
    for state in ("accepted", "accepted", "empty"):
        make_digest(make_reader(), **settled(state))
    make_digest(make_reader())
    make_digest(make_reader(), TODAY - timedelta(days=1), **settled("expired"))
    Edition.objects.create(date=TODAY + timedelta(days=1))
    page = admin_client.get("/admin/digest/edition/").content.decode()
    assert "4 eligible = 2 accepted + 1 empty + 1 waiting" in page
    assert "1 eligible = 1 expired" in page
    assert "nobody yet" in page


@pytest.fixture(autouse=True)
def noon() -> Any:
    with time_machine.travel(NOON, tick=False):
        yield


def page_of(client: Client, edition: Edition) -> Any:
    answer = client.get(f"/admin/digest/edition/{edition.pk}/change/")
    assert answer.status_code == 200
    return answer


def make_failed(reason: str, count: int, day: Any = TODAY) -> Edition:
    for _ in range(count):
        digest = make_digest(make_reader(), day, **settled("failed"), reason=reason)
    return digest.edition


def test_page_of_an_open_edition_says_who_did_not_get_it_and_why(admin_client: Client) -> None:
    make_failed("mailbox full", 2)
    edition = make_failed("no such mailbox", 3)
    make_digest(make_reader(), **settled("accepted"))
    make_digest(make_reader())
    answer = page_of(admin_client, edition)
    assert answer.context["equation"] == "7 eligible = 1 accepted + 5 failed + 1 waiting"
    listed = f"/admin/digest/digest/?edition__id__exact={edition.pk}&state__exact"
    assert answer.context["states"] == [
        ("accepted", MEANS[State.ACCEPTED], "1", f"{listed}=accepted"),
        ("failed", MEANS[State.FAILED], "5", f"{listed}=failed"),
        ("waiting", MEANS[State.PENDING], "1", f"{listed}=pending"),
    ]
    assert answer.context["reasons"] == [
        ("failed", "no such mailbox", "3", f"{listed}=failed&reason=no+such+mailbox"),
        ("failed", "mailbox full", "2", f"{listed}=failed&reason=mailbox+full"),
    ]
    assert len(admin_client.get(answer.context["reasons"][0][3]).context["cl"].result_list) == 3


def test_page_of_a_closed_edition_tells_what_it_closed_with(admin_client: Client) -> None:
    edition = Edition.objects.create(date=TODAY, closed_at=NOON, counts={"eligible": 12_004, "accepted": 12_004})
    answer = page_of(admin_client, edition)
    assert answer.context["equation"] == "12,004 eligible = 12,004 accepted"
    assert "As it closed on 4 March 2026, 12:00 UTC" in answer.content.decode()


def test_open_edition_is_told_by_the_tally_of_the_clock_while_that_is_fresh(admin_client: Client) -> None:
    edition = make_failed("mailbox full", 1)
    counts = {"accepted": 70, "failed": 3, "hard bounce": 9}
    tally = DayTally.objects.create(day=TODAY, counts=counts, taken_at=NOON - timedelta(minutes=5))
    assert page_of(admin_client, edition).context["equation"] == "73 eligible = 70 accepted + 3 failed"
    DayTally.objects.filter(pk=tally.pk).update(taken_at=NOON - timedelta(hours=1))
    assert page_of(admin_client, edition).context["equation"] == "1 eligible = 1 failed"


def test_counts_are_a_minute_old_at_most_and_say_of_when_they_are(admin_client: Client, settings: Any) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}  # on the test's clock
    cache.clear()
    edition = make_failed("mailbox full", 1)
    seen: list[tuple[str, datetime, int]] = []
    for seconds in (0, 30, 90):
        with time_machine.travel(NOON + timedelta(seconds=seconds), tick=False):
            context = page_of(admin_client, edition).context
            seen.append((context["equation"], context["as_of"], int(context["reasons"][0][2])))
        make_failed("mailbox full", 1)
    assert seen == [
        ("1 eligible = 1 failed", NOON, 1),
        ("1 eligible = 1 failed", NOON, 1),
        ("3 eligible = 3 failed", NOON + timedelta(seconds=90), 3),
    ]


def test_reopened_count_of_an_edition_that_closes_is_made_anew(admin_client: Client) -> None:
    edition = make_failed("mailbox full", 1)
    page_of(admin_client, edition)
    make_failed("mailbox full", 1)
    Edition.objects.update(closed_at=NOON, counts={"eligible": 2, "failed": 2})
    assert page_of(admin_client, edition).context["reasons"][0][2] == "2"


def test_list_and_page_ask_as_many_questions_for_three_editions_as_for_one(
    admin_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    counts: list[tuple[int, int]] = []
    for days in ((0,), (1, 2)):
        for ago in days:
            edition = make_failed(f"reason {ago}", ago + 1, TODAY - timedelta(days=ago))
        cache.clear()
        with django_assert_max_num_queries(20) as listed:
            admin_client.get("/admin/digest/edition/")
        cache.clear()
        with django_assert_max_num_queries(20) as opened:
            page_of(admin_client, edition)
        counts.append((len(listed), len(opened)))
    assert counts[1][0] <= counts[0][0]
    assert counts[1][1] <= counts[0][1]


def test_page_shows_a_hostile_reason_as_text(admin_client: Client) -> None:
    edition = make_failed("<script>alert(1)</script>", 1)
    page = page_of(admin_client, edition).content.decode()
    assert "<script>alert(1)" not in page
    assert "alert(1)" in page
