from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import Reader
from digest.admin.front import picture
from digest.delivery.tally import bring_up_to_date
from digest.models import Letter, Suppression
from tests.digest.admin.make import staff_of
from tests.make import NOON, TODAY, make_digest, make_reader, make_source

pytestmark = pytest.mark.django_db

YESTERDAY = TODAY - timedelta(days=1)


@pytest.fixture(autouse=True)
def noon() -> Any:
    with time_machine.travel(NOON, tick=False):
        yield


def needs(user: Reader) -> list[str]:
    return [need.said for need in picture(user, NOON)["needs"]]


@pytest.fixture
def boss() -> Reader:
    return Reader.objects.create_superuser("boss@example.org")


def settled(state: str, count: int = 1) -> None:
    for _ in range(count):
        make_digest(make_reader(), state=state, next_attempt_at=None)


def test_front_page_of_an_empty_installation_says_what_will_be_there(admin_client: Client) -> None:
    page = admin_client.get("/admin/").content.decode()
    assert "See that the clock runs" in page
    assert "nobody's hour has come yet" in page
    assert "No sources yet" in page
    assert "Accepted: none in 30 days" in page


def test_front_page_without_sources_does_not_say_that_they_are_read(admin_client: Client) -> None:
    bring_up_to_date(NOON)
    page = admin_client.get("/admin/").content.decode()
    assert ("Nothing needs anybody" in page, "papers come once there are sources" in page) == (True, True)
    assert "sources are read" not in page


def test_front_page_shows_the_equation_of_today(admin_client: Client) -> None:
    settled("accepted", 3)
    settled("empty")
    bring_up_to_date(NOON)
    text = " ".join(admin_client.get("/admin/").content.decode().split())
    assert "4 readers</a> = 3 accepted + 1 empty" in text
    assert "Counted at 12:00 UTC on 4 March, and again every five minutes." in text


def test_front_page_says_where_nothing_counts(admin_client: Client) -> None:
    assert "and not by the clock since" in admin_client.get("/admin/").content.decode()


def test_front_page_has_no_inline_style_or_script(admin_client: Client) -> None:
    settled("accepted")
    page = admin_client.get("/admin/").content.decode()
    assert "style=" not in page
    assert "<script>" not in page
    assert " onclick" not in page


def test_needs_name_mail_that_waits_and_mail_that_failed(boss: Reader) -> None:
    make_digest(make_reader(), next_attempt_at=NOON - timedelta(hours=1))
    Letter.objects.post("code", "b@example.org", now=NOON - timedelta(hours=1))
    settled("uncertain")
    settled("failed", 2)
    settled("accepted", 3)
    assert needs(boss) == [
        "1 digest has waited for more than half an hour: see the mail system and the clock.",
        "1 confirmation or code has waited for more than half an hour.",
        "1 digest of 4 March may have arrived or not.",
        "3 of 6 digests of 4 March failed or are uncertain.",
    ]


def test_needs_name_sources_and_suppressed_addresses(boss: Reader) -> None:
    make_source(is_active=False, disabled_at=NOON, disabled_reason="Gone.")
    Suppression.objects.suppress("gone@example.org", "hard bounce")
    assert needs(boss) == [
        "1 source needs somebody to look.",
        "1 address must not be mailed; there are 1 readers.",
    ]


def test_each_role_sees_what_it_may_open() -> None:
    make_source(is_active=False, disabled_at=NOON, disabled_reason="Gone.")
    editor, support = staff_of("editor"), staff_of("support")
    assert picture(editor, NOON)["sees"] == {"sources": True, "readers": False, "mail": True}
    assert picture(support, NOON)["sees"] == {"sources": False, "readers": True, "mail": True}
    assert "1 source needs somebody to look." in needs(editor)
    assert needs(support) == []


def test_front_page_asks_as_many_questions_for_three_as_for_one(
    admin_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    settled("accepted")
    make_source()
    bring_up_to_date(NOON)
    with django_assert_max_num_queries(12) as one:
        admin_client.get("/admin/")
    settled("accepted", 2)
    for _ in range(2):
        make_source()
    bring_up_to_date(NOON)
    with django_assert_max_num_queries(len(one)):
        admin_client.get("/admin/")
