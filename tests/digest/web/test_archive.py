from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import Reader
from digest.models import Digest, Paper, Subscription, Topic
from tests.digest.web.visits import page_of
from tests.make import NOON, TODAY, make_digest, make_match, make_paper, make_reader, make_sighting, make_topic

pytestmark = pytest.mark.django_db

HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'


def sent(reader: Reader, *papers: Paper, days_ago: int = 0, **given: Any) -> Digest:
    topic = make_topic()
    stated = {
        "state": "accepted",
        "next_attempt_at": None,
        "settled_at": NOON,
        "subject": f"Knowledge transfer: {len(papers)} new",
        "picks": [[paper.pk, topic.pk] for paper in papers],
    }
    return make_digest(reader, TODAY - timedelta(days=days_ago), **stated | given)


def page(client: Client, reader: Reader, name: str, *args: Any, **query: Any) -> str:
    answer = client.get(page_of(reader, name, *args), query)
    assert answer.status_code == 200
    return answer.content.decode()


# --- The list


def test_list_without_digests_says_what_will_be_here(client: Client, reader: Reader) -> None:
    assert "Each digest that you get will be here from its day on" in page(client, reader, "archive")


def test_list_names_day_subject_and_number_newest_first(client: Client, reader: Reader) -> None:
    sent(reader, make_paper(), days_ago=1)
    sent(reader, make_paper(), make_paper())
    shown = page(client, reader, "archive")
    newest = f'<a href="{page_of(reader, "archived", TODAY)}">Knowledge transfer: 2 new</a>'
    older = f'<a href="{page_of(reader, "archived", TODAY - timedelta(days=1))}">Knowledge transfer: 1 new</a>'
    assert shown.index(newest) < shown.index(older)
    assert "Wednesday, 4 March 2026 · 2 papers" in shown
    assert "Tuesday, 3 March 2026 · 1 paper\n" in shown.replace("</p>", "\n")


@pytest.mark.parametrize(
    ("state", "note"),
    [
        ("empty", "Nothing new was close enough to your topics."),
        ("suppressed", "No mail could go to your address."),
        ("expired", "It could not be sent in time."),
    ],
)
def test_list_says_quietly_why_a_day_had_nothing(client: Client, reader: Reader, state: str, note: str) -> None:
    sent(reader, state=state, reason="in words of ours", subject="")
    shown = page(client, reader, "archive")
    assert f"Wednesday, 4 March 2026 · no digest. {note}" in shown
    assert "words of ours" not in shown
    assert client.get(page_of(reader, "archived", TODAY)).status_code == 404


@pytest.mark.parametrize(
    ("state", "note"),
    [("failed", "Your mail system did not take it."), ("uncertain", "It may not have reached you.")],
)
def test_digest_that_did_not_arrive_can_be_read(client: Client, reader: Reader, state: str, note: str) -> None:
    sent(reader, make_paper(title="A quiet method"), state=state)
    assert note in page(client, reader, "archive")
    shown = page(client, reader, "archived", TODAY)
    assert note in shown
    assert "A quiet method" in shown


def test_list_leaves_out_what_is_still_on_its_way(client: Client, reader: Reader) -> None:
    make_digest(reader)
    assert "4 March 2026" not in page(client, reader, "archive")


def test_list_is_paged(client: Client, reader: Reader) -> None:
    for days_ago in range(31):
        sent(reader, make_paper(), days_ago=days_ago)
    rows = [page(client, reader, "archive", page=number).count("Knowledge transfer:") for number in ("1", "2", "99")]
    assert rows == [30, 1, 1]


