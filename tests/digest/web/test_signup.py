from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import Reader
from digest.feedback.links import Purpose, link
from digest.feedback.signup import ask
from digest.models import Letter, Signup
from tests.make import NOON, make_reader

pytestmark = pytest.mark.django_db

WISH = {"address": "ada@example.org", "topics": ["moths", "cat:cs.CL"], "time_zone": "Europe/Berlin"}


@pytest.fixture(autouse=True)
def no_limits_from_before() -> None:
    cache.clear()


def post(client: Client, **changed: Any) -> Any:
    return client.post("/sign-up", WISH | changed)


def errors(answer: Any) -> dict[str, list[str]]:
    assert answer.status_code == 200
    return {name: list(said) for name, said in answer.context["form"].errors.items()}


def confirming(address: str = "ada@example.org", topics: tuple[str, ...] = ("moths",)) -> str:
    ask(address, topics, time_zone="Europe/Berlin", now=NOON)
    return link(Purpose.CONFIRM, Signup.objects.get(address=address).pk).removeprefix("https://papers.example.org")


# --- The form


def test_post_asks_and_posts_one_letter(client: Client) -> None:
    answer = post(client)
    assert answer.status_code == 200
    assert "<h1>Look into your inbox</h1>" in answer.content.decode()
    signup = Signup.objects.get()
    assert (signup.address, signup.topics, signup.time_zone) == (
        "ada@example.org",
        ["moths", "cat:cs.CL"],
        "Europe/Berlin",
    )
    assert Letter.objects.get().kind == "confirm"
    assert Reader.objects.count() == 0


def test_form_offers_what_can_be_chosen(client: Client) -> None:
    page = client.get("/sign-up").content.decode()
    assert page.count('name="topics"') == 3
    assert '<optgroup label="Europe">' in page
    assert '<option value="UTC" selected>UTC</option>' in page
    assert "Mail me the papers in my topics, at most once a day." in page


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("address", "ada@example", "After the @ stands a name with a dot in it, such as example.org."),
        ("address", "a" * 300, "This is longer than any mail address: 254 characters are the most."),
        ("address", "", "Type your mail address."),
        ("topics", ["", " "], "Name at least one topic, in a few words: knowledge transfer"),
        ("time_zone", "Mars/Olympus", "“Mars/Olympus” is not a time zone; write one like Europe/Berlin."),
    ],
)
def test_post_of_a_bad_field_says_so_beside_it_and_does_nothing(
    client: Client, field: str, typed: Any, message: str
) -> None:
    answer = post(client, **{field: typed})
    assert errors(answer) == {field: [message]}
    assert message in answer.content.decode().replace("&#x27;", "'")
    assert (Signup.objects.count(), Letter.objects.count()) == (0, 0)


def test_post_with_an_error_keeps_what_was_typed(client: Client) -> None:
    page = post(client, address="ada@example").content.decode()
    for kept in ('value="ada@example"', 'value="moths"', '<option value="Europe/Berlin" selected>'):
        assert kept in page


def test_post_of_a_program_that_fills_in_everything_does_nothing_and_says_the_same(client: Client) -> None:
    human, program = post(client), post(client, homepage="https://spam.example.net")
    assert program.content == human.content
    assert Letter.objects.count() == 1
    cache.clear()
    post(client, address="zoe@example.org", homepage="x")
    assert not Signup.objects.filter(address="zoe@example.org").exists()


def test_another_topic_works_without_a_script(client: Client) -> None:
    page = post(client, another_topic="1").content.decode()
    assert page.count('name="topics"') == 4
    assert Signup.objects.count() == 0


def test_posts_from_one_place_are_limited_in_words(client: Client) -> None:
    codes = [post(client, address=f"ada{number}@example.org").status_code for number in range(12)]
    assert codes == [200] * 10 + [429] * 2
    assert Letter.objects.count() == 10
    page = post(client).content.decode()
    assert "<h1>Too many tries at once</h1>" in page
    assert Client(REMOTE_ADDR="192.0.2.7").post("/sign-up", WISH).status_code == 200


# --- The confirmation


def test_get_of_the_link_shows_what_will_start_and_changes_nothing(client: Client) -> None:
    path = confirming(topics=("moths", "cat:cs.CL"))
    before = Signup.objects.values().get()
    page = client.get(path).content.decode()
    for shown in ("<li>moths</li>", "<li>cs.CL</li>", "Every day, soon after 07:00 (Europe/Berlin)"):
        assert shown in page
    assert (Reader.objects.count(), Signup.objects.values().get()) == (0, before)


def test_post_of_the_link_begins_and_signs_nobody_in(client: Client) -> None:
    answer = client.post(confirming())
    page = answer.content.decode()
    assert "<h1>That was all</h1>" in page
    assert "comes on Thursday, 5 March, soon after 07:00 (Europe/Berlin)." in page
    reader = Reader.objects.get()
    assert f'href="https://papers.example.org/preferences/{reader.pk}.' in page
    assert "_auth_user_id" not in client.session
    assert client.get("/you/").status_code == 302
    assert Letter.objects.filter(kind="welcome", reader=reader).count() == 1


def test_link_used_again_says_so(client: Client) -> None:
    path = confirming()
    client.post(path)
    for answer in (client.get(path), client.post(path)):
        assert "<h1>You have confirmed this already</h1>" in answer.content.decode()
    Reader.objects.get().leave()
    assert "gets no digests at the moment" in client.get(path).content.decode()
    assert Reader.objects.get().state == "left"


def test_link_works_for_a_week(client: Client, noon: Any) -> None:
    path = confirming()
    noon.shift(timedelta(days=7) - timedelta(seconds=1))
    assert client.get(path).status_code == 200
    noon.shift(timedelta(seconds=2))
    assert client.post(path).status_code == 404
    assert Reader.objects.count() == 0


@pytest.mark.parametrize("method", ["get", "head", "post"])
def test_link_that_is_forged_cut_or_for_something_else_is_not_found(client: Client, method: str) -> None:
    path = confirming()
    reader = make_reader()
    other = link(Purpose.PREFERENCES, reader.pk).rpartition("/preferences/")[2].strip("/")
    for wrong in (path[:-1], path[:-10], "/confirm/1.abc", f"/confirm/{other}", f"/confirm/9{path.rpartition('/')[2]}"):
        answer = getattr(client, method)(wrong)
        assert answer.status_code == 404, wrong
    assert "Nothing was changed." in client.post(path[:-1]).content.decode()
    assert Reader.objects.count() == 1


def test_link_of_a_forgotten_sign_up_is_not_found(client: Client) -> None:
    path = confirming()
    Signup.objects.all().delete()
    assert (client.get(path).status_code, client.post(path).status_code) == (404, 404)


def test_link_for_a_closed_account_says_so_and_opens_nothing(client: Client) -> None:
    make_reader("ada@example.org", is_active=False, state="left")
    assert client.post(confirming()).status_code == 403
    assert Reader.objects.get().state == "left"
