from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from digest.models import Submission
from tests.make import NOON, make_paper, make_reader, make_submission

pytestmark = pytest.mark.django_db


def answer_of(submission: Submission) -> tuple[str, str, Any]:
    submission.refresh_from_db()
    return submission.state, submission.word, submission.decided_at


def test_those_that_wait_come_in_the_order_of_waiting() -> None:
    late, early = make_submission(), make_submission(submitted_at=NOON - timedelta(days=1))
    make_submission(state="declined", decided_at=NOON)
    assert list(Submission.objects.waiting()) == [early, late]


def test_paper_that_is_featured_is_so_for_all_who_submitted_it() -> None:
    paper = make_paper()
    first, second, other = make_submission(paper), make_submission(paper), make_submission()
    declined = make_submission(paper, state="declined", word="no", decided_at=NOON)
    first.feature("read it", NOON)
    assert (first.state, first.word) == ("featured", "read it")
    assert answer_of(second) == ("featured", "read it", NOON)
    assert answer_of(declined) == ("declined", "no", NOON)
    assert answer_of(other) == ("waiting", "", None)
    paper.refresh_from_db()
    assert (paper.featured_at, paper.staff_note) == (NOON, "read it")


def test_paper_that_is_declined_is_left_alone() -> None:
    submission = make_submission()
    submission.decline("not ours", NOON)
    assert answer_of(submission) == ("declined", "not ours", NOON)
    submission.paper.refresh_from_db()
    assert (submission.paper.featured_at, submission.paper.hidden_at) == (None, None)


@pytest.mark.parametrize(
    "bad", [{"state": "praised", "decided_at": NOON}, {"decided_at": NOON}, {"state": "featured", "decided_at": None}]
)
def test_submission_that_makes_no_sense_is_refused_by_the_database(bad: dict[str, Any]) -> None:
    submission = make_submission()
    with pytest.raises(IntegrityError), transaction.atomic():
        Submission.objects.filter(pk=submission.pk).update(**bad)


def test_reader_submits_a_paper_once() -> None:
    submission = make_submission(make_paper(), make_reader())
    with pytest.raises(IntegrityError), transaction.atomic():
        make_submission(submission.paper, submission.reader)
