from typing import Any

import pytest
from django.core.paginator import EmptyPage
from django.db.models import QuerySet

from digest.admin import lists
from digest.admin.lists import LatestOnly
from digest.models import Paper
from tests.make import make_paper

pytestmark = pytest.mark.django_db


def titles(paginator: LatestOnly, number: int) -> list[str]:
    return [paper.title for paper in paginator.page(number)]


def papers(count: int) -> QuerySet[Paper]:
    for number in range(count):
        make_paper(title=str(number))
    return Paper.objects.order_by("-pk")


def test_pages_hold_the_rows_in_their_order() -> None:
    paginator = LatestOnly(papers(5), 2)
    assert [titles(paginator, number) for number in (1, 2, 3)] == [["4", "3"], ["2", "1"], ["0"]]


def test_pages_end_where_counting_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "COUNTED", 3)
    paginator = LatestOnly(papers(5), 2)
    assert (paginator.count, titles(paginator, 2)) == (3, ["2"])
    with pytest.raises(EmptyPage):
        paginator.page(3)


def test_page_is_read_in_three_queries(django_assert_num_queries: Any) -> None:
    rows = papers(5)
    with django_assert_num_queries(3):  # the count, the keys, the rows
        titles(LatestOnly(rows, 2), 1)
