"""What staff do to readers: from the list, from a reader's page, asked first where it matters, always logged."""

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import Reader
from digest.admin import reader_actions
from digest.models import Digest, Letter, Signup, Subscription, Suppression
from tests.make import NOON, make_digest, make_reader, make_topic

pytestmark = pytest.mark.django_db

LIST = "/admin/accounts/reader/"


@pytest.fixture(autouse=True)
def noon() -> Any:
    with time_machine.travel(NOON, tick=False):
        yield


def act(client: Client, action: str, *readers: Reader, **sent: str) -> Any:
    asked = {"action": action, "_selected_action": [reader.pk for reader in readers]} | sent
    answer = client.post(LIST, asked, follow=True)
    assert answer.status_code == 200
    return answer


def said(answer: Any) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


def log() -> list[tuple[str, str]]:
    return list(LogEntry.objects.order_by("pk").values_list("object_repr", "change_message"))


def mailed(reader: Reader, state: str = "accepted", **given: Any) -> Digest:
    return make_digest(reader, **{"state": state, "next_attempt_at": None, "settled_at": NOON} | given)


def test_pause_and_resume_write_the_log_of_each_reader(admin_client: Client) -> None:
    reader = make_reader("ada@example.org")
    act(admin_client, "pause", reader)
    act(admin_client, "resume", reader)
    assert log() == [("ada@example.org", "Paused."), ("ada@example.org", "Resumed.")]


def test_no_action_brings_back_who_left(admin_client: Client) -> None:
    left = make_reader(state="left", topics=(make_topic(),))
    mailed(left)
    for action in ("resume", "confirm_again", "send_again"):
        act(admin_client, action, left, sure="yes")
    left.refresh_from_db()
    assert (left.state, Letter.objects.count(), Digest.objects.get().state) == ("left", 0, "accepted")


def test_suppress_asks_why_first(admin_client: Client) -> None:
    reader = make_reader("ada@example.org")
    page = act(admin_client, "suppress", reader).content.decode()
    assert "ada@example.org" in page
    assert not Suppression.objects.exists()
    assert "This field is required." in act(admin_client, "suppress", reader, sure="yes", note=" ").content.decode()
    assert not Suppression.objects.exists()


def test_suppress_keeps_the_note_and_the_reasons_of_before(admin_client: Client) -> None:
    ada, bo = make_reader("ada@example.org"), make_reader("bo@example.org")
    Suppression.objects.suppress("bo@example.org", "complaint")
    answer = act(admin_client, "suppress", ada, bo, sure="yes", note="asked by phone")
    assert said(answer) == ["Suppressed: 1 of 2. The others were suppressed already."]
    found = Suppression.objects.order_by("address").values_list("address", "reason", "note")
    assert list(found) == [("ada@example.org", "staff", "asked by phone"), ("bo@example.org", "complaint", "")]
    assert log() == [("ada@example.org", "Suppressed: asked by phone")]


def test_confirm_again_mails_who_has_not_confirmed_once_a_day(admin_client: Client) -> None:
    pending = make_reader("ada@example.org", state="pending", topics=(make_topic("graph"),), time_zone="Europe/Rome")
    active = make_reader()
    answer = act(admin_client, "confirm_again", pending, active)
    assert said(answer)[0].startswith("Confirmation sent again: 1 of 2.")
    assert Letter.objects.values_list("kind", "address").get() == ("confirm", "ada@example.org")
    signup = Signup.objects.get()
    assert (signup.address, signup.topics, signup.time_zone) == ("ada@example.org", ["graph"], "Europe/Rome")
    assert said(act(admin_client, "confirm_again", pending))[0].startswith("Confirmation sent again: 0 of 1.")
    assert Letter.objects.count() == 1


def test_confirm_again_leaves_suppressed_addresses(admin_client: Client) -> None:
    pending = make_reader("ada@example.org", state="pending")
    Suppression.objects.suppress("ada@example.org", "staff")
    act(admin_client, "confirm_again", pending)
    assert not Letter.objects.exists()


def test_send_again_asks_first_and_then_makes_todays_digest_due(admin_client: Client) -> None:
    reader = make_reader("ada@example.org")
    digest = mailed(reader)
    assert "Send again" in act(admin_client, "send_again", reader).content.decode()
    assert Digest.objects.get(pk=digest.pk).state == "accepted"
    assert said(act(admin_client, "send_again", reader, sure="yes")) == ["Today's digest sent again: 1 of 1."]
    again = Digest.objects.get(pk=digest.pk)
    assert (again.state, again.key == digest.key) == ("pending", False)
    assert log() == [("ada@example.org", "Today's digest sent again.")]


