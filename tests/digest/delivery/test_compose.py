from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import resolve

from accounts.models import Reader
from digest.delivery.compose import Composed, compose
from digest.delivery.content import DigestContent
from digest.delivery.pool import CandidatePool
from digest.models import Digest, Subscription, Suppression
from tests.make import NOON, TODAY, make_digest, make_match, make_paper, make_reader, make_topic

pytestmark = pytest.mark.django_db
YESTERDAY = TODAY - timedelta(days=1)


def composed(*digests: Digest) -> Composed:
    return compose(digests, CandidatePool(TODAY), NOON)


def content_of(digest: Digest) -> DigestContent:
    [(_, _, content)] = composed(digest).contents
    return content


def unmailed(digest: Digest) -> tuple[str, str]:
    [(state, reason)] = composed(digest).unmailed
    return state, reason


def test_digest_holds_the_papers_of_the_readers_topics() -> None:
    topic, other = make_topic("knowledge transfer"), make_topic("moth navigation")
    wanted, unwanted = make_paper(title="Wanted"), make_paper(title="Unwanted")
    make_match(topic, wanted, why="matches knowledge transfer")
    make_match(other, unwanted)
    [section] = content_of(make_digest(make_reader(topics=(topic,)))).sections
    assert section.topic == "knowledge transfer"
    assert [(card.title, card.why, card.topics) for card in section.cards] == [
        ("Wanted", "matches knowledge transfer", ("knowledge transfer",))
    ]


def test_paper_of_two_topics_comes_once_and_names_both() -> None:
    first, second = make_topic("knowledge transfer"), make_topic("moth navigation")
    paper = make_paper()
    make_match(first, paper, score=0.6)
    make_match(second, paper, score=0.9)
    [section] = content_of(make_digest(make_reader(topics=(first, second)))).sections
    assert [card.topics for card in section.cards] == [("moth navigation", "knowledge transfer")]


def test_muted_topic_brings_nothing() -> None:
    topic = make_topic()
    make_match(topic, make_paper())
    reader = make_reader(topics=(topic,))
    Subscription.objects.update(is_muted=True)
    assert unmailed(make_digest(reader)) == ("empty", "no new paper was close enough")


def test_paper_that_the_reader_got_before_does_not_come_again() -> None:
    topic = make_topic()
    old, new, trended = make_paper(), make_paper(title="New"), make_paper(trend=3.0)
    for paper in (old, new, trended):
        make_match(topic, paper)
    reader = make_reader(topics=(topic,))
    before = {"state": "accepted", "next_attempt_at": None, "picks": [[old.pk, topic.pk]], "trending": [trended.pk]}
    make_digest(reader, YESTERDAY, **before)
    content = content_of(make_digest(reader))
    assert [card.title for card in content.picks] == ["New"]
    assert content.trending == ()


@pytest.mark.parametrize("state", ["failed", "expired"])
def test_paper_of_a_digest_that_never_arrived_may_come_again(state: str) -> None:
    topic = make_topic()
    paper = make_paper(announced_on=YESTERDAY)
    make_match(topic, paper)
    reader = make_reader(topics=(topic,))
    make_digest(reader, YESTERDAY, state=state, next_attempt_at=None, picks=[[paper.pk, topic.pk]])
    assert [card.paper for card in content_of(make_digest(reader)).picks] == [paper.pk]


def test_paper_announced_too_long_ago_does_not_come() -> None:
    topic = make_topic()
    make_match(topic, make_paper(announced_on=TODAY - timedelta(days=4)))
    assert unmailed(make_digest(make_reader(topics=(topic,)))) == ("empty", "no new paper was close enough")


def test_weekly_reader_gets_the_papers_of_the_whole_week() -> None:
    topic = make_topic()
    paper = make_paper(announced_on=TODAY - timedelta(days=6))
    make_match(topic, paper)
    reader = make_reader(topics=(topic,), days=Reader.Days.WEEKLY)
    make_digest(reader, TODAY - timedelta(days=7), state="accepted", next_attempt_at=None)
    assert [card.paper for card in content_of(make_digest(reader)).picks] == [paper.pk]


def test_digest_is_no_longer_than_the_reader_wants() -> None:
    topic = make_topic()
    for number, name in enumerate(["amber", "basalt", "cobalt", "dolomite", "emerald"]):
        make_match(topic, make_paper(title=f"On {name} and its uses"), score=0.9 - number / 100)
    assert len(content_of(make_digest(make_reader(topics=(topic,), papers=3))).picks) == 3


