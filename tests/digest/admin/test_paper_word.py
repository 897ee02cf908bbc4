from typing import Any

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.models import Reader
from digest.models import Match, Paper
from tests.make import NOON, make_match, make_paper, make_submission, make_topic

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon() -> Any:
    with time_machine.travel(NOON, tick=False):
        yield


def say(client: Client, paper: Paper, name: str, reason: str = "") -> Any:
    return client.post(f"/admin/digest/paper/{paper.pk}/say/{name}/", {"reason": reason})


def word_on(paper: Paper) -> tuple[Any, Any, str]:
    paper.refresh_from_db()
    return paper.featured_at, paper.hidden_at, paper.staff_note


def logged() -> list[str]:
    return [entry.get_change_message() for entry in LogEntry.objects.order_by("pk")]


def test_paper_is_featured_hidden_and_taken_back_each_with_an_entry_in_the_log(admin_client: Client) -> None:
    paper = make_paper()
    make_match(make_topic(), paper)
    assert say(admin_client, paper, "feature", "read it").status_code == 302
    assert word_on(paper) == (NOON, None, "read it")
    assert say(admin_client, paper, "hide", "not a paper").status_code == 302
    assert word_on(paper) == (None, NOON, "not a paper")
    assert not Match.objects.exists()
    assert say(admin_client, paper, "take-back").status_code == 302
    assert word_on(paper) == (None, None, "")
    assert paper.match_due_at == NOON
    assert logged() == ["Featured: read it", "Hidden: not a paper", "Taken back."]


def test_paper_that_is_featured_on_its_own_page_waits_for_no_answer_any_more(admin_client: Client) -> None:
    submission, other = make_submission(), make_submission()
    say(admin_client, submission.paper, "feature", "read it")
    for row in (submission, other):
        row.refresh_from_db()
    assert (submission.state, submission.word, submission.decided_at) == ("featured", "read it", NOON)
    assert other.is_waiting


@pytest.mark.parametrize("name", ["feature", "hide"])
@pytest.mark.parametrize("reason", ["", "   ", "x" * 201])
def test_reason_that_is_missing_or_too_long_is_asked_for_at_the_field(
    admin_client: Client, name: str, reason: str
) -> None:
    paper = make_paper()
    answer = say(admin_client, paper, name, reason)
    assert answer.status_code == 200
    assert set(answer.context["form"].errors) == {"reason"}
    assert (word_on(paper), logged()) == ((None, None, ""), [])


@pytest.mark.parametrize("name", ["feature", "hide", "take-back"])
def test_asking_changes_nothing(admin_client: Client, name: str) -> None:
    paper = make_paper(featured_at=NOON, staff_note="read it")
    assert admin_client.get(f"/admin/digest/paper/{paper.pk}/say/{name}/").status_code == 200
    assert word_on(paper) == (NOON, None, "read it")


@pytest.mark.parametrize("name", ["take-back", "praise"])
def test_word_that_makes_no_sense_now_is_not_found(admin_client: Client, name: str) -> None:
    assert say(admin_client, make_paper(), name).status_code == 404


def test_withdrawn_paper_cannot_be_featured(admin_client: Client) -> None:
    assert say(admin_client, make_paper(withdrawn_at=NOON), "feature", "read it").status_code == 404


def test_staff_who_may_only_look_see_no_buttons_and_cannot_act(client: Client) -> None:
    staff = Reader.objects.create_user("staff@example.org", is_staff=True)
    staff.user_permissions.add(Permission.objects.get(codename="view_paper"))
    client.force_login(staff)
    paper = make_paper()
    page = client.get(f"/admin/digest/paper/{paper.pk}/change/").content.decode()
    assert "/say/" not in page
    for name in ("feature", "hide"):
        assert client.get(f"/admin/digest/paper/{paper.pk}/say/{name}/").status_code == 403
        assert say(client, paper, name, "read it").status_code == 403
    assert word_on(paper) == (None, None, "")


def test_word_without_the_token_of_the_form_is_refused(admin_user: Reader) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin_user)
    paper = make_paper()
    assert say(client, paper, "hide", "not a paper").status_code == 403
    assert word_on(paper) == (None, None, "")
