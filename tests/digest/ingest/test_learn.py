from datetime import timedelta
from typing import Any

import pytest

from digest.ingest.clean import UNTITLED
from digest.ingest.learn import learn, save_learnt
from digest.models import Paper
from tests.make import NOON, TODAY, make_listing, make_paper

YESTERDAY = TODAY - timedelta(days=1)


def paper_of(**given: Any) -> Paper:
    return Paper(**{"title": "One paper", "announced_on": TODAY, "match_due_at": None} | given)


def taught(paper: Paper, *, announced_on: Any = None, withdrawn: bool = False, **given: Any) -> bool:
    listing = make_listing(**{"title": "Another title", "abstract": "", "authors": (), "url": ""} | given)
    return learn(paper, listing, announced_on=announced_on, withdrawn=withdrawn, now=NOON)


def test_nothing_new_changes_nothing() -> None:
    paper = paper_of(categories=["cs.CL"])
    assert not taught(paper, announced_on=TODAY)
    assert (paper.title, paper.match_due_at) == ("One paper", None)


def test_gaps_are_filled_and_the_paper_is_matched_again() -> None:
    paper = paper_of(complete_due_at=NOON)
    assert taught(paper, abstract="What it says.", authors=("Ada Lindqvist",), author_count=7)
    assert (paper.abstract, paper.authors, paper.author_count) == ("What it says.", ["Ada Lindqvist"], 7)
    assert (paper.match_due_at, paper.complete_due_at) == (NOON, None)


def test_title_that_stood_for_none_is_a_gap() -> None:
    paper = paper_of(title=UNTITLED)
    taught(paper)
    assert paper.title == "Another title"


def test_later_version_without_a_title_leaves_the_title() -> None:
    paper = paper_of()
    assert taught(paper, title=UNTITLED, version=2)
    assert (paper.title, paper.version) == ("One paper", 2)


def test_number_of_authors_goes_with_their_names() -> None:
    paper = paper_of(authors=["Ada Lindqvist"], author_count=0, categories=["cs.CL"])
    assert not taught(paper, authors=("A. Lindqvist", "B. Ek"), author_count=900)
    assert paper.author_count == 0
    taught(paper, authors=("A. Lindqvist", "B. Ek"), author_count=900, version=2)
    assert (paper.authors, paper.author_count) == (["A. Lindqvist", "B. Ek"], 900)


@pytest.mark.parametrize(("known", "said", "kept"), [(TODAY, YESTERDAY, YESTERDAY), (YESTERDAY, TODAY, YESTERDAY)])
def test_earlier_announcement_counts(known: Any, said: Any, kept: Any) -> None:
    paper = paper_of(announced_on=known)
    taught(paper, announced_on=said)
    assert paper.announced_on == kept


def test_paper_that_was_never_announced_is_not_due_for_matching() -> None:
    paper = paper_of(announced_on=None)
    assert taught(paper, abstract="What it says.")
    assert paper.match_due_at is None


def test_other_row_of_the_same_paper_teaches_as_a_listing_does() -> None:
    paper, other = paper_of(), paper_of(abstract="What it says.", version=2, title="Later title")
    learn(paper, other, announced_on=YESTERDAY, withdrawn=True, now=NOON)
    assert (paper.title, paper.abstract, paper.version) == ("Later title", "What it says.", 2)
    assert (paper.announced_on, paper.withdrawn_at) == (YESTERDAY, NOON)


@pytest.mark.django_db
def test_save_learnt_writes_what_was_learnt_and_nothing_else() -> None:
    paper = make_paper(trend=1.0)
    Paper.objects.update(trend=2.0)
    paper.title = "Another title"
    save_learnt([paper])
    save_learnt([])
    assert list(Paper.objects.values_list("title", "trend")) == [("Another title", 2.0)]
