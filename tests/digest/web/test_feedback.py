"""More like this, less like this, stop this topic: by the link of a mail and signed in."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import Reader
from digest.feedback.links import Purpose, token
from digest.models import Feedback, Paper, Subscription
from tests.digest.web.visits import followed
from tests.make import NOON, make_paper, make_reader, make_topic

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def by_link(reader: Reader, page: str, key: int) -> str:
    return reverse(f"by_link:{page}", args=[token(Purpose.PREFERENCES, reader.pk), key])


def said(reader: Reader) -> list[tuple[int, bool]]:
    return list(reader.feedback.order_by("pk").values_list("paper", "wants_more"))


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def paper() -> Paper:
    return make_paper(title="Moths & lamps", authors=["Ada Lindqvist"], url="https://papers.example.net/1")


# --- A paper


@pytest.mark.parametrize(
    ("word", "heading"), [("more", "<h1>More like this?</h1>"), ("less", "<h1>Less like this?</h1>")]
)
def test_get_shows_the_paper_and_one_button_and_changes_nothing(
    client: Client, reader: Reader, paper: Paper, word: str, heading: str
) -> None:
    shown = page(client, by_link(reader, word, paper.pk))
    assert heading in shown
    assert "Moths &amp; lamps" in shown
    assert "Ada Lindqvist" in shown
    assert shown[shown.index("<main") :].count("<button") == 1
    assert client.head(by_link(reader, word, paper.pk)).status_code == 200
    assert said(reader) == []


@pytest.mark.parametrize(("word", "wants_more"), [("more", True), ("less", False)])
def test_post_says_it_and_the_page_then_offers_to_undo(
    client: Client, reader: Reader, paper: Paper, word: str, wants_more: bool
) -> None:
    path = by_link(reader, word, paper.pk)
    answer = client.post(path)
    assert (answer.status_code, answer["Location"]) == (302, path)
    assert said(reader) == [(paper.pk, wants_more)]
    assert Feedback.objects.get().said_at == NOON
    shown = page(client, path)
    assert f"<h1>Noted: {word} like this</h1>" in shown
    assert "From your next digest on" in shown
    assert 'name="undo"' in shown


def test_undo_takes_it_back(client: Client, reader: Reader, paper: Paper) -> None:
    path = by_link(reader, "more", paper.pk)
    client.post(path)
    shown = client.post(path, {"undo": "1"}, follow=True).content.decode()
    assert said(reader) == []
    assert "Taken back. Your digests are as if you had not said it." in shown
    assert "<h1>More like this?</h1>" in shown


def test_undo_twice_is_as_good_as_once(client: Client, reader: Reader, paper: Paper) -> None:
    for _ in range(2):
        assert client.post(by_link(reader, "more", paper.pk), {"undo": "1"}).status_code == 302
    assert said(reader) == []


def test_other_word_takes_the_place_of_the_first(client: Client, reader: Reader, paper: Paper) -> None:
    client.post(by_link(reader, "more", paper.pk))
    assert "You asked for more like this before. This takes its place." in page(
        client, by_link(reader, "less", paper.pk)
    )
    client.post(by_link(reader, "less", paper.pk))
    assert said(reader) == [(paper.pk, False)]


@pytest.mark.parametrize("gone", [{"withdrawn_at": NOON}, {"hidden_at": NOON}])
def test_paper_that_does_not_stand_is_a_calm_page(client: Client, reader: Reader, gone: dict[str, Any]) -> None:
    hidden = make_paper(title="Moths", **gone)
    for answer in (client.get(by_link(reader, "more", hidden.pk)), client.post(by_link(reader, "more", hidden.pk))):
        assert answer.status_code == 404
        assert "This paper is no longer here" in answer.content.decode()
        assert "Moths" not in answer.content.decode()
    assert said(reader) == []


def test_paper_that_was_never_there_is_a_calm_page(client: Client, reader: Reader) -> None:
    answer = client.post(by_link(reader, "less", 404))
    assert (answer.status_code, "no longer here" in answer.content.decode()) == (404, True)


def test_what_was_said_of_a_paper_that_is_gone_can_be_taken_back(client: Client, reader: Reader, paper: Paper) -> None:
    client.post(by_link(reader, "more", paper.pk))
    Paper.objects.update(withdrawn_at=NOON)
    client.post(by_link(reader, "more", paper.pk), {"undo": "1"})
    assert said(reader) == []


# --- Who may say it


def test_link_of_one_reader_says_nothing_for_another(client: Client, reader: Reader, paper: Paper) -> None:
    other = make_reader()
    client.force_login(other)
    client.post(by_link(reader, "more", paper.pk))
    assert (said(reader), said(other)) == ([(paper.pk, True)], [])


def test_link_takes_back_nothing_of_another(client: Client, reader: Reader, paper: Paper) -> None:
    client.post(by_link(reader, "more", paper.pk))
    client.post(by_link(make_reader(), "more", paper.pk), {"undo": "1"})
    assert said(reader) == [(paper.pk, True)]


@pytest.mark.parametrize("word", ["more", "less", "stop"])
def test_forged_link_is_not_found(client: Client, reader: Reader, paper: Paper, word: str) -> None:
    forged = by_link(reader, word, paper.pk).replace(token(Purpose.PREFERENCES, reader.pk), f"{reader.pk}.forged.link")
    for answer in (client.get(forged), client.post(forged)):
        assert answer.status_code == 404
        assert "This link does not work" in answer.content.decode()
    assert said(reader) == []


def test_link_for_leaving_says_nothing(client: Client, reader: Reader, paper: Paper) -> None:
    path = reverse("by_link:more", args=[token(Purpose.UNSUBSCRIBE, reader.pk), paper.pk])
    assert client.post(path).status_code == 404
    assert said(reader) == []


def test_signed_in_reader_needs_no_link(client: Client, reader: Reader, paper: Paper) -> None:
    client.force_login(reader)
    client.post(f"/you/more/{paper.pk}/")
    assert said(reader) == [(paper.pk, True)]


def test_nobody_is_led_to_the_login(client: Client, paper: Paper) -> None:
    answer = client.post(f"/you/more/{paper.pk}/")
    assert (answer.status_code, answer["Location"]) == (302, f"/accounts/login/?next=/you/more/{paper.pk}/")


def test_post_without_csrf_token_is_refused(reader: Reader, paper: Paper) -> None:
    strict = Client(enforce_csrf_checks=True)
    topic = reader.subscriptions.first()
    assert topic is not None
    for path in (by_link(reader, "more", paper.pk), by_link(reader, "stop", topic.topic_id)):
        assert strict.post(path).status_code == 403
    assert (said(reader), len(followed(reader))) == ([], 2)


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_are_refused(client: Client, reader: Reader, paper: Paper, method: str) -> None:
    for word in ("more", "less", "stop"):
        assert getattr(client, method)(by_link(reader, word, paper.pk)).status_code == 405


def test_page_shows_a_hostile_title_as_text(client: Client, reader: Reader) -> None:
    hostile = make_paper(title="<script>alert(1)</script>")
    shown = page(client, by_link(reader, "more", hostile.pk))
    assert "<script>alert" not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown


def test_page_takes_the_same_queries_with_three_words_as_with_one(
    client: Client, reader: Reader, paper: Paper, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(3):  # reader, paper, what was said
        client.get(by_link(reader, "more", paper.pk))
    for other in (make_paper(), make_paper(), paper):
        client.post(by_link(reader, "more", other.pk))
    with django_assert_num_queries(3):
        client.get(by_link(reader, "more", paper.pk))


# --- Without leaving the page (htmx)


def test_htmx_gets_the_line_that_says_it_is_noted(client: Client, reader: Reader, paper: Paper) -> None:
    client.force_login(reader)
    answer = client.post(f"/you/more/{paper.pk}/", headers=HTMX)
    shown = answer.content.decode()
    assert answer.status_code == 200
    assert "<html" not in shown
    assert "More like this: noted." in shown.replace("\n", "")
    assert f'data-hx-post="/you/more/{paper.pk}/"' in shown
    assert 'aria-label="Undo: Moths &amp; lamps" autofocus' in shown
    assert said(reader) == [(paper.pk, True)]


def test_htmx_undo_gets_the_buttons_back(client: Client, reader: Reader, paper: Paper) -> None:
    client.force_login(reader)
    client.post(f"/you/less/{paper.pk}/", headers=HTMX)
    shown = client.post(f"/you/less/{paper.pk}/", {"undo": "1"}, headers=HTMX).content.decode()
    assert shown.count("<button") == 2
    assert "More like this" in shown
    assert said(reader) == []


def test_htmx_by_a_link_stays_on_the_link(client: Client, reader: Reader, paper: Paper) -> None:
    path = by_link(reader, "more", paper.pk)
    assert f'data-hx-post="{path}"' in client.post(path, headers=HTMX).content.decode()


# --- A topic


def first_topic(reader: Reader) -> int:
    return reader.subscriptions.order_by("pk").values_list("topic", flat=True)[0]


def test_get_asks_before_it_stops_a_topic(client: Client, reader: Reader) -> None:
    shown = page(client, by_link(reader, "stop", first_topic(reader)))
    assert "<h1>Stop knowledge transfer?</h1>" in shown
    assert "only topic" not in shown
    assert followed(reader) == ["knowledge transfer", "cat:cs.CL"]


def test_post_stops_the_topic_and_undo_starts_it_again(client: Client, reader: Reader) -> None:
    path = by_link(reader, "stop", first_topic(reader))
    shown = client.post(path, follow=True).content.decode()
    assert "<h1>Stopped: knowledge transfer</h1>" in shown
    assert "You follow 1 other topic, which stays as it is." in shown
    assert followed(reader) == ["cat:cs.CL"]
    shown = client.post(path, {"undo": "1"}, follow=True).content.decode()
    assert "<h1>Stop knowledge transfer?</h1>" in shown
    assert followed(reader) == ["knowledge transfer", "cat:cs.CL"]


def test_undo_keeps_the_weight_and_has_a_topic_matched_that_nobody_followed(client: Client) -> None:
    topic = make_topic("moths")
    reader = make_reader(topics=(topic,))
    Subscription.objects.update(weight=2)
    path = by_link(reader, "stop", topic.pk)
    client.post(path)
    type(topic).objects.update(match_due_at=None)
    client.post(path, {"undo": "1"})
    topic.refresh_from_db()
    assert (Subscription.objects.get().weight, topic.match_due_at) == (2, NOON)


def test_last_topic_says_that_no_digest_comes_without_it(client: Client) -> None:
    topic = make_topic("moths")
    reader = make_reader(topics=(topic,))
    assert "It is your only topic" in page(client, by_link(reader, "stop", topic.pk))
    shown = client.post(by_link(reader, "stop", topic.pk), follow=True).content.decode()
    assert "no digest comes until you follow another" in shown


def test_topic_that_the_reader_does_not_follow_is_a_calm_page(client: Client, reader: Reader) -> None:
    other = make_topic("moths")
    make_reader(topics=(other,))
    for answer in (client.get(by_link(reader, "stop", other.pk)), client.post(by_link(reader, "stop", other.pk))):
        assert answer.status_code == 404
        assert "You do not follow this topic" in answer.content.decode()
    assert Subscription.objects.filter(is_muted=True).count() == 0


def test_page_shows_a_hostile_topic_as_text(client: Client) -> None:
    topic = make_topic('"<script>alert(1)</script>"')
    shown = page(client, by_link(make_reader(topics=(topic,)), "stop", topic.pk))
    assert "<script>alert" not in shown
