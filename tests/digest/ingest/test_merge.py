from datetime import datetime, timedelta
from typing import Any

import pytest

from digest.ingest import merge as merging
from digest.ingest.merge import merge
from digest.models import Digest, Feedback, Match, Paper, Sighting, Signal, Submission, Vote
from tests.make import (
    NOON,
    TODAY,
    make_digest,
    make_identifier,
    make_match,
    make_paper,
    make_reader,
    make_sighting,
    make_signal,
    make_source,
    make_topic,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def make_pair(**given: Any) -> tuple[Paper, Paper]:
    """Make the paper that is kept and the one that becomes it."""
    return make_paper(title="Kept", created_at=NOON), make_paper(**{"title": "Other", "created_at": NOON} | given)


def make_mailed(picks: list[list[int]], trending: list[int], *, days_ago: int = 0) -> Digest:
    return make_digest(
        make_reader(), TODAY - days_ago * DAY, state="accepted", next_attempt_at=None, picks=picks, trending=trending
    )


def test_all_that_hangs_on_the_other_row_moves_to_the_kept_one() -> None:
    kept, other = make_pair()
    make_identifier(other, "10.5555/1", scheme="doi")
    source, topic = make_source(), make_topic()
    make_sighting(other, source)
    make_signal(other, 84)
    make_match(topic, other)
    merge({other: kept}, NOON)
    assert Paper.objects.get() == kept
    assert str(kept.identifiers.get()) == "doi:10.5555/1"
    assert (kept.sightings.get().source, kept.signals.get().value, kept.matches.get().topic) == (source, 84, topic)


def test_what_both_rows_have_is_had_once() -> None:
    kept, other = make_pair()
    source, topic = make_source(), make_topic()
    for paper, value in ((kept, 5), (other, 7)):
        make_sighting(paper, source)
        make_signal(paper, value)
        make_match(topic, paper)
    make_signal(other, 9, observed_at=NOON + DAY)
    merge({other: kept}, NOON)
    assert [model.objects.count() for model in (Sighting, Match)] == [1, 1]
    assert list(Signal.objects.order_by("observed_at").values_list("value", flat=True)) == [5, 9]


def test_kept_row_learns_what_the_other_knew_and_is_matched_again() -> None:
    kept, other = make_pair(abstract="What it says.", announced_on=TODAY - 3 * DAY, authors=["Ada Lindqvist"])
    merge({other: kept}, NOON)
    paper = Paper.objects.get()
    assert (paper.title, paper.abstract, paper.authors) == ("Kept", "What it says.", ["Ada Lindqvist"])
    assert (paper.announced_on, paper.match_due_at) == (TODAY - 3 * DAY, NOON)


def test_rows_that_knew_the_same_are_matched_and_indexed_again_all_the_same() -> None:
    kept, other = make_pair(title="Kept")
    Paper.objects.update(index_due_at=None, changed_at=NOON - DAY)
    merge({other: kept}, NOON)
    paper = Paper.objects.get()
    assert (paper.match_due_at, paper.index_due_at, paper.changed_at) == (NOON, NOON, NOON)


def test_digests_name_the_kept_row() -> None:
    kept, other = make_pair()
    third = make_paper()
    make_signal(other)
    picked = make_mailed([[third.pk, 1], [other.pk, 2, 3]], [])
    trending = make_mailed([[third.pk, 1]], [other.pk], days_ago=-3)
    both = make_mailed([[kept.pk, 1], [other.pk, 2]], [])
    picked_and_trending = make_mailed([[kept.pk, 1]], [other.pk, third.pk])
    merge({other: kept}, NOON)
    said = {digest.pk: (digest.picks, digest.trending) for digest in Digest.objects.all()}
    assert said == {
        picked.pk: ([[third.pk, 1], [kept.pk, 2, 3]], []),
        trending.pk: ([[third.pk, 1]], [kept.pk]),
        both.pk: ([[kept.pk, 1]], []),
        picked_and_trending.pk: ([[kept.pk, 1]], [third.pk]),
    }


def test_digests_are_not_read_for_papers_that_cannot_have_been_mailed(django_assert_max_num_queries: Any) -> None:
    kept, other = make_pair()
    with django_assert_max_num_queries(40) as queries:
        merge({other: kept}, NOON)
    assert not any('FROM "digest_digest"' in query["sql"] for query in queries.captured_queries)


@pytest.mark.parametrize(
    ("created_at", "day", "renamed"),
    [
        (NOON, TODAY - 2 * DAY, False),
        (NOON, TODAY - DAY, True),
        (NOON, TODAY + 9 * DAY, True),
        (NOON, TODAY + 10 * DAY, False),
        (NOON - 60 * DAY, TODAY - 50 * DAY, True),
    ],
)
def test_digests_are_read_of_the_days_on_which_the_paper_was_news(
    created_at: datetime, day: Any, renamed: bool
) -> None:
    kept, other = make_pair(created_at=created_at, announced_on=created_at.date())
    make_sighting(other)
    make_signal(other)
    digest = make_mailed([[other.pk, 1]], [], days_ago=(TODAY - day).days)
    merge({other: kept}, NOON)
    digest.refresh_from_db()
    assert (digest.picks == [[kept.pk, 1]]) == renamed


def test_digest_that_only_names_a_topic_of_that_number_stays() -> None:
    kept, other = make_pair()
    make_signal(other)
    digest = make_mailed([[kept.pk + 1000, other.pk]], [other.pk * 10])
    merge({other: kept}, NOON)
    digest.refresh_from_db()
    assert (digest.picks, digest.trending) == ([[kept.pk + 1000, other.pk]], [other.pk * 10])


def test_of_a_paper_without_votes_only_digests_of_readers_of_its_topics_are_read() -> None:
    kept, other = make_pair()
    topic = make_topic()
    make_match(topic, other)
    digests = [
        make_digest(reader, state="accepted", next_attempt_at=None, picks=[[other.pk, topic.pk]])
        for reader in (make_reader(topics=(topic,)), make_reader(topics=(make_topic("speech"),)))
    ]
    merge({other: kept}, NOON)
    for digest, paper in zip(digests, (kept.pk, other.pk), strict=True):
        digest.refresh_from_db()
        assert digest.picks == [[paper, topic.pk]]


def test_digests_are_rewritten_piece_by_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merging, "PIECE", 2)
    kept, other = make_pair()
    make_signal(other)
    digests = [make_mailed([[other.pk, 1]], []) for _ in range(5)]
    before = [digest.state for digest in digests]
    merge({other: kept}, NOON)
    after = Digest.objects.order_by("pk")
    assert [digest.state for digest in after] == before
    assert [digest.picks for digest in after] == [[[kept.pk, 1]]] * 5


