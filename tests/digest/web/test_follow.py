"""Following a topic from its page."""

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import Reader
from digest.models import Letter, Signup, Subscription, Topic
from tests.digest.web.visits import followed, said, signed_in
from tests.make import make_public, make_reader, make_topic

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
WISH = {"address": "ada@example.org", "time_zone": "Europe/Berlin"}
FOLLOW = "/topics/moths/follow"


@pytest.fixture(autouse=True)
def no_limits_from_before() -> None:
    cache.clear()


@pytest.fixture(autouse=True)
def moths() -> Topic:
    return make_public("moths", slug="moths")


def by_mail(client: Client, *, in_place: bool = True, **changed: Any) -> Any:
    return client.post(FOLLOW, WISH | changed, headers=HTMX if in_place else {})


# --- Whoever is not signed in


@pytest.mark.parametrize("in_place", [True, False])
def test_address_is_asked_by_mail_and_nobody_is_signed_in(client: Client, in_place: bool) -> None:
    answer = by_mail(client, in_place=in_place)
    assert answer.status_code == 200
    assert "Look into your inbox" in answer.content.decode()
    assert ("<h1>" in answer.content.decode()) is not in_place
    wish = Signup.objects.get()
    assert (wish.address, wish.topics, wish.time_zone) == ("ada@example.org", ["moths"], "Europe/Berlin")
    assert Letter.objects.get().kind == "confirm"
    assert not Reader.objects.exists()


@pytest.mark.parametrize("in_place", [True, False])
@pytest.mark.parametrize(
    ("changed", "field"),
    [({"address": ""}, "address"), ({"address": "ada"}, "address"), ({"time_zone": "Moon"}, "time_zone")],
)
def test_form_that_needs_a_second_look_comes_again_with_what_was_typed(
    client: Client, changed: dict[str, str], field: str, in_place: bool
) -> None:
    answer = by_mail(client, in_place=in_place, **changed)
    html = answer.content.decode()
    assert list(answer.context["form"].errors) == [field]
    assert "Nothing was sent yet" in html
    assert ("<h1>" in html) is not in_place
    assert not Signup.objects.exists()


def test_answer_is_the_same_for_an_address_that_is_known(client: Client) -> None:
    stranger = by_mail(client).content
    make_reader("ada@example.org")
    assert by_mail(client).content == stranger


def test_program_that_fills_in_everything_gets_no_mail(client: Client) -> None:
    assert "Look into your inbox" in by_mail(client, homepage="https://spam.example").content.decode()
    assert not Letter.objects.exists()


@pytest.mark.parametrize("in_place", [True, False])
def test_too_many_tries_are_told_so(client: Client, in_place: bool) -> None:
    for _ in range(10):
        by_mail(client)
    answer = by_mail(client, in_place=in_place)
    assert answer.status_code == 429
    assert "Too many tries at once" in answer.content.decode()
    assert ("<h1>" in answer.content.decode()) is not in_place


def test_form_needs_no_token_but_must_come_from_our_pages() -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post(FOLLOW, WISH, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert not Signup.objects.exists()
    assert client.post(FOLLOW, WISH, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 200
    assert Signup.objects.get().topics == ["moths"]


def test_page_holds_the_form_with_address_and_a_time_zone_to_be_guessed(client: Client) -> None:
    html = client.get("/topics/moths").content.decode()
    form = re.search(rf'<form class="sign-up short" method="post" action="{FOLLOW}".*?</form>', html, re.DOTALL)
    assert form is not None
    assert 'name="address"' in form[0]
    assert '<input type="hidden" name="time_zone" value="UTC">' in form[0]
    assert "Mail me the papers in my topics, at most once a day." in form[0]


# --- Readers who are signed in


def test_reader_follows_at_once_and_unfollows(moths: Topic) -> None:
    reader = make_reader("ada@example.org")
    client = signed_in(reader)
    answer = client.post(FOLLOW, {"do": "follow"}, headers=HTMX)
    assert "You follow “moths” now, from the next digest on." in answer.content.decode()
    assert "Stop following" in answer.content.decode()
    assert followed(reader) == ["moths"]
    answer = client.post(FOLLOW, {"do": "unfollow"}, headers=HTMX)
    assert "You do not follow “moths” any more." in answer.content.decode()
    assert followed(reader) == []


def test_without_htmx_the_topic_s_page_says_what_has_happened() -> None:
    reader = make_reader("ada@example.org")
    client = signed_in(reader)
    answer = client.post(FOLLOW, {"do": "follow"})
    assert answer.headers["Location"] == "/topics/moths"
    assert said(client.get("/topics/moths")) == ["You follow “moths” now, from the next digest on."]


def test_muted_topic_brings_papers_again_with_its_weight(moths: Topic) -> None:
    reader = make_reader("ada@example.org")
    Subscription.objects.create(reader=reader, topic=moths, weight=2, is_muted=True)
    client = signed_in(reader)
    assert "Follow by mail" in client.get("/topics/moths").content.decode()
    client.post(FOLLOW, {"do": "follow"})
    assert list(reader.subscriptions.values_list("weight", "is_muted")) == [(2, False)]


def test_reader_s_form_needs_its_token(moths: Topic) -> None:
    reader = make_reader("ada@example.org")
    client = signed_in(reader, enforce_csrf_checks=True)
    assert client.post(FOLLOW, {"do": "follow"}, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 403
    assert followed(reader) == []


# --- What cannot be followed here


def test_looking_at_the_address_leads_to_the_topic(client: Client) -> None:
    assert client.get(FOLLOW).headers["Location"] == "/topics/moths"


@pytest.mark.parametrize("slug", ["nothing", "secret"])
def test_topic_without_a_page_cannot_be_followed_here(client: Client, slug: str) -> None:
    make_topic("secret")
    assert client.post(f"/topics/{slug}/follow", WISH).status_code == 404
    assert not Signup.objects.exists()
