from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.test import Client

from accounts.models import Reader
from digest.models import Submission
from tests.digest.admin.make import path, signed_in
from tests.make import NOON, make_identifier, make_paper, make_reader, make_submission

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon() -> Any:
    with time_machine.travel(NOON, tick=False):
        yield


def answer(client: Client, submission: Submission, name: str, word: str = "") -> Any:
    return client.post(f"/admin/digest/submission/{submission.pk}/answer/{name}/", {"reason": word})


def state_of(submission: Submission) -> tuple[str, str, Any]:
    submission.refresh_from_db()
    return submission.state, submission.word, submission.decided_at


def logged() -> list[str]:
    return [entry.get_change_message() for entry in LogEntry.objects.order_by("pk")]


def test_paper_is_featured_with_the_word_that_everybody_sees(admin_client: Client) -> None:
    submission = make_submission()
    assert answer(admin_client, submission, "feature", "read it").status_code == 302
    assert state_of(submission) == ("featured", "read it", NOON)
    assert (submission.paper.featured_at, submission.paper.staff_note) == (NOON, "read it")
    assert logged() == ["Featured: read it"]


def test_paper_that_is_declined_stays_and_the_reader_gets_a_word(admin_client: Client) -> None:
    submission = make_submission()
    assert answer(admin_client, submission, "decline", "not ours").status_code == 302
    assert state_of(submission) == ("declined", "not ours", NOON)
    assert (submission.paper.featured_at, submission.paper.stands) == (None, True)
    assert logged() == ["Declined: not ours"]


@pytest.mark.parametrize("name", ["feature", "decline"])
@pytest.mark.parametrize("word", ["", "   ", "x" * 201])
def test_word_that_is_missing_or_too_long_is_asked_for_at_the_field(admin_client: Client, name: str, word: str) -> None:
    submission = make_submission()
    page = answer(admin_client, submission, name, word)
    assert (page.status_code, set(page.context["form"].errors)) == (200, {"reason"})
    assert (state_of(submission), logged()) == (("waiting", "", None), [])


@pytest.mark.parametrize("name", ["feature", "decline"])
def test_asking_changes_nothing(admin_client: Client, name: str) -> None:
    submission = make_submission(said="The best of the week")
    page = admin_client.get(f"/admin/digest/submission/{submission.pk}/answer/{name}/")
    assert "The best of the week" in page.content.decode()
    assert state_of(submission) == ("waiting", "", None)


@pytest.mark.parametrize("name", ["feature", "decline", "praise"])
def test_answer_that_makes_no_sense_now_is_not_found(admin_client: Client, name: str) -> None:
    decided = make_submission(state="declined", decided_at=NOON)
    assert answer(admin_client, decided, name, "no").status_code == 404
    if name != "decline":
        assert answer(admin_client, make_submission(make_paper(withdrawn_at=NOON)), name, "no").status_code == 404


def test_list_begins_with_who_has_waited_longest(admin_client: Client) -> None:
    old = make_submission(submitted_at=NOON - timedelta(days=9), state="featured", decided_at=NOON)
    new, waiting = make_submission(), make_submission(submitted_at=NOON - timedelta(days=2))
    page = admin_client.get(path(Submission, "changelist"))
    assert list(page.context["cl"].result_list) == [waiting, new, old]
    page = admin_client.get(path(Submission, "changelist"), {"state": "featured"})
    assert list(page.context["cl"].result_list) == [old]


def test_submission_is_found_by_what_its_paper_is_known_by(admin_client: Client) -> None:
    other, wanted = make_submission(), make_submission()
    make_identifier(wanted.paper, "2603.00001")
    for text, found in (("2603.00001", [wanted]), ("2603", [wanted]), ("2604", []), ("\0", [other, wanted])):
        page = admin_client.get(path(Submission, "changelist"), {"q": text})
        assert list(page.context["cl"].result_list) == found


def test_front_page_says_who_waits_and_since_when(admin_client: Client) -> None:
    assert "submitted paper" not in admin_client.get("/admin/").content.decode()
    make_submission(submitted_at=NOON - timedelta(days=2))
    page = admin_client.get("/admin/").content.decode()
    assert "1 submitted paper waits for an answer, the first since 2 March." in page
    assert "/admin/digest/submission/?state=waiting" in page
    make_submission()
    assert (
        "2 submitted papers wait for an answer, the first since 2 March."
        in admin_client.get("/admin/").content.decode()
    )


def test_editors_answer_and_support_does_not() -> None:
    submission = make_submission()
    assert answer(signed_in("support"), submission, "feature", "read it").status_code == 403
    page = signed_in("editor").get(path(Submission, "change", submission.pk)).content.decode()
    assert f"/admin/digest/submission/{submission.pk}/answer/decline/" in page
    assert answer(signed_in("editor"), submission, "feature", "read it").status_code == 302
    assert state_of(submission)[0] == "featured"


def test_answer_without_the_token_of_the_form_is_refused(admin_user: Reader) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin_user)
    submission = make_submission()
    assert answer(client, submission, "decline", "no").status_code == 403
    assert state_of(submission)[0] == "waiting"


def test_what_a_reader_said_goes_with_the_reader_and_the_paper_stays() -> None:
    submission = make_submission(reader=make_reader())
    submission.reader.delete()
    submission.paper.refresh_from_db()
    assert not Submission.objects.exists()