def test_several_rows_become_one() -> None:
    kept, other = make_pair()
    third = make_paper(abstract="What it says.")
    for paper in (other, third):
        make_sighting(paper, make_source())
    merge({other: kept, third: kept}, NOON)
    paper = Paper.objects.get()
    assert (paper, paper.abstract, paper.sightings.count()) == (kept, "What it says.", 2)


@pytest.mark.parametrize("pairs", [1, 3])
def test_merging_takes_the_same_queries_for_any_number(pairs: int, django_assert_num_queries: Any) -> None:
    merged = {}
    for number in range(pairs):
        kept, other = make_pair()
        merged[other] = kept
        make_identifier(other, f"10.5555/{number}", scheme="doi")
        make_sighting(other)
        make_signal(other)
        make_match(make_topic(), other)
        make_mailed([[other.pk, 1]], [])
        Vote.objects.create(reader=make_reader(), paper=other, voted_at=NOON)
        Submission.objects.create(reader=make_reader(), paper=other)
    with django_assert_num_queries(47):
        merge(merged, NOON)


@pytest.mark.parametrize(
    ("first", "second", "word"),
    [
        ({}, {"hidden_at": NOON, "staff_note": "not a paper"}, (None, NOON, "not a paper")),
        ({}, {"featured_at": NOON, "staff_note": "read it"}, (NOON, None, "read it")),
        ({"featured_at": NOON, "staff_note": "read it"}, {}, (NOON, None, "read it")),
        (
            {"featured_at": NOON, "staff_note": "read it"},
            {"hidden_at": NOON, "staff_note": "not a paper"},
            (None, NOON, "not a paper"),
        ),
        (
            {"hidden_at": NOON, "staff_note": "not a paper"},
            {"featured_at": NOON, "staff_note": "read it"},
            (None, NOON, "not a paper"),
        ),
        ({}, {}, (None, None, "")),
    ],
)
def test_word_of_staff_on_either_row_holds_for_the_kept_one(
    first: dict[str, Any], second: dict[str, Any], word: tuple[Any, Any, str]
) -> None:
    kept, other = make_pair()
    for paper, given in ((kept, first), (other, second)):
        Paper.objects.filter(pk=paper.pk).update(**given)
        paper.refresh_from_db()
    merge({other: kept}, NOON)
    paper = Paper.objects.get()
    assert (paper.featured_at, paper.hidden_at, paper.staff_note) == word


