from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from digest.models import Match, Paper, PaperIdentifier, Sighting, Signal
from digest.sources.listing import Scheme
from tests.make import NOON, TODAY, make_identifier, make_match, make_paper, make_sighting, make_signal, make_topic

pytestmark = pytest.mark.django_db

LEASE = timedelta(minutes=10)


def test_paper_without_title_is_refused_by_the_database() -> None:
    with pytest.raises(IntegrityError):
        make_paper(title="")


def test_paper_that_is_new_is_due_for_matching() -> None:
    paper = Paper.objects.create(title="A quiet method", announced_on=TODAY)
    assert paper.match_due_at is not None
    assert list(Paper.objects.due_for_matching(paper.match_due_at)) == [paper]


def test_due_for_matching_holds_the_longest_due_first() -> None:
    late, early = (make_paper(match_due_at=NOON - timedelta(hours=hours)) for hours in (1, 2))
    make_paper(match_due_at=None)
    make_paper(match_due_at=NOON + timedelta(seconds=1))
    assert list(Paper.objects.due_for_matching(NOON)) == [early, late]


def test_claim_for_matching_takes_up_to_the_limit() -> None:
    papers = [make_paper(match_due_at=NOON) for _ in range(3)]
    assert Paper.objects.claim_for_matching(NOON, limit=2) == papers[:2]
    assert Paper.objects.claim_for_matching(NOON, limit=2) == papers[2:]
    assert Paper.objects.claim_for_matching(NOON, limit=2) == []


def test_claim_for_matching_that_is_never_recorded_comes_due_again() -> None:
    paper = make_paper(match_due_at=NOON)
    Paper.objects.claim_for_matching(NOON, limit=1)
    assert list(Paper.objects.due_for_matching(NOON + LEASE - timedelta(seconds=1))) == []
    assert list(Paper.objects.due_for_matching(NOON + LEASE)) == [paper]


def test_record_matched_releases_the_claimed_papers() -> None:
    make_paper(match_due_at=NOON)
    make_paper(match_due_at=NOON)
    Paper.objects.record_matched(Paper.objects.claim_for_matching(NOON, limit=2))
    assert Paper.objects.filter(match_due_at=None).count() == 2


def test_record_matched_keeps_a_paper_due_that_has_changed_since() -> None:
    changed, same = (make_paper(match_due_at=NOON) for _ in range(2))
    claimed = Paper.objects.claim_for_matching(NOON, limit=2)
    Paper.objects.filter(pk=changed.pk).update(match_due_at=NOON + timedelta(seconds=5))
    Paper.objects.record_matched(claimed)
    assert list(Paper.objects.due_for_matching(NOON + LEASE)) == [changed]
    same.refresh_from_db()
    assert same.match_due_at is None


def test_record_matched_of_nothing_changes_nothing() -> None:
    make_paper(match_due_at=NOON)
    Paper.objects.record_matched([])
    assert Paper.objects.filter(match_due_at=NOON).count() == 1


def test_announced_between_holds_both_ends() -> None:
    papers = [make_paper(announced_on=TODAY + timedelta(days=offset)) for offset in (-2, -1, 0, 1)]
    found = Paper.objects.announced_between(TODAY - timedelta(days=1), TODAY)
    assert list(found.order_by("pk")) == papers[1:3]


def test_papers_come_in_the_order_of_their_keys_without_those_that_are_gone() -> None:
    first, second, hidden = make_paper(), make_paper(), make_paper(hidden_at=NOON)
    keys = [second.pk, hidden.pk, second.pk + 1000, first.pk]
    assert Paper.objects.standing().in_order(keys) == [second, first]


def test_withdrawn_papers_are_in_none_of_what_is_shown() -> None:
    paper = make_paper(trend=1)
    make_paper(trend=2, withdrawn_at=NOON)
    for found in (Paper.objects.standing(), Paper.objects.announced_between(TODAY, TODAY), Paper.objects.trending()):
        assert list(found) == [paper]


def test_claim_for_completion_takes_the_longest_due_with_their_identifiers(django_assert_num_queries: Any) -> None:
    late, early = (make_paper(complete_due_at=NOON - timedelta(hours=hours)) for hours in (1, 2))
    make_identifier(early, "10.5555/1", scheme=Scheme.DOI)
    make_paper(complete_due_at=NOON + timedelta(seconds=1))
    make_paper()
    [claimed] = Paper.objects.claim_for_completion(NOON, limit=1)
    assert claimed == early
    with django_assert_num_queries(0):
        assert [str(row) for row in claimed.identifiers.all()] == ["doi:10.5555/1"]
    assert Paper.objects.claim_for_completion(NOON, limit=2) == [late]
    assert set(Paper.objects.due_for_completion(NOON + LEASE)) >= {early, late}


