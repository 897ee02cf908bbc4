"""Mending the mail, taking everything along, erasing: what only a signed-in reader may do."""

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import Reader, Session
from digest.feedback.standing import why_no_mail
from digest.models import Digest, Suppression
from tests.digest.web.visits import preferences_of, signed_in
from tests.make import NOON, TODAY, make_digest, make_paper, make_reader, make_topic

pytestmark = pytest.mark.django_db
PAGES = ["repair", "export", "erase"]


def suppress(reader: Reader, reason: str = "hard bounce", note: str = "550 no such user") -> None:
    """Stop mail to `reader` an hour ago."""
    row = Suppression.objects.suppress(reader.email, reason, note)
    Suppression.objects.filter(pk=row.pk).update(created_at=NOON - timedelta(hours=1))


# --- Who may


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_stranger_is_led_to_the_login(client: Client, reader: Reader, page: str, method: str) -> None:
    suppress(reader)
    answer = getattr(client, method)(f"/you/{page}/")
    assert (answer.status_code, answer["Location"]) == (302, f"/accounts/login/?next=/you/{page}/")
    assert (Reader.objects.count(), Suppression.objects.count()) == (1, 1)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_signed_link_is_not_enough(client: Client, reader: Reader, page: str, method: str) -> None:
    suppress(reader)
    answer = getattr(client, method)(f"{preferences_of(reader)}{page}/")
    assert (answer.status_code, answer["Location"]) == (302, f"/accounts/login/?next=/you/{page}/")
    assert (Reader.objects.count(), Suppression.objects.count()) == (1, 1)


@pytest.mark.parametrize("page", PAGES)
def test_forged_link_is_not_found(client: Client, page: str) -> None:
    assert client.post(f"/preferences/1.forged/{page}/").status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_post_without_the_pages_own_token_is_refused(reader: Reader, page: str) -> None:
    suppress(reader)
    assert signed_in(reader, enforce_csrf_checks=True).post(f"/you/{page}/").status_code == 403
    assert (Reader.objects.count(), Suppression.objects.count()) == (1, 1)


@pytest.mark.parametrize("page", PAGES)
def test_get_changes_nothing_and_is_kept_nowhere(reader: Reader, page: str) -> None:
    suppress(reader)
    client = signed_in(reader)
    before = Reader.objects.values().get()
    answer = client.get(f"/you/{page}/")
    assert (answer.status_code, answer["Cache-Control"]) == (
        200,
        "max-age=0, no-cache, no-store, must-revalidate, private",
    )
    assert '<meta name="robots" content="noindex">' in answer.content.decode()
    assert client.head(f"/you/{page}/").content == b""
    assert (Reader.objects.values().get(), Suppression.objects.count()) == (before, 1)


# --- Repair


@pytest.mark.parametrize(
    ("reason", "why"),
    [
        ("hard bounce", "the mail system of your address answered that there is no such mailbox"),
        ("soft bounces", "your mailbox refused most of the last digests"),
        ("complaint", "a mail from here was reported as spam from your mailbox"),
        ("erased", "everything about this address was erased before, as its owner wished"),
    ],
)
def test_reader_sees_why_nothing_comes_and_mends_it(reader: Reader, reason: str, why: str) -> None:
    suppress(reader, reason, "550 <b>no such user</b>")
    client = signed_in(reader)
    page = client.get("/you/repair/").content.decode()
    assert f"Since 4 March 2026 nothing has been sent to ada@example.org: {why}." in page
    assert "550 &lt;b&gt;no such user&lt;/b&gt;" in page
    assert why_no_mail(reader) == f"No mail has gone to you since 4 March 2026: {why}."
    answer = client.post("/you/repair/", follow=True)
    assert "<h1>Mail can reach you</h1>" in answer.content.decode()
    assert (Suppression.objects.count(), why_no_mail(reader)) == (0, None)


def test_reader_whom_staff_stopped_learns_whom_to_write_to(reader: Reader, settings: Any) -> None:
    settings.CONTACT = "desk@papers.example.org"
    suppress(reader, "staff", "a note of staff's own")
    client = signed_in(reader)
    page = client.post("/you/repair/", follow=True).content.decode()
    assert '<a href="mailto:desk@papers.example.org">desk@papers.example.org</a>' in page
    assert "Send me digests again" not in page
    assert "a note of staff" not in page
    assert Suppression.objects.get().reason == "staff"


