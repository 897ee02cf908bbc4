from datetime import timedelta
from typing import Any

import pytest

from digest.ingest.rank import MATCHES_PER_DAY, background, match_due, match_query, record_matches, update_trends
from digest.models import Change, Match, Paper, Signal, Topic, TrendScale, Vote
from digest.ranking.matching import Hit
from digest.ranking.query import parse_query
from digest.ranking.trending import explained, ranked
from tests.make import NOON, TODAY, make_match, make_paper, make_reader, make_signal, make_topic

pytestmark = pytest.mark.django_db
YESTERDAY = NOON - timedelta(days=1)


def make_due_paper(title: str, **given: Any) -> Paper:
    return make_paper(title=title, match_due_at=NOON, **given)


def vote(paper: Paper, value: int, when: Any = NOON) -> None:
    Signal.objects.create(paper=paper, kind="upvotes", value=value, observed_at=when)


def matches() -> set[tuple[str, str]]:
    return set(Match.objects.values_list("topic__query", "paper__title"))


def test_new_paper_meets_the_topics_that_are_followed() -> None:
    make_reader(topics=(make_topic("knowledge transfer"), make_topic("speech recognition")))
    make_topic("nobody follows this")
    match_due(NOON)
    make_due_paper("Knowledge transfer between small models")
    make_due_paper("Nobody follows this either")
    assert match_due(NOON) == 2
    assert matches() == {("knowledge transfer", "Knowledge transfer between small models")}
    assert Match.objects.get().announced_on == TODAY


def test_pages_are_made_anew_where_anything_was_matched(django_capture_on_commit_callbacks: Any) -> None:
    make_due_paper("Knowledge transfer between small models")
    numbers = []
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            match_due(NOON)
        numbers.append(Change.objects.latest_number())
    assert numbers == [1, 1]


def test_new_topic_meets_the_papers_of_the_last_days() -> None:
    make_paper(title="Knowledge transfer between small models")
    make_paper(title="Knowledge transfer long ago", announced_on=TODAY - timedelta(days=9))
    make_reader(topics=(make_topic("knowledge transfer"),))
    assert match_due(NOON) == 1
    assert matches() == {("knowledge transfer", "Knowledge transfer between small models")}


def test_matching_twice_changes_nothing() -> None:
    make_reader(topics=(make_topic("knowledge transfer"),))
    make_due_paper("Knowledge transfer between small models")
    match_due(NOON)
    before = list(Match.objects.values())
    assert match_due(NOON) == 0
    Paper.objects.update(match_due_at=NOON)
    Topic.objects.update(match_due_at=NOON)
    match_due(NOON)
    assert [row | {"id": 0} for row in Match.objects.values()] == [row | {"id": 0} for row in before]


def test_paper_whose_text_changed_loses_matches_that_no_longer_hold() -> None:
    make_reader(topics=(make_topic("knowledge transfer"),))
    paper = make_due_paper("Knowledge transfer between small models")
    match_due(NOON)
    paper.title, paper.match_due_at = "Something else altogether", NOON
    paper.save()
    match_due(NOON)
    assert matches() == set()


def test_topic_keeps_the_best_of_a_day_and_of_equals_the_most_trending() -> None:
    make_reader(topics=(make_topic("cat:cs.CL"),))
    for number in range(MATCHES_PER_DAY + 5):
        make_due_paper(f"Paper {number}", categories=["cs.CL"], trend=float(number))
    make_due_paper("Of another day", categories=["cs.CL"], announced_on=TODAY - timedelta(days=1))
    match_due(NOON)
    kept = {title for _, title in matches()}
    assert kept == {f"Paper {number}" for number in range(5, MATCHES_PER_DAY + 5)} | {"Of another day"}


def test_paper_that_begins_to_trend_takes_its_place_in_a_full_topic() -> None:
    make_reader(topics=(make_topic("cat:cs.CL"),))
    for number in range(MATCHES_PER_DAY):
        make_due_paper(f"Paper {number}", categories=["cs.CL"])
    late = make_due_paper("Found out late", categories=["cs.CL"])
    match_due(NOON)
    assert "Found out late" not in {title for _, title in matches()}
    vote(late, 50, NOON + timedelta(hours=1))
    update_trends(NOON + timedelta(hours=2))
    match_due(NOON + timedelta(hours=2))
    kept = {title for _, title in matches()}
    assert "Found out late" in kept
    assert len(kept) == MATCHES_PER_DAY


def test_match_query_ranks_every_paper_however_weak() -> None:
    strong = make_paper(title="Knowledge transfer", abstract="On knowledge transfer.")
    weak = make_paper(title="Birds", abstract="Their knowledge of the land, among a great many other things.")
    make_paper(title="Something else")
    hits = match_query(parse_query("knowledge transfer"), Paper.objects.order_by("pk"), background())
    assert [hit.paper for hit in hits] == [strong.pk, weak.pk]
    assert not Match.objects.exists()