def test_trending_holds_papers_with_a_trend_highest_first() -> None:
    low, high, same = (make_paper(trend=trend) for trend in (0.5, 3, 3))
    make_paper(trend=0)
    assert list(Paper.objects.trending()) == [high, same, low]


def test_identifier_belongs_to_one_paper() -> None:
    make_identifier(make_paper(), "2603.00001")
    with pytest.raises(IntegrityError):
        make_identifier(make_paper(), "2603.00001")


def test_identifier_in_another_scheme_is_another() -> None:
    make_identifier(make_paper(), "12345", scheme=Scheme.ARXIV)
    make_identifier(make_paper(), "12345", scheme=Scheme.PMID)
    assert PaperIdentifier.objects.count() == 2


@pytest.mark.parametrize("scheme", [scheme.value for scheme in Scheme])
def test_identifier_scheme_of_every_listing_is_stored(scheme: str) -> None:
    assert str(make_identifier(make_paper(), "abc", scheme=scheme)) == f"{scheme}:abc"


def test_identifier_scheme_unknown_is_refused_by_the_database() -> None:
    identifier = make_identifier(make_paper(), "abc")
    with pytest.raises(IntegrityError), transaction.atomic():
        PaperIdentifier.objects.filter(pk=identifier.pk).update(scheme="isbn")


def test_deleting_a_paper_deletes_all_that_is_known_of_it() -> None:
    paper = make_paper()
    make_identifier(paper, "2603.00001")
    make_sighting(paper)
    make_signal(paper)
    make_match(make_topic(), paper)
    paper.delete()
    assert [model.objects.count() for model in (PaperIdentifier, Sighting, Signal, Match)] == [0, 0, 0, 0]


def test_str_is_the_title() -> None:
    assert str(make_paper(title="A quiet method")) == "A quiet method"


def test_featured_papers_are_those_of_the_last_week_latest_first() -> None:
    names = {0: "today", 7: "a week ago", 8: "before"}
    for days, title in names.items():
        make_paper(title=title, featured_at=NOON - timedelta(days=days), staff_note="read it")
    make_paper(title="taken back", featured_at=NOON, withdrawn_at=NOON)
    featured = Paper.objects.featured(TODAY)
    assert [paper.title for paper in featured] == ["today", "a week ago"]
    assert {paper.title for paper in Paper.objects.all() if paper.is_featured(TODAY)} == {"today", "a week ago"}


def test_hiding_a_paper_takes_its_matches_and_taking_that_back_has_it_matched_again() -> None:
    paper = make_paper(featured_at=NOON, staff_note="read it")
    make_match(make_topic(), paper)
    paper.hide("not a paper", NOON)
    paper.refresh_from_db()
    assert (paper.stands, paper.featured_at, paper.staff_note, paper.match_due_at) == (False, None, "not a paper", None)
    assert not paper.matches.exists()
    paper.take_back(NOON)
    paper.refresh_from_db()
    assert (paper.stands, paper.staff_note, paper.match_due_at) == (True, "", NOON)


def test_featuring_a_hidden_paper_shows_it_and_has_it_matched_again() -> None:
    paper = make_paper(hidden_at=NOON, staff_note="not a paper")
    paper.feature("read it", NOON)
    paper.refresh_from_db()
    assert (paper.stands, paper.featured_at, paper.staff_note, paper.match_due_at) == (True, NOON, "read it", NOON)


def test_taking_back_that_a_paper_is_featured_changes_no_match() -> None:
    paper = make_paper(featured_at=NOON, staff_note="read it")
    match = make_match(make_topic(), paper)
    paper.take_back(NOON)
    paper.refresh_from_db()
    assert (paper.featured_at, paper.match_due_at, paper.matches.get()) == (None, None, match)


def test_hidden_paper_that_is_known_by_no_announcement_yet_is_not_matched() -> None:
    paper = make_paper(announced_on=None, hidden_at=NOON, staff_note="not a paper")
    paper.take_back(NOON)
    paper.refresh_from_db()
    assert paper.match_due_at is None