def test_list_asks_as_much_for_three_digests_as_for_one(
    client: Client, reader: Reader, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    sent(reader, make_paper())
    with django_assert_num_queries(3) as asked:
        page(client, reader, "archive")
    for days_ago in (1, 2):
        sent(reader, make_paper(), make_paper(), days_ago=days_ago)
    with django_assert_num_queries(len(asked)):
        page(client, reader, "archive")


# --- One digest


def test_digest_shows_its_papers_with_their_reasons(client: Client, reader: Reader) -> None:
    paper = make_paper(title="A quiet $\\alpha$ method", url="https://papers.example.net/1")
    sent(reader, paper)
    make_match(make_topic(), paper, why="has “transfer” in its title")
    shown = page(client, reader, "archived", TODAY)
    assert "<h1>Wednesday, 4 March 2026</h1>" in shown
    assert "<h2>Knowledge transfer</h2>" in shown
    assert f'<h3 class="title"><a href="/papers/{Paper.objects.get().pk}">A quiet α method</a></h3>' in shown
    assert 'href="https://papers.example.net/1" aria-label="Abstract of A quiet α method"' in shown
    assert '<p class="reason">Has “transfer” in its title</p>' in shown


def test_digest_without_kept_matches_names_the_topic(client: Client, reader: Reader) -> None:
    sent(reader, make_paper())
    assert '<p class="reason">Knowledge transfer</p>' in page(client, reader, "archived", TODAY)


def test_digest_whose_papers_are_gone_says_so(client: Client, reader: Reader) -> None:
    gone = make_paper()
    sent(reader, gone, make_paper(title="Here"))
    gone.delete()
    shown = page(client, reader, "archived", TODAY)
    assert "1 of its papers is no longer here" in shown
    assert "Here</a></h3>" in shown


def test_digest_of_another_reader_is_not_found(client: Client, reader: Reader) -> None:
    sent(make_reader(), make_paper())
    assert client.get(page_of(reader, "archived", TODAY)).status_code == 404


@pytest.mark.parametrize("day", ["2026-13-40", "2026-02-30", "0000-00-00", "today"])
def test_day_that_is_none_is_not_found(client: Client, reader: Reader, day: str) -> None:
    assert client.get(f"{page_of(reader, 'archive')}{day}/").status_code == 404


def test_digest_asks_as_much_for_three_papers_as_for_one(
    client: Client, reader: Reader, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    papers = [make_paper() for _ in range(4)]
    for paper in papers:
        make_sighting(paper)
    sent(reader, papers[0])
    sent(reader, *papers[1:], days_ago=1)
    with django_assert_num_queries(7) as asked:
        page(client, reader, "archived", TODAY)
    with django_assert_num_queries(len(asked)):
        page(client, reader, "archived", TODAY - timedelta(days=1))


# --- The next one


def test_next_digest_shows_what_would_come_and_when(client: Client, reader: Reader) -> None:
    paper = make_paper(title="A quiet method")
    make_match(make_topic(), paper, why="has “transfer” in its title")
    make_paper(title="Read by many", trend=2, attention="84 upvotes")
    shown = page(client, reader, "next")
    assert "Your next digest comes tomorrow, Thursday, 5 March 2026, soon after 07:00, UTC time." in shown
    assert "it would bring 1 paper of 2 announced today" in shown
    assert "A quiet method</a></h3>" in shown
    assert '<p class="reason">Has “transfer” in its title</p>' in shown
    assert "<h2>Trending now</h2>" in shown
    assert Digest.objects.count() == 0


def test_next_digest_leaves_out_what_came_today(client: Client, reader: Reader) -> None:
    had, new = make_paper(title="Had"), make_paper(title="New")
    for paper in (had, new):
        make_match(make_topic(), paper)
    sent(reader, had)
    Reader.objects.filter(pk=reader.pk).update(last_edition_on=TODAY)
    shown = page(client, reader, "next")
    assert ("New</a></h3>" in shown, "Had</a></h3>" in shown) == (True, False)


def test_next_digest_of_nothing_says_so_and_what_helps(client: Client, reader: Reader) -> None:
    Subscription.objects.follow_all([(reader.pk, make_topic().pk)])
    shown = page(client, reader, "next")
    assert "no new paper is close enough to your topics, so there would be no mail" in shown
    assert "A topic that you have just added takes a few minutes" in shown


def test_next_digest_without_a_topic_asks_for_one(client: Client) -> None:
    assert "You follow no topic at the moment, so there is nothing to send." in page(client, make_reader(), "next")


@pytest.mark.parametrize("state", ["left", "paused", "pending"])
def test_next_digest_of_somebody_who_gets_none_promises_none(client: Client, state: str) -> None:
    shown = page(client, make_reader(state=state), "next")
    assert "You get no digests at the moment." in shown
    assert "comes" not in shown


# --- What strangers may have written


@pytest.mark.parametrize("name", ["archived", "next"])
def test_hostile_words_are_shown_as_text(client: Client, name: str) -> None:
    topic = make_topic()
    Topic.objects.update(label=HOSTILE)
    reader = make_reader(topics=(topic,))
    paper = make_paper(title=HOSTILE, abstract=HOSTILE, authors=[HOSTILE], venue=HOSTILE, url="javascript:alert(1)")
    make_match(topic, paper, why=HOSTILE)
    make_digest(
        reader, state="accepted", next_attempt_at=None, subject=HOSTILE, picks=[[paper.pk, topic.pk]], trending=[]
    )
    shown = page(client, reader, name, *([TODAY] if name == "archived" else []))
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    for forbidden in ("<script>alert", "<img", "javascript:"):
        assert forbidden not in shown
    assert "<script>alert" not in page(client, reader, "archive")
