import pytest
from django.http import Http404
from django.test import RequestFactory

from digest.web.paging import page_address, page_number, turn


@pytest.mark.parametrize(("query", "number"), [("", 1), ("page=1", 1), ("page=2", 2), ("page=999999", 999999)])
def test_page_of_a_list_is_asked_for_by_number(rf: RequestFactory, query: str, number: int) -> None:
    assert page_number(rf.get(f"/?{query}")) == number


@pytest.mark.parametrize(
    "text", ["", "0", "-1", "02", "1.5", "two", "1000000", "%E2%91%A1", "%D9%A2", "2%0A", "9" * 5000]
)
def test_page_that_is_no_number_is_not_there(rf: RequestFactory, text: str) -> None:
    with pytest.raises(Http404):
        page_number(rf.get(f"/?page={text}"))


def test_page_is_named_in_the_address_but_for_the_first() -> None:
    found = [page_address("/trending", 1), page_address("/trending", 2), page_address("/search?q=a", 3)]
    assert found == ["/trending", "/trending?page=2", "/search?q=a&page=3"]


def test_first_and_last_page_lead_to_one_other_each() -> None:
    first, last = turn("/trending", 1, has_more=True), turn("/trending", 2, has_more=False)
    assert first == {"number": 1, "before": "", "after": "/trending?page=2"}
    assert last == {"number": 2, "before": "/trending", "after": ""}