def test_mending_what_is_whole_changes_nothing(reader: Reader) -> None:
    client = signed_in(reader)
    assert client.post("/you/repair/").status_code == 302
    assert reader.mail_events.count() == 0


def test_mending_touches_nobody_else(reader: Reader) -> None:
    other = make_reader()
    suppress(reader)
    suppress(other)
    signed_in(reader).post("/you/repair/")
    assert Suppression.objects.get().address == other.email


def test_reader_who_was_signed_in_before_it_broke_types_a_code_first(
    reader: Reader, noon: time_machine.Traveller
) -> None:
    client = signed_in(reader)
    noon.move_to(NOON + timedelta(days=1))
    Suppression.objects.suppress(reader.email, "hard bounce")
    page = client.get("/you/repair/").content.decode()
    assert "Does your mailbox work again?" in page
    assert "Send me digests again" not in page
    answer = client.post("/you/repair/")
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/?next=/you/repair/")
    assert Suppression.objects.count() == 1


# --- Export


def test_export_is_a_file_of_everything(reader: Reader) -> None:
    answer = signed_in(reader).post("/you/export/")
    assert answer["Content-Type"] == "application/json"
    assert answer["Content-Disposition"] == 'attachment; filename="broadsheet-2026-03-04.json"'
    assert answer["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    exported = json.loads(answer.content)
    assert (exported["format"], exported["account"]["email"]) == ("broadsheet-export/1", "ada@example.org")
    assert [topic["query"] for topic in exported["topics"]] == ["knowledge transfer", "cat:cs.CL"]


def with_digests(count: int) -> Reader:
    topics = [make_topic(f"topic {number}") for number in range(count)]
    reader = make_reader(topics=tuple(topics))
    for back, topic in enumerate(topics):
        picks = [[make_paper().pk, topic.pk]]
        make_digest(reader, TODAY - timedelta(days=back), picks=picks, state="accepted", next_attempt_at=None)
    return reader


@pytest.mark.parametrize(("page", "method"), [("repair", "get"), ("export", "post"), ("erase", "get")])
def test_pages_ask_as_many_questions_for_three_as_for_one(
    page: str, method: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    one, three = (signed_in(with_digests(count)) for count in (1, 3))
    getattr(one, method)(f"/you/{page}/")  # makes the salt and learns the content types
    with django_assert_num_queries({"repair": 4, "export": 20, "erase": 2}[page]) as asked:
        getattr(one, method)(f"/you/{page}/")
    with django_assert_num_queries(len(asked)):
        getattr(three, method)(f"/you/{page}/")


# --- Erase


def test_erasing_signs_out_and_says_farewell(reader: Reader) -> None:
    make_digest(reader)
    elsewhere = signed_in(reader)
    client = signed_in(reader)
    assert '<button type="submit">Erase everything</button>' in client.get("/you/erase/").content.decode()
    answer = client.post("/you/erase/")
    assert "<h1>Everything is erased</h1>" in answer.content.decode()
    assert (Reader.objects.count(), Digest.objects.count(), Session.objects.count()) == (0, 0, 0)
    for browser in (client, elsewhere):
        assert browser.get("/you/")["Location"] == "/accounts/login/?next=/you/"
    assert list(Suppression.objects.values_list("address", "reason", "note")) == [("", "erased", "")]


def test_erasing_asks_who_signed_in_long_ago_to_do_it_again(reader: Reader, noon: time_machine.Traveller) -> None:
    client = signed_in(reader)
    noon.move_to(NOON + timedelta(minutes=11))
    page = client.get("/you/erase/").content.decode()
    assert "Sign in once more" in page
    assert '<button type="submit">Erase everything</button>' not in page
    answer = client.post("/you/erase/")
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/?next=/you/erase/")
    assert Reader.objects.get() == reader
    assert client.get("/you/")["Location"] == "/accounts/login/?next=/you/"


def test_session_without_a_known_beginning_is_not_fresh(client: Client, reader: Reader) -> None:
    client.force_login(reader)
    assert client.post("/you/erase/").status_code == 302
    assert Reader.objects.get() == reader


def test_last_superuser_cannot_go() -> None:
    root = Reader.objects.create_superuser("root@example.org", "a long password 7")
    client = signed_in(root)
    assert "Give somebody else that right first" in client.get("/you/erase/").content.decode()
    assert client.post("/you/erase/").status_code == 409
    other = Reader.objects.create_superuser("second@example.org", "a long password 7")
    assert client.post("/you/erase/").status_code == 200
    assert list(Reader.objects.all()) == [other]