def test_feedback_moves_to_the_kept_row_and_is_had_once() -> None:
    kept, other = make_pair()
    both, one = make_reader(), make_reader()
    for reader, paper, more in ((both, kept, True), (both, other, False), (one, other, False)):
        Feedback.objects.say(reader.pk, paper.pk, wants_more=more, now=NOON)
    merge({other: kept}, NOON)
    rows = Feedback.objects.order_by("reader").values_list("reader", "paper", "wants_more")
    assert list(rows) == [(both.pk, kept.pk, True), (one.pk, kept.pk, False)]


@pytest.mark.parametrize(("hours", "wants_more"), [(1, False), (-1, True)])
def test_of_two_words_of_one_reader_the_newer_is_kept(hours: int, wants_more: bool) -> None:
    kept, other = make_pair()
    reader = make_reader()
    Feedback.objects.say(reader.pk, kept.pk, wants_more=True, now=NOON)
    Feedback.objects.say(reader.pk, other.pk, wants_more=False, now=NOON + timedelta(hours=hours))
    merge({other: kept}, NOON)
    assert [(row.paper, row.wants_more) for row in Feedback.objects.all()] == [(kept, wants_more)]


def test_feedback_on_two_papers_that_become_one_is_had_once() -> None:
    kept, other = make_pair()
    third = make_paper(title="Third", created_at=NOON)
    reader = make_reader()
    for hours, paper in enumerate((other, third)):
        Feedback.objects.say(reader.pk, paper.pk, wants_more=bool(hours), now=NOON + timedelta(hours=hours))
    merge({other: kept, third: kept}, NOON)
    assert [(row.paper, row.wants_more) for row in Feedback.objects.all()] == [(kept, True)]


def test_votes_and_submissions_move_to_the_kept_row_and_are_had_once() -> None:
    kept, other = make_pair()
    both, one = make_reader(), make_reader()
    for reader, paper, said in ((both, kept, "mine"), (both, other, "mine too"), (one, other, "read it")):
        Vote.objects.create(reader=reader, paper=paper, voted_at=NOON)
        Submission.objects.create(reader=reader, paper=paper, said=said)
    merge({other: kept}, NOON)
    votes = Vote.objects.order_by("reader").values_list("reader", "paper")
    submissions = Submission.objects.order_by("reader").values_list("reader", "paper", "said")
    assert list(votes) == [(both.pk, kept.pk), (one.pk, kept.pk)]
    assert list(submissions) == [(both.pk, kept.pk, "mine"), (one.pk, kept.pk, "read it")]


def test_votes_of_both_rows_are_the_votes_of_the_kept_one() -> None:
    kept, other = make_pair()
    both, one = make_reader(), make_reader()
    make_signal(kept, 80)
    for reader, paper in ((both, kept), (both, other), (one, other)):
        Vote.objects.cast(reader.pk, paper.pk, NOON)
    merge({other: kept}, NOON + DAY)
    assert Paper.objects.get().votes == 82


def test_totals_of_a_paper_that_nobody_measures_any_more_are_those_of_the_kept_one() -> None:
    kept, other = make_pair()
    for kind, value in (("upvotes", 84), ("comments", 3)):
        make_signal(other, value, kind=kind, observed_at=NOON - 40 * DAY)
    merge({other: kept}, NOON)
    kept.refresh_from_db()
    assert (kept.votes, kept.comments) == (84, 3)
