from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.test import Client

from accounts.models import Reader
from digest.delivery.letters import deliver_letters_due
from digest.models import Letter
from tests.make import NOON, make_reader

pytestmark = pytest.mark.django_db

LOGIN, CODE, PASSWORD = "/accounts/login/", "/accounts/login/code/", "/accounts/login/password/"
SECRET = "a long sentence that nobody guesses"  # noqa: S105 - invented


@pytest.fixture(autouse=True)
def no_limits_from_before() -> None:
    cache.clear()


def ask(client: Client, email: str = "ada@example.org", **given: Any) -> Any:
    return client.post(LOGIN, {"email": email} | given)


def mailed_code() -> str:
    code: str = Letter.objects.filter(kind="code").latest("pk").said["code"]
    return code


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def member(client: Client, **given: Any) -> Reader:
    """Make a member of staff, signed in by a code a moment ago."""
    reader = make_reader("staff@example.org", is_staff=True, **given)
    ask(client, reader.email)
    client.post(CODE, {"code": mailed_code()})
    assert signed_in(client)
    return reader


# --- By code


@pytest.mark.parametrize("state", ["active", "paused", "left", "pending"])
def test_code_of_the_letter_signs_in(client: Client, state: str) -> None:
    make_reader("ada@example.org", state=state)
    answer = ask(client, " ADA@example.org ")
    assert (answer.status_code, answer["Location"]) == (302, CODE)
    page = client.get(CODE).content.decode()
    assert "<h1>Look into your inbox</h1>" in page
    letter = Letter.objects.get()
    assert (letter.kind, letter.address, letter.said["minutes"]) == ("code", "ada@example.org", 15)
    assert letter.expires_at == NOON + timedelta(minutes=15)
    answer = client.post(CODE, {"code": mailed_code().lower()})
    assert (answer.status_code, answer["Location"]) == (302, "/you/")
    assert signed_in(client)
    assert Reader.objects.get().state == state


def test_code_letter_is_delivered_and_its_code_forgotten(client: Client) -> None:
    make_reader("ada@example.org")
    ask(client)
    assert deliver_letters_due() == 1
    letter = Letter.objects.get()
    assert (letter.state, letter.said) == ("accepted", {})


def test_wrong_code_is_refused_three_times_and_then_the_right_one_too(client: Client) -> None:
    make_reader("ada@example.org")
    ask(client)
    code = mailed_code()
    for _ in range(2):
        assert "This is not the code of the newest mail." in client.post(CODE, {"code": "AAAA-AAAA"}).content.decode()
    answer = client.post(CODE, {"code": "AAAA-AAAA"})
    assert (answer.status_code, answer["Location"]) == (302, LOGIN)
    answer = client.post(CODE, {"code": code})
    assert (answer.status_code, answer["Location"], signed_in(client)) == (302, LOGIN, False)


def test_code_is_worth_nothing_after_a_quarter_of_an_hour(client: Client, noon: Any) -> None:
    make_reader("ada@example.org")
    ask(client)
    noon.shift(timedelta(minutes=15, seconds=1))
    answer = client.post(CODE, {"code": mailed_code()})
    assert (answer.status_code, answer["Location"], signed_in(client)) == (302, LOGIN, False)


def test_code_of_one_browser_is_worth_nothing_in_another(client: Client) -> None:
    make_reader("ada@example.org")
    ask(client)
    other = Client()
    answer = other.post(CODE, {"code": mailed_code()})
    assert (answer.status_code, signed_in(other)) == (302, False)


def test_starting_over_brings_a_new_code_and_ends_the_one_before(client: Client) -> None:
    make_reader("ada@example.org")
    ask(client)
    first = mailed_code()
    assert client.post("/accounts/logout/", {"next": LOGIN})["Location"] == LOGIN
    ask(client)
    assert Letter.objects.count() == 2
    assert "This is not the code of the newest mail." in client.post(CODE, {"code": first}).content.decode()
    client.post(CODE, {"code": mailed_code()})
    assert signed_in(client)


def test_unknown_address_gets_a_letter_that_says_so_and_no_code_works(client: Client) -> None:
    answer = ask(client, "nobody@example.org")
    assert (answer.status_code, answer["Location"]) == (302, CODE)
    assert "<h1>Look into your inbox</h1>" in client.get(CODE).content.decode()
    letter = Letter.objects.get()
    assert (letter.kind, letter.address, letter.said) == ("unknown", "nobody@example.org", {})
    for typed in ("", "None", "AAAA-AAAA"):
        client.post(CODE, {"code": typed})
        assert not signed_in(client)


def test_closed_account_is_told_nothing_but_by_mail(client: Client) -> None:
    make_reader("ada@example.org", is_active=False)
    assert ask(client)["Location"] == CODE
    assert Letter.objects.get().kind == "unknown"


@pytest.mark.parametrize("typed", ["ada@example", "léa@example.org", "", "ada b@example.org"])
def test_address_that_is_none_is_refused_beside_the_field(client: Client, typed: str) -> None:
    answer = ask(client, typed)
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == ["email"]
    assert Letter.objects.count() == 0


