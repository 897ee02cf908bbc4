from datetime import timedelta
from typing import Any

import pytest
import time_machine

from digest.ingest.sample import samples
from digest.ingest.try_topic import advice, how_many, try_topic
from digest.models import Match, Paper, Topic
from digest.ranking.query import parse_query
from tests.make import NOON, TODAY, make_paper, make_sighting, make_source

pytestmark = pytest.mark.django_db
PATIENCE = 20.0


@pytest.fixture(autouse=True)
def noon() -> Any:
    with time_machine.travel(NOON, tick=False):
        yield


def make_baskets(number: int, **given: Any) -> None:
    """Make papers about baskets, and twice as many of an older day that are not."""
    for place in range(number):
        paper = make_paper(title=f"Basket weaving {place}", abstract="Willow.", categories=["craft.WV"], **given)
        make_sighting(paper, make_source(name="Crafts"))
    for place in range(2 * number):
        make_paper(title=f"Stones {place}", announced_on=TODAY - timedelta(days=6))


def test_trial_gives_the_best_papers_with_source_and_reason() -> None:
    make_baskets(4)
    best = make_paper(title="Basket weaving, basket weaving", venue="Journal of Baskets", trend=0.0)
    trial = try_topic("basket  weaving", wait=PATIENCE)
    assert (trial.text, trial.error, trial.is_ready) == ("basket weaving", "", True)
    assert (trial.papers, trial.days, trial.found) == (13, 7, 5)
    assert trial.per_day == 5 / 7
    assert trial.hits[0].paper == best.pk
    assert [hit.source for hit in trial.hits] == ["Journal of Baskets", "Crafts", "Crafts"]
    assert {hit.why for hit in trial.hits} == {"matches basket weaving"}
    assert {hit.announced_on for hit in trial.hits} == {TODAY}


def test_trial_changes_nothing() -> None:
    make_baskets(2)
    try_topic("basket weaving", wait=PATIENCE)
    assert not Topic.objects.exists()
    assert not Match.objects.exists()


def test_name_of_the_catalogue_stands_for_its_query() -> None:
    make_paper(title="On machine translation")
    make_paper(title="A translation of the machine")
    trial = try_topic("MACHINE translation", wait=PATIENCE)
    assert [hit.title for hit in trial.hits] == ["On machine translation"]
    assert trial.hits[0].why == 'has "machine translation" in its title'


def test_what_cannot_be_read_has_the_parsers_words_and_suggestions() -> None:
    trial = try_topic('"machine transl', wait=PATIENCE)
    assert "has no partner" in trial.error
    assert "Machine translation" in [entry.name for entry in trial.suggestions]
    assert trial.hits == ()


def test_entry_that_was_typed_is_not_suggested() -> None:
    make_paper()
    assert "Machine translation" not in [entry.name for entry in try_topic("machine translation").suggestions]
    assert "Machine translation" in [entry.name for entry in try_topic("machine transl").suggestions]


def test_broad_topic_is_offered_ways_to_narrow() -> None:
    make_baskets(20)
    for place in range(20):
        make_paper(title=f"Basket weaving by hand {place}", categories=["craft.HD"])
    trial = try_topic("basket weaving", wait=PATIENCE)
    assert trial.found == 40
    assert [way.text for way in trial.narrower][:2] == ["basket weaving cat:craft.WV", "basket weaving cat:craft.HD"]


def test_very_broad_topic_is_said_to_be_and_how_to_narrow_it_where_no_way_is_offered() -> None:
    for place in range(150):
        make_paper(title=f"Basket weaving {place}")
    trial = try_topic("basket weaving", wait=PATIENCE)
    assert trial.narrower == ()
    assert trial.advice.startswith("That is more than one digest holds: only the best will come. To narrow it")
    assert advice(parse_query("baskets"), 150, 7, has_ways=True) == (
        "That is more than one digest holds: only the best will come."
    )


def test_as_many_papers_are_shown_as_asked_for() -> None:
    make_baskets(6)
    assert [len(try_topic("basket weaving", best=best, wait=PATIENCE).hits) for best in (1, 5, 10)] == [1, 5, 6]


def test_narrow_topic_is_offered_none() -> None:
    make_baskets(2)
    assert try_topic("basket weaving", wait=PATIENCE).narrower == ()


def test_sample_is_reckoned_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digest.ingest.sample.MOST_PAPERS", 10)
    for place in range(40):
        make_paper(title=f"Basket weaving {place}")
    trial = try_topic("basket weaving", wait=PATIENCE)
    assert (trial.papers, trial.found, trial.how_many) == (40, 40, "about 40 papers a day")


def test_paper_withdrawn_since_is_passed_over() -> None:
    make_baskets(4)
    first = try_topic("basket weaving", wait=PATIENCE).hits[0].paper
    Paper.objects.filter(pk=first).update(withdrawn_at=NOON)
    hits = try_topic("basket weaving", wait=PATIENCE).hits
    assert len(hits) == 3
    assert first not in [hit.paper for hit in hits]


def test_trial_before_the_papers_are_read_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samples, "current", lambda wait: None)
    trial = try_topic("machine transl")
    assert not trial.is_ready
    assert trial.suggestions != ()


@pytest.mark.parametrize("number", [1, 3])
def test_trial_takes_the_same_queries_however_many_papers(number: int, django_assert_num_queries: Any) -> None:
    make_baskets(number)
    try_topic("basket weaving", wait=PATIENCE)
    with django_assert_num_queries(4):  # catalogue, newest paper, the best papers, their sightings with sources
        assert len(try_topic("basket weaving").hits) == number


@pytest.mark.parametrize(
    ("found", "days", "words"),
    [
        (0, 7, "fewer than one paper a week"),
        (0, 2, "no papers so far"),
        (1, 7, "about one paper a week"),
        (2, 7, "about 2 papers a week"),
        (5, 7, "about 5 papers a week"),
        (6, 7, "about one paper a day"),
        (7, 7, "about one paper a day"),
        (10, 7, "about one paper a day"),
        (11, 7, "about 2 papers a day"),
        (84, 7, "about 12 papers a day"),
        (693, 7, "about 99 papers a day"),
        (3983, 7, "about 570 papers a day"),
        (8610, 7, "about 1,230 papers a day"),
        (1, 1, "about one paper a day"),
        (1, 2, "about 4 papers a week"),
    ],
)
def test_how_many_is_said_in_words(found: int, days: int, words: str) -> None:
    assert how_many(found, days) == words


@pytest.mark.parametrize(
    ("query", "found", "begins"),
    [
        ("baskets", 141, "That is more than one digest holds: only the best will come. To narrow it, add a word, put"),
        ("cat:cs", 141, "That is more than one digest holds: only the best will come. To narrow it, add a word or two"),
        ("baskets", 140, ""),
        ("baskets", 2, ""),
        ("baskets", 1, "To widen it, use the word that most papers use"),
        ("wicker baskets", 0, "To widen it, take fewer words"),
        ('"wicker baskets"', 0, "To widen it, leave out quotation marks"),
        ("baskets cat:cs.CL", 0, "To widen it, leave out the category."),
        ("cat:cs.XX", 0, "Look whether the category is spelled"),
        ('author:"Jane Doe"', 0, "A name brings mail only when"),
    ],
)
def test_advice_says_what_to_change(query: str, found: int, begins: str) -> None:
    said = advice(parse_query(query), found, 7)
    assert said.startswith(begins)
    assert bool(said) is bool(begins)
