import pytest
from django.http import Http404
from django.test import RequestFactory

from digest.web.paging import page_number, page_query


@pytest.mark.parametrize(("query", "number"), [("", 1), ("page=1", 1), ("page=2", 2), ("page=999999", 999999)])
def test_page_of_a_list_is_asked_for_by_number(rf: RequestFactory, query: str, number: int) -> None:
    assert page_number(rf.get(f"/?{query}")) == number


@pytest.mark.parametrize(
    "text", ["", "0", "-1", "02", "1.5", "two", "1000000", "%E2%91%A1", "%D9%A2", "2%0A", "9" * 5000]
)
def test_page_that_is_no_number_is_not_there(rf: RequestFactory, text: str) -> None:
    with pytest.raises(Http404):
        page_number(rf.get(f"/?page={text}"))


def test_address_of_the_first_page_names_no_page() -> None:
    assert (page_query(1), page_query(2)) == ("", "?page=2")
