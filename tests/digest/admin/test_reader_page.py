from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import Reader
from digest.models import Digest, Feedback, Letter, MailEvent, Suppression
from tests.digest.admin.reader_form import filled
from tests.make import NOON, TODAY, make_digest, make_match, make_paper, make_reader, make_topic

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon() -> Any:
    with time_machine.travel(NOON, tick=False):
        yield


def follows(reader: Reader, **sent: str) -> dict[str, Any]:
    """Fill the page of a reader who follows one topic, with one row for another topic."""
    key = str(reader.subscriptions.get().pk)
    own = {"TOTAL_FORMS": "1", "INITIAL_FORMS": "1", "0-id": key, "0-reader": str(reader.pk), "0-weight": "1"}
    new = {"TOTAL_FORMS": "1", "INITIAL_FORMS": "0", "0-reader": str(reader.pk), "0-weight": "1"}
    rows = {f"subscriptions-{name}": value for name, value in own.items()}
    rows |= {f"subscriptions-2-{name}": value for name, value in new.items()}
    return filled(email=reader.email, time_zone="UTC", **rows | sent)


def test_page_changes_weight_and_mutes_a_topic(admin_client: Client) -> None:
    reader = make_reader("ada@example.org", topics=(make_topic("graph"),))
    sent = follows(reader, **{"subscriptions-0-weight": "2.5", "subscriptions-0-is_muted": "on"})
    assert admin_client.post(f"/admin/accounts/reader/{reader.pk}/change/", sent).status_code == 302
    assert list(reader.subscriptions.values_list("weight", "is_muted")) == [(2.5, True)]


def test_page_adds_and_removes_topics(admin_client: Client) -> None:
    reader, other = make_reader("ada@example.org", topics=(make_topic("graph"),)), make_topic("cat:cs.CL")
    sent = follows(reader, **{"subscriptions-2-0-topic": str(other.pk), "subscriptions-0-DELETE": "on"})
    assert admin_client.post(f"/admin/accounts/reader/{reader.pk}/change/", sent).status_code == 302
    assert list(reader.subscriptions.values_list("topic", flat=True)) == [other.pk]


def test_page_says_when_a_topic_is_followed_already(admin_client: Client) -> None:
    topic = make_topic("graph")
    reader = make_reader("ada@example.org", topics=(topic,))
    answer = admin_client.post(
        f"/admin/accounts/reader/{reader.pk}/change/", follows(reader, **{"subscriptions-2-0-topic": str(topic.pk)})
    )
    assert answer.status_code == 200
    assert "The reader follows this topic already." in answer.content.decode()


def test_page_says_when_a_weight_is_out_of_range(admin_client: Client) -> None:
    reader = make_reader("ada@example.org", topics=(make_topic("graph"),))
    answer = admin_client.post(
        f"/admin/accounts/reader/{reader.pk}/change/", follows(reader, **{"subscriptions-0-weight": "99"})
    )
    assert "Ensure this value is less than or equal to 10" in answer.content.decode()


def full_reader(rows: int) -> Reader:
    """Make a reader with so many rows of everything that the page shows."""
    reader = make_reader(topics=tuple(make_topic(f"word{number}") for number in range(rows)))
    for number in range(rows):
        make_digest(reader, TODAY - timedelta(days=number), state="accepted", next_attempt_at=None)
        Letter.objects.post("welcome", reader.email, reader=reader.pk, now=NOON)
        Feedback.objects.say(reader.pk, make_paper().pk, wants_more=True, now=NOON)
        MailEvent.objects.create(
            provider="p",
            event_key=f"{reader.pk}-{number}",
            kind="deferred",
            address=reader.email,
            reader=reader,
            at=NOON,
        )
    return reader


def test_page_asks_as_many_questions_for_three_of_everything_as_for_one(
    admin_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    one, three = full_reader(1), full_reader(3)
    admin_client.get(f"/admin/accounts/reader/{one.pk}/change/")
    with django_assert_max_num_queries(25) as asked:
        assert admin_client.get(f"/admin/accounts/reader/{one.pk}/change/").status_code == 200
    with django_assert_max_num_queries(len(asked)):
        assert admin_client.get(f"/admin/accounts/reader/{three.pk}/change/").status_code == 200


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"state": "left"}, "Gets no mail, because the reader left; only the reader can come back."),
        ({"state": "pending"}, "Gets no mail, because the address has not been confirmed yet."),
        ({"state": "paused"}, "Gets no mail, because digests are paused."),
        ({"is_active": False}, "Gets no mail, because the account is closed."),
        ({"paused_until": date(2026, 4, 1)}, "Paused until 1 April 2026."),
        ({}, "Gets no mail, because the reader follows no topic, or has muted all of them."),
    ],
)
def test_page_says_first_why_a_reader_gets_no_mail(admin_client: Client, given: dict[str, Any], said: str) -> None:
    reader = make_reader("ada@example.org", **given)
    assert said in admin_client.get(f"/admin/accounts/reader/{reader.pk}/change/").content.decode()


def test_page_says_that_an_address_is_suppressed_and_that_the_last_digest_was_refused(admin_client: Client) -> None:
    reader = make_reader("ada@example.org", topics=(make_topic(),))
    Suppression.objects.suppress("ada@example.org", "complaint", "in May")
    make_digest(reader, state="failed", next_attempt_at=None, settled_at=NOON, reason="550 no such user")
    page = admin_client.get(f"/admin/accounts/reader/{reader.pk}/change/").content.decode()
    assert "the address must not be mailed: reported as spam (in May)." in page
    assert "The last digest did not arrive: failed. 550 no such user" in page


def test_preview_shows_what_would_be_mailed_and_keeps_nothing(admin_client: Client) -> None:
    topic, paper = make_topic("graph"), make_paper(title="Graphs <b>of</b> things", abstract="Graph after graph.")
    make_match(topic, paper)
    reader = make_reader(topics=(topic,))
    page = admin_client.get(f"/admin/accounts/reader/{reader.pk}/preview/").content.decode()
    assert "Graphs &lt;b&gt;of&lt;/b&gt; things" in page
    assert not Digest.objects.exists()


def test_preview_says_when_nothing_would_be_mailed(admin_client: Client) -> None:
    reader = make_reader()
    page = admin_client.get(f"/admin/accounts/reader/{reader.pk}/preview/").content.decode()
    assert "Nothing would be mailed on 4 March 2026" in page


def test_preview_shows_a_hostile_title_as_text_in_the_mail_too(admin_client: Client) -> None:
    topic, paper = make_topic("moths"), make_paper(title="<script>alert(1)</script> Moths")
    make_match(topic, paper)
    reader = make_reader(topics=(topic,))
    page = admin_client.get(f"/admin/accounts/reader/{reader.pk}/preview/").content.decode()
    assert "<script>alert" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt; Moths") >= 2