def test_community_part_holds_what_trends_and_is_not_picked() -> None:
    topic = make_topic()
    picked = make_paper(title="A picked paper", trend=5.0)
    trending = make_paper(title="Everybody reads this", trend=2.0, attention="84 upvotes, +31 since yesterday")
    make_match(topic, picked)
    content = content_of(make_digest(make_reader(topics=(topic,))))
    assert [(card.paper, card.attention) for card in content.trending] == [
        (trending.pk, "84 upvotes, +31 since yesterday")
    ]


def test_community_part_alone_is_no_mail() -> None:
    make_paper(trend=5.0)
    assert unmailed(make_digest(make_reader(topics=(make_topic(),)))) == ("empty", "no new paper was close enough")


def test_announced_counts_the_papers_from_the_day_of_the_earliest_pick() -> None:
    topic = make_topic()
    for days in (0, 2):
        make_match(topic, make_paper(announced_on=TODAY - timedelta(days=days)))
    for days in (0, 1, 2, 3, 5):
        make_paper(announced_on=TODAY - timedelta(days=days))
    content = content_of(make_digest(make_reader(topics=(topic,))))
    assert (content.since, content.announced) == (TODAY - timedelta(days=2), 5)


def test_reader_who_left_after_the_digest_was_opened_gets_none() -> None:
    reader = make_reader(topics=(make_topic(),))
    digest = make_digest(reader)
    reader.leave()
    digest.reader.refresh_from_db()
    assert unmailed(digest) == ("suppressed", "the reader unsubscribed")


def test_content_names_all_that_the_reader_follows() -> None:
    topic, quiet = make_topic("knowledge transfer"), make_topic("moth navigation")
    make_match(topic, make_paper())
    content = content_of(make_digest(make_reader(topics=(quiet, topic))))
    assert content.topics == ("moth navigation", "knowledge transfer")


def test_closed_account_gets_none() -> None:
    reader = make_reader(topics=(make_topic(),))
    digest = make_digest(reader)
    reader.is_active = False
    reader.save()
    digest.reader.refresh_from_db()
    assert unmailed(digest) == ("suppressed", "the account is closed")


def test_suppressed_address_gets_none() -> None:
    topic = make_topic()
    make_match(topic, make_paper())
    Suppression.objects.create(address="Gone@example.org", reason="hard bounce")
    assert unmailed(make_digest(make_reader("gone@example.org", topics=(topic,)))) == (
        "suppressed",
        "the address does not exist",
    )


def test_digest_past_its_freshness_expires() -> None:
    digest = make_digest(make_reader(), due_at=NOON - timedelta(hours=20))
    assert unmailed(digest) == ("expired", "it could not be sent in time")


@pytest.mark.parametrize("readers", [1, 3])
def test_composing_takes_the_same_queries_for_any_number(readers: int, django_assert_num_queries: Any) -> None:
    digests = []
    for number in range(readers):
        topic = make_topic(f"topic number{number}")
        make_match(topic, make_paper(title=f"Title{number} of its own"))
        digests.append(make_digest(make_reader(topics=(topic,))))
    pool = CandidatePool(TODAY)
    loaded = list(Digest.objects.select_related("reader", "edition"))
    # suppressions and their salt, subscriptions, history, topics, matches, feedback, papers, sightings with sources
    with django_assert_num_queries(9):
        assert len(compose(loaded, pool, NOON).contents) == readers


def test_pool_counts_only_days_up_to_its_own() -> None:
    make_paper(announced_on=TODAY)
    make_paper(announced_on=TODAY + timedelta(days=1), trend=9.0)
    pool = CandidatePool(TODAY)
    assert (pool.announced_since(date(2026, 1, 1)), pool.trending) == (1, [])


def test_mail_leads_to_its_own_page_in_the_archive() -> None:
    topic = make_topic()
    make_match(topic, make_paper())
    reader = make_reader(topics=(topic,))
    content = content_of(make_digest(reader))
    path = content.archive_url.removeprefix("https://papers.example.org")
    found = resolve(path)
    assert (found.view_name, found.kwargs["day"]) == ("by_link:archived", TODAY)
    assert content.archive_url.startswith(content.preferences_url)
