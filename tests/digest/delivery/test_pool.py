from datetime import timedelta
from typing import Any

import pytest

from digest.delivery import pool as pool_module
from digest.delivery.compose import compose
from digest.delivery.pool import CandidatePool
from digest.delivery.preview import preview_reader
from digest.ingest.merge import merge
from digest.models import Digest, Paper
from tests.make import NOON, TODAY, make_digest, make_match, make_paper, make_reader, make_signal, make_topic

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def titles(digest: Digest, pool: CandidatePool) -> list[str]:
    """Return the papers that a digest of the pool's day holds, the community's last."""
    contents = compose([digest], pool, NOON).contents
    return [
        card.title
        for _, _, said in contents
        for card in (*(card for section in said.sections for card in section.cards), *said.trending)
    ]


def test_withdrawn_paper_is_in_no_digest_composed_later() -> None:
    topic = make_topic()
    for title, trend in (("Stands", 0), ("Taken back", 0), ("Rose and was taken back", 3)):
        paper = make_paper(title=title, trend=trend)
        if title != "Rose and was taken back":
            make_match(topic, paper)
    digest = make_digest(make_reader(topics=(topic,)))
    Paper.objects.exclude(title="Stands").update(withdrawn_at=NOON)
    pool = CandidatePool(TODAY)
    assert titles(digest, pool) == ["Stands"]
    assert pool.announced_since(TODAY) == 1


def test_reader_whose_only_paper_was_withdrawn_gets_no_mail() -> None:
    topic = make_topic()
    make_match(topic, make_paper(withdrawn_at=NOON))
    reader = make_reader(topics=(topic,))
    assert preview_reader(reader, TODAY) is None


def test_card_states_the_number_of_all_authors() -> None:
    few = make_paper(authors=["Ada Lindqvist", "Bo Ek"])
    many = make_paper(authors=["Ada Lindqvist", "Bo Ek"], author_count=3309)
    pool = CandidatePool(TODAY)
    pool.load_cards([few.pk, many.pk])
    assert [pool.card(paper.pk).author_count for paper in (few, many)] == [2, 3309]


def test_paper_that_becomes_one_with_another_after_it_was_offered_is_still_shown() -> None:
    topic = make_topic()
    kept = make_paper(title="Kept", announced_on=TODAY - 20 * DAY)
    other = make_paper(title="Other", url="https://jir.example.org/2")
    make_match(topic, other)
    pool = CandidatePool(TODAY)
    pool.load([topic.pk])
    merge({other: kept}, NOON)
    [(_, _, said)] = compose([make_digest(make_reader(topics=(topic,)))], pool, NOON).contents
    [card] = said.sections[0].cards
    assert (card.title, card.url, card.topics, card.authors) == (
        "Other",
        "https://jir.example.org/2",
        (topic.label,),
        (),
    )


def test_reader_does_not_get_a_paper_again_that_has_become_one_with_what_they_had() -> None:
    topic = make_topic()
    kept, other = (
        make_paper(title=f"As the {place} has it", created_at=NOON - DAY) for place in ("preprint", "journal")
    )
    make_match(topic, other)
    make_signal(other)
    reader = make_reader(topics=(topic,))
    had = {"state": "accepted", "next_attempt_at": None, "picks": [[other.pk, topic.pk]]}
    make_digest(reader, TODAY - DAY, **had)
    merge({other: kept}, NOON)
    assert titles(make_digest(reader), CandidatePool(TODAY)) == []


def test_featured_paper_is_in_the_community_part_before_the_trending_ones_with_the_reason(settings: Any) -> None:
    settings.CURATOR = "the library"
    topic = make_topic()
    make_match(topic, make_paper(title="Picked"))
    make_paper(title="Rising", trend=3)
    old = make_paper(title="A landmark", announced_on=TODAY - 300 * DAY, attention="84 upvotes")
    old.feature("ten years on", NOON)
    make_paper(title="Featured long ago", featured_at=NOON - 8 * DAY, staff_note="read it")
    make_paper(title="Featured and withdrawn", featured_at=NOON, staff_note="read it", withdrawn_at=NOON)
    reader = make_reader(topics=(topic,))
    pool = CandidatePool(TODAY)
    digest = make_digest(reader)
    assert titles(digest, pool) == ["Picked", "A landmark", "Rising"]
    assert pool.card(old.pk).attention == "chosen by the library: ten years on · 84 upvotes"
    preview = preview_reader(reader, TODAY)
    assert preview
    rendered = preview.finished.rendered
    for text in (rendered.text, rendered.html):
        assert "chosen by the library: ten years on" in " ".join(text.split())


def test_featured_paper_that_a_reader_has_had_does_not_come_again() -> None:
    topic = make_topic()
    make_match(topic, make_paper(title="Picked"))
    paper = make_paper(title="A landmark", featured_at=NOON, staff_note="read it")
    reader = make_reader(topics=(topic,))
    make_digest(reader, TODAY - DAY, state="accepted", next_attempt_at=None, trending=[paper.pk])
    assert titles(make_digest(reader), CandidatePool(TODAY)) == ["Picked"]


def test_card_for_the_same_topics_is_the_same_object_for_all_readers(monkeypatch: pytest.MonkeyPatch) -> None:
    topics, paper = [make_topic("moths"), make_topic("bats")], make_paper()
    for topic in topics:
        make_match(topic, paper, why=f"matches {topic.label}")
    pool = CandidatePool(TODAY)
    pool.load([topic.pk for topic in topics])
    pool.load_cards([paper.pk])
    moths, bats = (topic.pk for topic in topics)
    card = pool.card_in((moths, bats), paper.pk)
    assert (card.topics, card.why, card.like) == (("moths", "bats"), "matches moths", "")
    assert pool.card_in((moths, bats), paper.pk) is card
    assert pool.card_in((bats, moths), paper.pk).why == "matches bats"
    assert pool.card_in((moths,), paper.pk, like="Owls").like == "Owls"
    monkeypatch.setattr(pool_module, "MOST_CARDS", 1)
    assert pool.card_in((bats,), paper.pk).topics == ("bats",)
    assert pool.card_in((moths, bats), paper.pk) == card


def test_pool_is_full_of_topics_or_of_candidates(monkeypatch: pytest.MonkeyPatch) -> None:
    topic = make_topic("moths")
    for _ in range(2):
        make_match(topic, make_paper())
    pool = CandidatePool(TODAY)
    monkeypatch.setattr(pool_module, "MOST_CANDIDATES", 2)
    assert not pool.is_full
    pool.load([topic.pk])
    assert pool.is_full
    monkeypatch.setattr(pool_module, "MOST_CANDIDATES", 3)
    assert not pool.is_full
    monkeypatch.setattr(pool_module, "MOST_TOPICS", 1)
    assert pool.is_full


def test_community_part_is_found_once_for_all_who_had_the_same_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, plain = (make_paper(trend=trend) for trend in (3, 2, 0))
    pool = CandidatePool(TODAY)
    found = pool.community(exclude={plain.pk}, size=5)
    assert found == [first.pk, second.pk]
    assert pool.community(exclude=set(), size=5) is found
    assert pool.community(exclude={first.pk, plain.pk}, size=5) == [second.pk]
    assert pool.community(exclude=set(), size=1) == [first.pk]
    monkeypatch.setattr(pool_module, "MOST_CHOICES", 2)
    assert pool.community(exclude={second.pk}, size=5) == [first.pk]
    assert pool.community(exclude=set(), size=5) == found
