from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import Reader
from digest.models import Feedback
from tests.digest.web.visits import page_of, preferences_of, said
from tests.make import NOON, make_paper, make_reader

pytestmark = pytest.mark.django_db


def answer(reader: Reader, title: str, *, wants_more: bool = True, minutes: int = 0) -> Feedback:
    paper = make_paper(title=title, url="https://papers.example.net/1")
    return Feedback.objects.say(reader.pk, paper.pk, wants_more=wants_more, now=NOON + timedelta(minutes=minutes))


def test_answers_are_listed_newest_first_with_their_date(client: Client, reader: Reader) -> None:
    answer(reader, "An older paper")
    answer(reader, "A newer $\\alpha$ paper", wants_more=False, minutes=1)
    page = client.get(preferences_of(reader)).content.decode()
    newer, older = (page.index(words) for words in ("A newer α paper</a>", "An older paper</a>"))
    assert newer < older
    assert "Less like <a" in page[:newer]
    assert page.count('<span class="soft">4\u00a0Mar\u00a02026</span>') == 2


def test_answers_of_others_are_not_shown(client: Client, reader: Reader) -> None:
    answer(make_reader(), "Theirs")
    for name in ("preferences", "feedback"):
        assert "Theirs" not in client.get(page_of(reader, name)).content.decode()


def test_page_without_answers_says_how_to_give_some(client: Client, reader: Reader) -> None:
    assert "Each paper of a digest can be answered" in client.get(page_of(reader, "feedback")).content.decode()


def test_undo_takes_one_answer_back(client: Client, reader: Reader) -> None:
    kept, gone = answer(reader, "Kept"), answer(reader, "Gone")
    other = Feedback.objects.say(make_reader().pk, gone.paper_id, wants_more=True, now=NOON)
    back = client.post(page_of(reader, "undo", gone.paper_id), follow=True)
    assert (back.redirect_chain, said(back)) == ([(preferences_of(reader), 302)], ["Taken back."])
    assert set(Feedback.objects.all()) == {kept, other}


def test_undo_twice_is_fine(client: Client, reader: Reader) -> None:
    path = page_of(reader, "undo", answer(reader, "Gone").paper_id)
    answers = [said(client.post(path, {"all": "1"}, follow=True)) for _ in range(2)]
    assert answers == [["Taken back."], ["That was taken back before."]]


@pytest.mark.parametrize("paper", ["9" * 30, "-1", "x"])
def test_undo_of_no_paper_is_not_found(client: Client, reader: Reader, paper: str) -> None:
    answer(reader, "Kept")
    assert client.post(f"{page_of(reader, 'feedback')}{paper}/undo/").status_code == 404
    assert reader.feedback.count() == 1


def test_get_of_undo_changes_nothing(client: Client, reader: Reader) -> None:
    path = page_of(reader, "undo", answer(reader, "Kept").paper_id)
    assert client.get(path).status_code == 302
    assert reader.feedback.count() == 1


def test_preferences_show_ten_and_lead_to_all(client: Client, reader: Reader) -> None:
    for number in range(10):
        answer(reader, f"Paper {number}")
    path = page_of(reader, "feedback")
    assert "Show all" not in client.get(preferences_of(reader)).content.decode()
    answer(reader, "One more")
    page = client.get(preferences_of(reader)).content.decode()
    assert (page.count(">Undo</button>"), f'<a href="{path}">Show all</a>' in page) == (10, True)
    assert client.get(path).content.decode().count(">Undo</button>") == 11


def test_page_shows_fifty_and_leads_to_the_rest(client: Client, reader: Reader) -> None:
    for number in range(51):
        answer(reader, f"Paper {number}")
    path = page_of(reader, "feedback")
    counts = [client.get(f"{path}?page={page}").content.decode().count(">Undo</button>") for page in ("1", "2", "x")]
    assert counts == [50, 1, 50]
    assert '<a rel="next" href="?page=2">Older</a>' in client.get(path).content.decode()


def test_page_asks_as_much_for_three_answers_as_for_one(
    client: Client, reader: Reader, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    path = page_of(reader, "feedback")
    answer(reader, "First")
    with django_assert_num_queries(3) as asked:
        client.get(path)
    answer(reader, "Second")
    answer(reader, "Third")
    with django_assert_num_queries(len(asked)):
        client.get(path)


@pytest.mark.parametrize("title", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "'\" onfocus='x"])
def test_hostile_title_is_shown_as_text(client: Client, reader: Reader, title: str) -> None:
    answer(reader, title)
    for name in ("preferences", "feedback"):
        page = client.get(page_of(reader, name)).content.decode()
        rows = page[page.rindex('<ul class="rows">') : page.rindex("</ul>")]
        for forbidden in ("<script>alert", "<img", "onfocus='x", "\"'"):
            assert forbidden not in rows
