from datetime import timedelta

import pytest

from digest.models import Feedback
from tests.make import NOON, make_paper, make_reader

pytestmark = pytest.mark.django_db


def test_latest_word_counts() -> None:
    reader, paper = make_reader(), make_paper()
    Feedback.objects.say(reader.pk, paper.pk, wants_more=True, now=NOON)
    Feedback.objects.say(reader.pk, paper.pk, wants_more=False, now=NOON + timedelta(hours=1))
    assert [(row.wants_more, row.said_at) for row in Feedback.objects.all()] == [(False, NOON + timedelta(hours=1))]


def test_take_back_tells_whether_there_was_anything() -> None:
    reader, paper = make_reader(), make_paper()
    Feedback.objects.say(reader.pk, paper.pk, wants_more=True, now=NOON)
    assert [Feedback.objects.take_back(reader.pk, paper.pk) for _ in range(2)] == [True, False]


@pytest.mark.parametrize("many", [3, 100])
def test_latest_of_gives_each_reader_the_latest_first_and_no_more_than_are_read(
    monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    monkeypatch.setattr("digest.models.feedback.MOST_READ", 2)
    monkeypatch.setattr("digest.models.feedback.MANY", many)
    ada, bea, silent = make_reader(), make_reader(), make_reader()
    papers = [make_paper().pk for _ in range(3)]
    for hours, paper in enumerate(papers):
        Feedback.objects.say(ada.pk, paper, wants_more=hours % 2 == 0, now=NOON + timedelta(hours=hours))
    Feedback.objects.say(bea.pk, papers[0], wants_more=False, now=NOON)
    said = Feedback.objects.latest_of([ada.pk, bea.pk, silent.pk])
    assert {reader: list(found.items()) for reader, found in said.items()} == {
        ada.pk: [(papers[2], True), (papers[1], False)],
        bea.pk: [(papers[0], False)],
    }