def test_trend_follows_the_votes_and_says_so() -> None:
    risen, flat, unread = make_paper(), make_paper(), make_paper()
    for paper, before, after in ((risen, 10, 41), (flat, 10, 10)):
        vote(paper, before, YESTERDAY)
        vote(paper, after)
    update_trends(NOON)
    for paper in (risen, flat, unread):
        paper.refresh_from_db()
    assert risen.trend > flat.trend > unread.trend == 0
    assert (risen.attention, unread.attention) == ("41 upvotes, +31 since yesterday", "")


def test_trend_update_leaves_the_due_times_of_other_papers_alone() -> None:
    paper = make_paper()
    vote(paper, 10, YESTERDAY)
    update_trends(YESTERDAY)
    Paper.objects.update(match_due_at=None)
    vote(paper, 20)
    update_trends(NOON)
    paper.refresh_from_db()
    assert (paper.attention, paper.match_due_at) == ("20 upvotes, +10 since yesterday", None)


def test_trend_fades_to_nothing_when_no_signal_comes_any_more() -> None:
    paper = make_paper()
    vote(paper, 10)
    update_trends(NOON)
    update_trends(NOON + timedelta(days=15))
    paper.refresh_from_db()
    assert (paper.trend, paper.attention) == (0, "")


def test_trend_update_twice_changes_nothing() -> None:
    vote(make_paper(), 10)
    assert update_trends(NOON) == 1
    assert update_trends(NOON) == 0


def test_trends_that_hardly_move_are_not_written_and_leave_all_pages_as_they_are(
    django_capture_on_commit_callbacks: Any,
) -> None:
    papers = [make_paper() for _ in range(3)]
    for number, paper in enumerate(papers):
        vote(paper, 10 * number + 3, NOON - timedelta(hours=7))
        vote(paper, 31 * number + 7)
    assert update_trends(NOON) == 3
    before = list(Paper.objects.values_list("trend", flat=True))
    with django_capture_on_commit_callbacks(execute=True):
        assert update_trends(NOON + timedelta(minutes=1)) == 0
    assert list(Paper.objects.values_list("trend", flat=True)) == before
    assert Change.objects.latest_number() == 0


def test_trend_that_falls_a_little_at_a_time_is_written_in_the_end() -> None:
    vote(make_paper(), 1)
    update_trends(NOON)
    before = Paper.objects.get().trend
    changed = sum(update_trends(NOON + timedelta(minutes=minute)) for minute in range(1, 9))
    assert 0 < changed < 8
    assert Paper.objects.get().trend < before


def test_more_papers_than_are_held_at_once_all_get_their_trends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digest.ingest.rank.HELD", 2)
    for _ in range(5):
        vote(make_paper(), 10)
    assert update_trends(NOON) == 5
    assert set(Paper.objects.values_list("votes", "attention")) == {(10, "10 upvotes")}


def test_votes_of_readers_trend_as_upvotes_do_and_stand_in_the_total() -> None:
    paper = make_paper(created_at=NOON - timedelta(days=3))
    vote(paper, 80, YESTERDAY)
    vote(paper, 84)
    readers = [make_reader() for _ in range(3)]
    Vote.objects.cast(readers[0].pk, paper.pk, NOON - timedelta(days=2))
    for reader in readers[1:]:
        Vote.objects.cast(reader.pk, paper.pk, NOON)
    update_trends(NOON)
    paper.refresh_from_db()
    assert (paper.votes, paper.gained) == (87, 6)
    assert paper.attention == "84 upvotes, +4 since yesterday; 3 votes, +2 since yesterday"


def test_paper_with_votes_of_readers_alone_trends() -> None:
    paper, ada = make_paper(created_at=NOON - timedelta(days=3)), make_reader()
    Vote.objects.cast(ada.pk, paper.pk, NOON)
    update_trends(NOON)
    paper.refresh_from_db()
    assert (paper.trend, paper.attention, paper.votes, paper.gained) == (1, "1 vote, +1 since yesterday", 1, 1)
    Vote.objects.take_back(ada.pk, paper.pk, NOON)
    update_trends(NOON)
    paper.refresh_from_db()
    assert (paper.trend, paper.attention, paper.votes, paper.gained) == (0, "", 0, 0)


def test_vote_during_an_update_of_trends_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    paper, ada = make_paper(), make_reader()
    vote(paper, 10)

    def rank(*given: Any, **named: Any) -> Any:
        Vote.objects.cast(ada.pk, paper.pk, NOON)
        return ranked(*given, **named)

    monkeypatch.setattr("digest.ingest.rank.ranked", rank)
    update_trends(NOON)
    paper.refresh_from_db()
    assert paper.votes == 11


def test_totals_stand_when_nothing_is_read_any_more() -> None:
    paper = make_paper()
    vote(paper, 10)
    Signal.objects.create(paper=paper, kind="comments", value=4, observed_at=NOON)
    for later in (0, 15):
        update_trends(NOON + timedelta(days=later))
    paper.refresh_from_db()
    assert (paper.votes, paper.gained, paper.comments) == (10, 0, 4)


