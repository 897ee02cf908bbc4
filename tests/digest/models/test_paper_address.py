from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.models.paper_address import known_paper, public_ids
from tests.make import NOON, make_identifier, make_paper

pytestmark = pytest.mark.django_db


def test_paper_is_known_by_arxiv_id_then_doi_then_number() -> None:
    both, journal, neither = make_paper(), make_paper(), make_paper()
    make_identifier(both, "10.5555/abc", scheme="doi")
    make_identifier(both, "2506.00001")
    make_identifier(journal, "10.5555/def", scheme="doi")
    make_identifier(neither, "https://example.org/17", scheme="url")
    assert public_ids([both.pk, journal.pk, neither.pk]) == {
        both.pk: "2506.00001",
        journal.pk: "10.5555/def",
        neither.pk: str(neither.pk),
    }


def test_of_two_of_a_scheme_the_first_is_what_it_is_known_by() -> None:
    paper = make_paper()
    for value in ("10.5555/first", "10.5555/second"):
        make_identifier(paper, value, scheme="doi")
    assert public_ids([paper.pk]) == {paper.pk: "10.5555/first"}


@pytest.mark.parametrize("papers", [1, 30])
def test_names_of_many_take_one_query(papers: int, django_assert_num_queries: Any) -> None:
    keys = [make_identifier(make_paper(), f"2506.{number:05}").paper_id for number in range(papers)]
    with django_assert_num_queries(1):
        assert len(public_ids(keys)) == papers


@pytest.mark.parametrize(
    "text",
    [
        "2506.00001",
        "2506.00001v3",
        "arXiv:2506.00001",
        "arxiv:2506.00001v12",
        "https://arxiv.org/abs/2506.00001",
        "http://arxiv.org/pdf/2506.00001v2.pdf",
        "https://huggingface.co/papers/2506.00001",
        "10.48550/arXiv.2506.00001",
        "https://doi.org/10.48550/arXiv.2506.00001",
        "10.5555/ABC",
        "10.5555/abc",
        "https://doi.org/10.5555/abc",
        "doi:10.5555/abc",
    ],
)
def test_paper_is_found_by_any_spelling(text: str) -> None:
    paper = make_paper()
    make_identifier(paper, "2506.00001")
    make_identifier(paper, "10.5555/abc", scheme="doi")
    assert known_paper(text) == paper


def test_paper_is_found_by_an_id_of_the_old_kind_and_by_its_number() -> None:
    paper = make_paper()
    make_identifier(paper, "hep-th/9901001")
    assert [known_paper(text) for text in ("hep-th/9901001v1", str(paper.pk), f"00{paper.pk}")] == [paper] * 3


def test_withdrawn_or_hidden_paper_is_found() -> None:
    papers = [make_paper(withdrawn_at=NOON), make_paper(hidden_at=NOON)]
    assert [known_paper(str(paper.pk)) for paper in papers] == papers


@pytest.mark.parametrize(
    "text", ["", "2506.99999", "10.5555/nothing", "9" * 18, "9" * 19, "9" * 400, "٣", "0", "a/b", "nothing at all"]
)
def test_unknown_name_finds_nothing(text: str) -> None:
    make_identifier(make_paper(), "2506.00001")
    assert known_paper(text) is None


@given(st.text(max_size=400))
def test_any_text_finds_a_paper_or_nothing(text: str) -> None:
    known_paper(text)
