from datetime import timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import Reader
from digest.delivery.archive import OTHERS, Reopened, reopen
from digest.models import Digest, Match, Paper, Topic
from tests.make import NOON, TODAY, make_digest, make_match, make_paper, make_reader, make_sighting, make_topic

pytestmark = pytest.mark.django_db


def sent(reader: Reader, *picks: list[int], days_ago: int = 0, **given: Any) -> Digest:
    day = TODAY - timedelta(days=days_ago)
    return make_digest(reader, day, **{"state": "accepted", "next_attempt_at": None, "picks": list(picks)} | given)


def reopened(digest: Digest) -> Reopened:
    (found,) = reopen([digest])
    return found


def shown(found: Reopened) -> list[tuple[str, list[str]]]:
    return [(section.topic, [card.title for card in section.cards]) for section in found.sections]


def test_digest_has_its_papers_under_their_topics_as_they_were_sent() -> None:
    transfer, quantum = make_topic(), make_topic("quantum")
    first, second, third = (make_paper(title=title) for title in ("First", "Second", "Third"))
    digest = sent(make_reader(), [first.pk, quantum.pk], [second.pk, transfer.pk, quantum.pk], [third.pk, quantum.pk])
    found = reopened(digest)
    assert shown(found) == [("quantum", ["First", "Third"]), ("knowledge transfer", ["Second"])]
    assert found.picks[2].topics == ("knowledge transfer", "quantum")
    assert found.gone == 0


def test_card_says_why_as_long_as_the_match_is_kept() -> None:
    topic, paper = make_topic(), make_paper()
    make_match(topic, paper, why="has “transfer” in its title")
    digest = sent(make_reader(), [paper.pk, topic.pk])
    assert reopened(digest).picks[0].why == "has “transfer” in its title"
    Match.objects.all().delete()
    assert reopened(digest).picks[0].why == ""


def test_card_leaves_out_the_attention_of_today() -> None:
    topic, paper = make_topic(), make_paper(attention="84 upvotes, +31 since yesterday")
    digest = sent(make_reader(), [paper.pk, topic.pk], trending=[make_paper(attention="5 upvotes").pk])
    assert [card.attention for card in (*reopened(digest).picks, *reopened(digest).trending)] == ["", ""]


def test_papers_that_are_gone_withdrawn_or_hidden_are_left_out_and_counted() -> None:
    topic = make_topic()
    here, gone = make_paper(title="Here"), make_paper()
    withdrawn, hidden = make_paper(withdrawn_at=NOON), make_paper(hidden_at=NOON)
    picks = [[paper.pk, topic.pk] for paper in (gone, withdrawn, here, hidden)]
    digest = sent(make_reader(), *picks, trending=[hidden.pk])
    Paper.objects.filter(pk=gone.pk).delete()
    found = reopened(digest)
    assert (shown(found), found.trending, found.gone) == ([("knowledge transfer", ["Here"])], (), 3)


def test_papers_of_a_topic_that_is_gone_stand_under_others() -> None:
    topic, paper = make_topic(), make_paper(title="Here")
    digest = sent(make_reader(), [paper.pk, topic.pk])
    Topic.objects.all().delete()
    assert shown(reopened(digest)) == [(OTHERS, ["Here"])]


def test_digest_without_papers_has_no_section() -> None:
    assert reopened(sent(make_reader(), state="empty")).sections == ()


def test_three_digests_ask_as_much_as_one(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    reader, topic = make_reader(), make_topic()
    digests = []
    for days_ago in range(3):
        paper = make_paper()
        make_sighting(paper)
        make_match(topic, paper)
        digests.append(sent(reader, [paper.pk, topic.pk], days_ago=days_ago))
    with django_assert_num_queries(4) as asked:
        reopen(digests[:1])
    with django_assert_num_queries(len(asked)):
        assert [len(found.picks) for found in reopen(digests)] == [1, 1, 1]
