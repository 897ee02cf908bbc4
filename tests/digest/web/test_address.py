from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.test import Client

from accounts.models import Reader
from digest.models import Letter, Suppression
from tests.digest.web.visits import preferences_of, without_token
from tests.make import make_reader

pytestmark = pytest.mark.django_db

FORM = "/you/address/"
NEW = "ada@new.example.net"


@pytest.fixture(autouse=True)
def no_limits_from_before() -> None:
    cache.clear()


@pytest.fixture
def member(client: Client, reader: Reader) -> Client:
    client.force_login(reader)
    return client


def ask(member: Client, new: str = NEW) -> Any:
    return member.post(FORM, {"new": new})


def mailed_path(address: str = NEW) -> str:
    url: str = Letter.objects.filter(kind="new address", address=address).latest("pk").said["url"]
    return url.removeprefix("https://papers.example.org")


def test_asking_mails_the_new_address_and_changes_nothing(member: Client, reader: Reader) -> None:
    page = ask(member, " Ada@New.Example.net ").content.decode()
    assert f"<h1>Look into the inbox of {NEW}</h1>" in page
    assert list(Letter.objects.values_list("kind", "address", "reader")) == [("new address", NEW, reader.pk)]
    reader.refresh_from_db()
    assert reader.email == "ada@example.org"


def test_link_asks_and_its_post_moves_the_reader(member: Client, reader: Reader, client: Client) -> None:
    EmailAddress.objects.create(user=reader, email=reader.email, verified=True, primary=True)
    ask(member)
    stranger = Client()
    page = stranger.get(mailed_path()).content.decode()
    assert f"Digests that now go to ada@example.org will go to {NEW}." in page
    reader.refresh_from_db()
    assert reader.email == "ada@example.org"
    page = stranger.post(mailed_path()).content.decode()
    assert f"<h1>Your address is {NEW}</h1>" in page
    reader.refresh_from_db()
    assert reader.email == NEW
    assert list(EmailAddress.objects.values_list("email", "verified", "primary")) == [(NEW, True, True)]
    moved = Letter.objects.get(kind="moved")
    assert (moved.address, moved.said) == ("ada@example.org", {"new": NEW})
    assert "_auth_user_id" not in stranger.session


def test_link_used_twice_is_harmless(member: Client) -> None:
    ask(member)
    for _ in range(2):
        assert Client().post(mailed_path()).status_code == 200
    assert Letter.objects.filter(kind="moved").count() == 1


def test_link_from_before_another_move_does_nothing(member: Client, reader: Reader) -> None:
    ask(member, "one@example.net")
    ask(member, "two@example.net")
    Client().post(mailed_path("two@example.net"))
    assert Client().post(mailed_path("one@example.net")).status_code == 404
    reader.refresh_from_db()
    assert reader.email == "two@example.net"


def test_link_from_before_does_nothing_where_another_move_led_back(member: Client, reader: Reader, noon: Any) -> None:
    for new in (NEW, "ada@example.org"):
        noon.shift(timedelta(minutes=1))
        ask(member, new)
        assert Client().post(mailed_path(new)).status_code == 200
    assert Client().post(mailed_path(NEW)).status_code == 404
    reader.refresh_from_db()
    assert reader.email == "ada@example.org"


def test_link_works_for_two_days(member: Client, noon: Any) -> None:
    ask(member)
    noon.shift(timedelta(days=2, seconds=1))
    assert Client().post(mailed_path()).status_code == 404
    assert Reader.objects.filter(email="ada@example.org").exists()


@pytest.mark.parametrize("method", ["get", "post"])
def test_link_that_is_forged_or_cut_is_not_found(member: Client, method: str) -> None:
    ask(member)
    path = mailed_path()
    for wrong in (path[:-1], "/address/1.abc", "/address/W10.abc", path.replace("/address/", "/address/A")):
        assert getattr(Client(), method)(wrong).status_code == 404
    assert Reader.objects.filter(email="ada@example.org").exists()


def test_address_of_somebody_else_is_told_only_to_its_owner(member: Client, reader: Reader) -> None:
    make_reader("taken@example.net")
    taken, free = ask(member, "taken@example.net"), ask(member, "freee@example.net")
    without_names = [without_token(page).replace("taken@", "@").replace("freee@", "@") for page in (taken, free)]
    assert without_names[0] == without_names[1]
    assert Client().get(mailed_path("taken@example.net")).status_code == 200
    answer = Client().post(mailed_path("taken@example.net"))
    assert answer.status_code == 409
    assert "<h1>This address cannot be used</h1>" in answer.content.decode()
    reader.refresh_from_db()
    assert reader.email == "ada@example.org"


@pytest.mark.parametrize(("reason", "email"), [("staff", "ada@example.org"), ("hard bounce", NEW), ("erased", NEW)])
def test_suppressed_address_is_refused_where_staff_stopped_it(
    member: Client, reader: Reader, reason: str, email: str
) -> None:
    Suppression.objects.suppress(NEW, reason)
    ask(member)
    Client().post(mailed_path())
    reader.refresh_from_db()
    assert reader.email == email
    assert Suppression.objects.of(NEW).exists() == (reason == "staff")


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("ada@example.org", "Your digests go there already."),
        ("ada@new", "After the @ stands a name with a dot in it, such as example.org."),
        ("", "Type your mail address."),
        ("ada@example.net\r\nBcc: eve@example.net", "There is a character in it that nobody sees."),
    ],
)
def test_bad_address_is_refused_beside_the_field(member: Client, typed: str, message: str) -> None:
    answer = ask(member, typed)
    assert message in answer.content.decode()
    assert Letter.objects.count() == 0


def test_one_address_gets_two_mails_a_day_and_the_page_stays_the_same(member: Client) -> None:
    assert len({without_token(ask(member)) for _ in range(4)}) == 1
    assert Letter.objects.count() == 2


def test_asking_often_is_limited(member: Client) -> None:
    codes = [ask(member, f"ada{number}@example.net").status_code for number in range(7)]
    assert codes == [200] * 5 + [429] * 2


def test_signed_link_leads_to_the_login(client: Client, reader: Reader) -> None:
    answer = client.post(f"{preferences_of(reader)}address/", {"new": NEW})
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/?next=/you/address/")
    assert Letter.objects.count() == 0