@pytest.mark.parametrize("papers", [1, 3])
def test_ranking_takes_the_same_queries_for_any_number(papers: int, django_assert_num_queries: Any) -> None:
    make_reader(topics=(make_topic("knowledge transfer"),))
    match_due(NOON)
    for number in range(papers):
        vote(make_due_paper(f"Knowledge transfer {number}"), 7)
    # signals, days, papers; papers held, trends and votes written, from savepoint to release, and so the scales in
    # place of those of before; what begins to trend
    with django_assert_num_queries(13):
        update_trends(NOON)
    with django_assert_num_queries(20):
        match_due(NOON)


def test_old_matches_of_other_days_stay() -> None:
    topic = make_topic("knowledge transfer")
    make_reader(topics=(topic,))
    match_due(NOON)
    make_match(topic, make_paper(title="Yesterday's", announced_on=TODAY - timedelta(days=1)))
    make_due_paper("Knowledge transfer today")
    match_due(NOON)
    assert {title for _, title in matches()} == {"Yesterday's", "Knowledge transfer today"}


def test_paper_without_an_abstract_is_found_by_its_title() -> None:
    make_reader(topics=(make_topic("knowledge transfer"), make_topic("knowledge graphs")))
    make_due_paper("Unrelated work", abstract="Its abstract is of the usual length. " * 25)
    make_due_paper("Knowledge transfer in the field", abstract="")
    match_due(NOON)
    assert matches() == {("knowledge transfer", "Knowledge transfer in the field")}


@pytest.mark.parametrize("others", ["", "Its abstract has the usual length and says a great many things. " * 12])
def test_paper_without_an_abstract_needs_more_than_half_of_a_topic_in_its_title(others: str) -> None:
    make_reader(topics=(make_topic("protein folding"),))
    for number in range(20):
        make_paper(title=f"Paper number {number} on proteins or on folding", abstract=others)
    make_due_paper("Folding chairs", abstract="")
    match_due(NOON)
    assert not Match.objects.filter(paper__title="Folding chairs").exists()


def test_paper_that_is_withdrawn_loses_its_matches_and_gets_them_back_when_it_stands_again() -> None:
    make_reader(topics=(make_topic("knowledge transfer"),))
    paper = make_due_paper("Knowledge transfer between small models")
    match_due(NOON)
    for withdrawn_at, left in ((NOON, 0), (None, 1)):
        Paper.objects.filter(pk=paper.pk).update(withdrawn_at=withdrawn_at, match_due_at=NOON)
        assert match_due(NOON) == 1
        assert Match.objects.count() == left


def test_new_topic_does_not_meet_what_was_withdrawn() -> None:
    make_paper(title="Knowledge transfer between small models", withdrawn_at=NOON)
    make_reader(topics=(make_topic("knowledge transfer"),))
    match_due(NOON)
    assert matches() == set()


def test_query_does_not_find_what_was_withdrawn() -> None:
    make_paper(title="Knowledge transfer", withdrawn_at=NOON)
    assert match_query(parse_query("knowledge transfer"), Paper.objects.all(), background()) == []


def test_paper_that_is_withdrawn_trends_no_more() -> None:
    paper = make_paper(trend=3.0, attention="10 upvotes", withdrawn_at=NOON)
    vote(paper, 10)
    update_trends(NOON)
    paper.refresh_from_db()
    assert (paper.trend, paper.attention) == (0, "")


def test_hit_of_a_paper_that_has_become_one_with_another_is_not_recorded() -> None:
    topic = make_topic("knowledge transfer")
    gone, withdrawn = make_paper(), make_paper()
    hits = [Hit(topic.pk, paper.pk, 0.8, "matches") for paper in (gone, withdrawn)]
    papers = list(Paper.objects.all())
    gone.delete()
    Paper.objects.update(withdrawn_at=NOON)
    record_matches(hits, papers)
    assert not Match.objects.exists()


def test_scales_of_the_latest_run_are_kept_and_explain_each_trend() -> None:
    papers = [make_paper() for _ in range(3)]
    for number, paper in enumerate(papers):
        make_signal(paper, 10 * number + 3, observed_at=NOON - timedelta(hours=30))
        make_signal(paper, 30 * number + 4)
    make_signal(papers[0], 7, kind="comments")
    update_trends(NOON - timedelta(hours=10))
    update_trends(NOON)
    assert {row.ranked_at for row in TrendScale.objects.all()} == {NOON}
    scales = dict(TrendScale.objects.values_list("kind", "scale"))
    assert set(scales) == {"upvotes", "comments"}
    for paper in papers:
        paper.refresh_from_db()
        readings = list(paper.signals.values_list("kind", "value", "observed_at"))
        assert paper.announced_on is not None
        parts = explained(paper.announced_on, readings, scales=scales, now=NOON)
        assert sum(part.points for part in parts) == pytest.approx(paper.trend)


def test_scales_of_kinds_that_nobody_gives_any_more_go() -> None:
    paper = make_paper()
    signal = make_signal(paper, 7, kind="stars")
    update_trends(NOON)
    signal.delete()
    update_trends(NOON)
    assert not TrendScale.objects.exists()