def test_address_that_another_reader_had_before_signs_in_its_owner_alone(client: Client) -> None:
    before = make_reader("before@example.org")
    EmailAddress.objects.create(user=before, email="ada@example.org", verified=True, primary=True)
    owner = make_reader("ada@example.org")
    ask(client)
    client.post(CODE, {"code": mailed_code()})
    assert client.session["_auth_user_id"] == str(owner.pk)
    assert list(EmailAddress.objects.values_list("user", "email", "verified")) == [(owner.pk, "ada@example.org", True)]


def test_codes_for_one_address_are_limited_wherever_they_are_asked_from(client: Client) -> None:
    make_reader("ada@example.org")
    for number in range(5):
        ask(Client(REMOTE_ADDR=f"192.0.2.{number}"))
    assert Letter.objects.count() == 3


def test_codes_from_one_place_are_limited(client: Client) -> None:
    for number in range(25):
        ask(Client(), f"ada{number}@example.org")
    assert Letter.objects.count() == 20


# --- Sign out


def test_signing_out_asks_for_a_post(client: Client) -> None:
    client.force_login(make_reader())
    assert "<h1>Sign out?</h1>" in client.get("/accounts/logout/").content.decode()
    assert signed_in(client)
    assert client.post("/accounts/logout/")["Location"] == "/"
    assert not signed_in(client)


# --- With a password


def test_password_signs_staff_in(client: Client) -> None:
    reader = make_reader("staff@example.org", is_staff=True)
    reader.set_password(SECRET)
    reader.save()
    assert "<h1>Sign in with a password or passkey</h1>" in client.get(PASSWORD).content.decode()
    answer = client.post(PASSWORD, {"login": "staff@example.org", "password": SECRET, "next": "/admin/"})
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")
    assert signed_in(client)


@pytest.mark.parametrize("email", ["staff@example.org", "nobody@example.org"])
def test_wrong_password_is_refused_in_the_same_words(client: Client, email: str) -> None:
    make_reader("staff@example.org", is_staff=True)
    page = client.post(PASSWORD, {"login": email, "password": "wrong"}).content.decode()
    assert "This address and this password do not belong together." in page


def test_wrong_passwords_are_limited(client: Client) -> None:
    reader = make_reader("staff@example.org")
    reader.set_password(SECRET)
    reader.save()
    for number in range(5):
        Client(REMOTE_ADDR=f"192.0.2.{number}").post(PASSWORD, {"login": reader.email, "password": "wrong"})
    page = client.post(PASSWORD, {"login": reader.email, "password": SECRET}).content.decode()
    assert "Too many failed login attempts. Try again later." in page
    assert not signed_in(client)


def test_password_is_set_and_changed_with_a_notice(client: Client) -> None:
    reader = member(client)
    answer = client.get("/accounts/password/")
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/password/set/")
    assert "<h1>Your password</h1>" in client.get("/accounts/password/set/").content.decode()
    assert client.post("/accounts/password/set/", {"password1": SECRET, "password2": SECRET}).status_code == 302
    reader.refresh_from_db()
    assert reader.check_password(SECRET)
    changed = {"oldpassword": SECRET, "password1": SECRET + "!", "password2": SECRET + "!"}
    assert client.post("/accounts/password/", changed).status_code == 302
    assert [letter.said["title"] for letter in Letter.objects.filter(kind="notice").order_by("pk")] == [
        "A password was set",
        "Your password was changed",
    ]


# --- With a second factor


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/accounts/2fa/", "Your second factor"),
        ("/accounts/2fa/totp/activate/", "Set up an authenticator app"),
        ("/accounts/2fa/webauthn/", "Passkeys and security keys"),
        ("/accounts/2fa/webauthn/add/", "Add Security Key"),
    ],
)
def test_pages_of_second_factors_open_after_asking_once_more(client: Client, path: str, title: str) -> None:
    member(client)
    answer = client.get(path, follow=True)
    if "<h1>Is it still you?</h1>" in answer.content.decode():
        client.post("/accounts/login/again/code/", {"recipient": "staff@example.org", "next": path})
        answer = client.post("/accounts/login/again/code/sent/", {"code": mailed_code(), "next": path}, follow=True)
    page = answer.content.decode()
    assert " ".join(page[page.index("<h1>") + 4 : page.index("</h1>")].split()) == title
    assert 'href="/static/digest/site.css"' in page


def test_page_that_asks_once_more_takes_the_password_too(client: Client) -> None:
    reader = member(client)
    reader.set_password(SECRET)
    reader.save()
    client.force_login(reader)
    page = client.get("/accounts/login/again/?next=/accounts/2fa/").content.decode()
    assert "<h1>Is it still you?</h1>" in page
    answer = client.post("/accounts/login/again/", {"password": SECRET, "next": "/accounts/2fa/"})
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/2fa/")