@pytest.mark.parametrize("case", ["empty", "suppressed", "yesterday", "paused", "on the list"])
def test_send_again_leaves_who_gets_no_mail_or_had_none(admin_client: Client, case: str) -> None:
    reader = make_reader("ada@example.org", state="paused" if case == "paused" else "active")
    if case == "on the list":
        Suppression.objects.suppress("ada@example.org", "complaint")
    state = case if case in ("empty", "suppressed") else "accepted"
    days = timedelta(days=1 if case == "yesterday" else 0)
    digest = mailed(reader, state, due_at=NOON - timedelta(hours=5) - days)
    act(admin_client, "send_again", reader, sure="yes")
    assert Digest.objects.get(pk=digest.pk).state == state


def test_export_downloads_what_is_known_of_one(admin_client: Client) -> None:
    reader = make_reader("ada@example.org", topics=(make_topic("graph"),))
    answer = act(admin_client, "export", reader)
    assert answer["Content-Type"] == "application/json; charset=utf-8"
    assert answer["Content-Disposition"].startswith("attachment; filename=")
    assert json.loads(answer.content)["account"]["email"] == "ada@example.org"
    assert log() == [("ada@example.org", "Exported.")]


def test_export_is_one_readers_own(admin_client: Client) -> None:
    answer = act(admin_client, "export", make_reader(), make_reader())
    assert said(answer) == ["Choose one reader: an export is a person's own."]


def test_erase_asks_first_and_leaves_a_hash_and_a_log_without_a_name(admin_client: Client) -> None:
    reader = make_reader("ada@example.org", topics=(make_topic(),))
    mailed(reader)
    act(admin_client, "pause", reader)
    assert "cannot be undone" in act(admin_client, "erase", reader).content.decode()
    assert Reader.objects.filter(pk=reader.pk).exists()
    assert said(act(admin_client, "erase", reader, sure="yes")) == ["Erased: 1 of 1."]
    assert not Reader.objects.filter(pk=reader.pk).exists()
    assert Suppression.objects.among(["ada@example.org"]) == {"ada@example.org": "erased"}
    assert [entry for entry in log() if "ada" in " ".join(entry)] == []
    assert log()[-1] == ("an erased reader", "Erased.")


def test_delete_page_erases_too(admin_client: Client) -> None:
    reader = make_reader("ada@example.org")
    answer = admin_client.post(f"{LIST}{reader.pk}/delete/", {"post": "yes"})
    assert answer.status_code == 302
    assert not Reader.objects.filter(pk=reader.pk).exists()
    assert Suppression.objects.among(["ada@example.org"]) == {"ada@example.org": "erased"}
    assert log() == [("an erased reader", "Erased.")]


def test_nobody_erases_themselves_in_the_admin(admin_client: Client, admin_user: Reader) -> None:
    assert said(act(admin_client, "erase", admin_user, sure="yes")) == ["Erased: 0 of 1."]
    assert admin_client.post(f"{LIST}{admin_user.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Reader.objects.filter(pk=admin_user.pk).exists()


def test_stock_deletion_of_many_is_not_offered(admin_client: Client) -> None:
    reader = make_reader()
    act(admin_client, "delete_selected", reader, post="yes")
    assert Reader.objects.filter(pk=reader.pk).exists()


def test_action_on_too_many_changes_nothing(admin_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    readers = [make_reader(), make_reader()]
    monkeypatch.setattr(reader_actions.ReaderActions._chosen, "__kwdefaults__", {"most": 1})
    answer = act(admin_client, "pause", *readers)
    assert said(answer) == ["This takes 1 readers at most. Narrow the list; nothing has changed."]
    assert Reader.objects.filter(state="paused").count() == 0


def test_buttons_lead_back_to_the_readers_page(admin_client: Client) -> None:
    reader = make_reader()
    answer = admin_client.post(LIST, {"action": "pause", "_selected_action": [reader.pk], "back": str(reader.pk)})
    assert answer["Location"] == f"{LIST}{reader.pk}/change/"


@pytest.mark.parametrize("back", ["https://evil.example.com", "//evil", "-1", "x"])
def test_buttons_lead_nowhere_else(admin_client: Client, back: str) -> None:
    answer = admin_client.post(LIST, {"action": "pause", "_selected_action": [make_reader().pk], "back": back})
    assert answer["Location"] == LIST


def test_get_changes_nothing(admin_client: Client) -> None:
    reader = make_reader()
    admin_client.get(f"{LIST}?action=pause&_selected_action={reader.pk}")
    assert Reader.objects.get(pk=reader.pk).state == "active"


@pytest.mark.parametrize("action", ["pause", "suppress", "send_again"])
def test_action_asks_as_many_questions_for_three_as_for_one(
    admin_client: Client, action: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    def ready(count: int) -> list[Reader]:
        readers = [make_reader() for _ in range(count)]
        for reader in readers:
            mailed(reader)
        return readers

    one, three = ready(1), ready(3)
    Subscription.objects.all().delete()
    with django_assert_max_num_queries(40) as asked:
        act(admin_client, action, *one, sure="yes", note="why")
    with django_assert_max_num_queries(len(asked)):
        act(admin_client, action, *three, sure="yes", note="why")
