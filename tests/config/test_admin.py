import time
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.test import Client

from accounts.models import Reader
from digest.models import Letter

pytestmark = pytest.mark.django_db

CONFIRM = "/accounts/2fa/reauthenticate/"


@pytest.fixture
def staff() -> Reader:
    return Reader.objects.create_superuser("sam@example.org")


@pytest.fixture
def asks_for_second_factor(settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = True


def activate(reader: Reader) -> str:
    secret = generate_totp_secret()
    TOTP.activate(reader, secret)
    return str(secret)


def code(secret: str) -> str:
    value: str = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    return value


def test_login_page_leads_strangers_to_sign_in_and_back(client: Client) -> None:
    answer = client.get("/admin/login/?next=/admin/digest/paper/")
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/?next=/admin/digest/paper/")


@pytest.mark.parametrize("elsewhere", ["https://evil.example.com/", "//evil.example.com/", "javascript:alert(1)", ""])
def test_login_page_leads_nowhere_else(client: Client, admin_client: Client, elsewhere: str) -> None:
    assert client.get("/admin/login/", {"next": elsewhere})["Location"] == "/accounts/login/?next=/admin/"
    assert admin_client.get("/admin/login/", {"next": elsewhere})["Location"] == "/admin/"


def test_login_page_is_closed_to_readers_who_are_not_staff(client: Client) -> None:
    client.force_login(Reader.objects.create_user("ada@example.org"))
    assert client.get("/admin/login/").status_code == 403


def test_without_the_setting_staff_get_in_without_a_second_factor(client: Client, staff: Reader) -> None:
    client.force_login(staff)
    assert client.get("/admin/").status_code == 200


@pytest.mark.usefixtures("asks_for_second_factor")
def test_staff_without_a_second_factor_are_led_to_set_one_up(client: Client, staff: Reader) -> None:
    client.force_login(staff)
    for page in ("/admin/", "/admin/accounts/reader/", "/admin/jsi18n/"):
        assert client.get(page)["Location"] == f"/admin/login/?next={page}"
    answer = client.get("/admin/login/?next=/admin/")
    assert answer.status_code == 403
    assert '<a class="button" href="/accounts/2fa/">Set up a second factor</a>' in answer.content.decode()


@pytest.mark.usefixtures("asks_for_second_factor")
def test_a_code_of_the_app_opens_the_page_that_staff_wanted(client: Client, staff: Reader) -> None:
    secret = activate(staff)
    client.force_login(staff)
    answer = client.get("/admin/login/?next=/admin/digest/paper/")
    assert answer["Location"] == "/accounts/2fa/reauthenticate/?next=%2Fadmin%2Fdigest%2Fpaper%2F"
    answer = client.post(answer["Location"], {"code": code(secret), "next": "/admin/digest/paper/"})
    assert answer["Location"] == "/admin/digest/paper/"
    assert client.get("/admin/digest/paper/").status_code == 200


@pytest.mark.usefixtures("asks_for_second_factor")
def test_a_wrong_code_opens_nothing(client: Client, staff: Reader) -> None:
    right = code(activate(staff))
    client.force_login(staff)
    wrong = "000000" if right != "000000" else "111111"
    assert client.post(CONFIRM, {"code": wrong, "next": "/admin/"}).status_code == 200
    assert client.get("/admin/").status_code == 302


@pytest.mark.usefixtures("asks_for_second_factor")
def test_a_second_factor_of_somebody_else_in_the_same_browser_does_not_count(client: Client, staff: Reader) -> None:
    secret = activate(staff)
    client.force_login(staff)
    client.post(CONFIRM, {"code": code(secret), "next": "/admin/"})
    assert client.get("/admin/").status_code == 200
    client.force_login(Reader.objects.create_superuser("other@example.org"))
    assert client.get("/admin/").status_code == 302


@pytest.mark.usefixtures("asks_for_second_factor")
def test_signing_in_by_mail_and_then_by_the_app_leads_into_the_admin(client: Client, staff: Reader) -> None:
    secret = activate(staff)
    asked = client.post("/accounts/login/?next=/admin/", {"email": "sam@example.org", "next": "/admin/"})
    assert asked["Location"] == "/accounts/login/code/?next=%2Fadmin%2F"
    mailed = Letter.objects.get(kind="code").said["code"]
    answer = client.post(asked["Location"], {"code": mailed, "next": "/admin/"})
    assert answer["Location"].startswith("/accounts/2fa/authenticate/")
    assert client.get("/admin/").status_code == 302
    answer = client.post(answer["Location"], {"code": code(secret), "next": "/admin/"})
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")
    assert client.get("/admin/").status_code == 200


def test_front_page_lists_people_and_papers_before_what_only_few_need(admin_client: Client) -> None:
    shown = admin_client.get("/admin/").content.decode()
    names = ["Readers and staff", "Papers and digests", "Roles", "Second factors"]
    places = [shown.index(f"Models in the {name} application") for name in names]
    assert places == sorted(places)
