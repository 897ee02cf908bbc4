"""What a reader asked for more and less of, in what is chosen for that reader and for nobody else."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Reader
from digest.delivery.compose import compose
from digest.delivery.content import Card
from digest.delivery.pool import CandidatePool
from digest.delivery.preview import preview_reader
from digest.models import Digest, Feedback, Paper, Topic
from tests.make import NOON, TODAY, make_digest, make_match, make_paper, make_reader, make_topic

pytestmark = pytest.mark.django_db

OLD_MOTHS = "Moths and their lamps"
MOTHS, TIDES, BREAD = "Why moths circle lamps", "Tides under a weak moon", "Bread that rises slowly"


def say(reader: Reader, paper: Paper, *, wants_more: bool) -> None:
    Feedback.objects.say(reader.pk, paper.pk, wants_more=wants_more, now=NOON)


def make_day(*titles: str) -> Topic:
    """Offer papers of a topic that match equally well, beside others that say how common words are."""
    topic = make_topic()
    for title in titles:
        make_match(topic, make_paper(title=title))
    for number in range(20):
        make_paper(title=f"Observation{number} of other things", announced_on=TODAY - timedelta(days=30))
    return topic


def cards_of(reader: Reader) -> list[Card]:
    preview = preview_reader(reader, TODAY)
    return list(preview.content.picks) if preview else []


def titles_of(reader: Reader) -> list[str]:
    return [card.title for card in cards_of(reader)]


def test_more_like_a_paper_of_old_brings_its_like_to_the_top_and_says_so() -> None:
    reader = make_reader(topics=(make_day(TIDES, BREAD, MOTHS),))
    assert titles_of(reader) == [TIDES, BREAD, MOTHS]
    say(reader, make_paper(title=OLD_MOTHS, announced_on=TODAY - timedelta(days=60)), wants_more=True)
    assert [(card.title, card.like) for card in cards_of(reader)] == [(MOTHS, OLD_MOTHS), (TIDES, ""), (BREAD, "")]


def test_less_like_a_paper_of_old_brings_its_like_to_the_end() -> None:
    reader = make_reader(topics=(make_day(MOTHS, TIDES, BREAD),))
    say(
        reader,
        make_paper(title="Lamps of the old theatre in autumn", announced_on=TODAY - timedelta(days=60)),
        wants_more=False,
    )
    assert titles_of(reader) == [TIDES, BREAD, MOTHS]
    assert [card.like for card in cards_of(reader)] == ["", "", ""]


def test_paper_wanted_less_of_is_never_chosen_nor_shown_as_trending() -> None:
    topic = make_day(MOTHS, TIDES, BREAD)
    rising = make_paper(title="Clocks", trend=0.9)
    reader = make_reader(topics=(topic,))
    say(reader, Paper.objects.get(title=TIDES), wants_more=False)
    say(reader, rising, wants_more=False)
    preview = preview_reader(reader, TODAY)
    assert preview is not None
    assert [card.title for card in preview.content.picks] == [MOTHS, BREAD]
    assert preview.content.trending == ()


def test_paper_wanted_more_of_that_was_never_mailed_may_come_and_is_not_said_to_be_like_itself() -> None:
    reader = make_reader(topics=(make_day(TIDES, MOTHS),))
    say(reader, Paper.objects.get(title=MOTHS), wants_more=True)
    assert [(card.title, card.like) for card in cards_of(reader)] == [(MOTHS, ""), (TIDES, "")]


def test_feedback_of_one_reader_moves_nothing_for_another() -> None:
    topic = make_day(TIDES, BREAD, MOTHS)
    voter, other = make_reader(topics=(topic,)), make_reader(topics=(topic,))
    say(voter, make_paper(title=OLD_MOTHS, announced_on=TODAY - timedelta(days=60)), wants_more=True)
    digests = [make_digest(voter), make_digest(other)]
    found = compose(digests, CandidatePool(TODAY), NOON).contents
    assert [[card.title for card in content.picks] for _, _, content in found] == [
        [MOTHS, TIDES, BREAD],
        [TIDES, BREAD, MOTHS],
    ]


def test_taking_back_restores_the_order() -> None:
    reader = make_reader(topics=(make_day(TIDES, BREAD, MOTHS),))
    old = make_paper(title=OLD_MOTHS, announced_on=TODAY - timedelta(days=60))
    say(reader, old, wants_more=True)
    Feedback.objects.take_back(reader.pk, old.pk)
    assert titles_of(reader) == [TIDES, BREAD, MOTHS]


@pytest.mark.parametrize("readers", [1, 3])
def test_feedback_takes_three_queries_for_any_number(
    readers: int, django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.delivery.pool.SAMPLE", 1)
    topic = make_day(TIDES, BREAD, MOTHS)
    for number in range(readers):
        reader = make_reader(topics=(topic,))
        make_digest(reader)
        for place in range(number + 1):
            say(reader, make_paper(title=f"Moth{place} of reader{number}", announced_on=None), wants_more=True)
    pool = CandidatePool(TODAY)
    loaded = list(Digest.objects.select_related("reader", "edition"))
    # as without feedback, and: the sample of papers, the words of those spoken of and of the candidates
    with django_assert_num_queries(11):
        assert len(compose(loaded, pool, NOON).contents) == readers


def test_pool_forgets_words_when_it_holds_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digest.delivery.pool.SAMPLE", 0)
    monkeypatch.setattr("digest.delivery.pool.MOST_TEXTS", 0)
    first, second = make_paper(), make_paper()
    pool = CandidatePool(TODAY)
    pool.load_words([first.pk])
    pool.load_words([second.pk])
    assert (pool.words.missing([first.pk, second.pk]), pool.words.titles) == ({first.pk}, {second.pk: second.title})
