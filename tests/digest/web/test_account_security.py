"""What strangers try at sign-up, login and address change: to learn who is here, to flood, to enter, to leave marks."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from statistics import median
from typing import Any

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.core.cache import cache
from django.db import connection
from django.test import Client

from accounts.models import Reader
from digest.delivery.wording import write
from digest.feedback.links import Purpose, link
from digest.feedback.signup import ask
from digest.models import Letter, Signup, Suppression
from tests.digest.web.visits import without_token
from tests.make import NOON, make_reader

pytestmark = pytest.mark.django_db

WISH = {"topics": ["moths", "cat:cs.CL"], "time_zone": "Europe/Berlin"}
LOGIN, CODE, PASSWORD = "/accounts/login/", "/accounts/login/code/", "/accounts/login/password/"
STATES = ["active", "left", "paused", "pending", "closed", "suppressed", "nobody"]


@pytest.fixture(autouse=True)
def no_limits_from_before() -> None:
    cache.clear()


def given(state: str) -> str:
    """Make the owner of an address in this state, and return the address: of the same length for each."""
    address = f"{state:x<10}@example.org"
    if state == "suppressed":
        Suppression.objects.suppress(address, "staff")
    elif state != "nobody":
        stored = "active" if state == "closed" else state
        make_reader(address, state=stored, is_active=state != "closed")
    return address


def told(address: str, answers: list[Any]) -> list[tuple[int, str, str]]:
    """Return what a stranger sees of the answers, but for the address that the stranger typed."""
    return [
        (answer.status_code, answer.headers.get("Location", ""), without_token(answer).replace(address, "ADDRESS"))
        for answer in answers
    ]


def sign_up(address: str) -> list[Any]:
    return [Client().post("/sign-up", WISH | {"address": address})]


def sign_in(address: str) -> list[Any]:
    client = Client()
    asked = client.post(LOGIN, {"email": address})
    return [asked, client.get(CODE), client.post(CODE, {"code": "AAAA-AAAA"})]


def sign_in_with_password(address: str) -> list[Any]:
    return [Client().post(PASSWORD, {"login": address, "password": "wrong"})]


# --- Nobody can be told from nobody


@pytest.mark.parametrize("way", [sign_up, sign_in, sign_in_with_password])
def test_all_addresses_are_answered_alike(way: Callable[[str], list[Any]]) -> None:
    seen = []
    for state in STATES:
        address = given(state)
        before = Letter.objects.count()
        seen.append((told(address, way(address)), Letter.objects.count() - before))
    assert all(one == seen[0] for one in seen)


def test_change_of_address_answers_alike_for_all_addresses() -> None:
    seen = []
    for state in STATES:
        cache.clear()
        client = Client()
        client.force_login(Reader.objects.filter(email="mover@example.org").first() or make_reader("mover@example.org"))
        address = given(state)
        seen.append(told(address, [client.post("/you/address/", {"new": address})]))
    assert all(one == seen[0] for one in seen)
    assert Letter.objects.count() == len(STATES)


@pytest.mark.parametrize("way", [sign_up, sign_in, sign_in_with_password])
def test_known_and_unknown_addresses_take_the_same_time(
    way: Callable[[str], list[Any]], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Interleaved, so that a busy machine slows both alike; the ratio leaves room for noise, not for a second mail."""
    settings.ACCOUNT_RATE_LIMITS = {}
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    monkeypatch.setattr(PBKDF2PasswordHasher, "iterations", 250_000)  # a quarter: still most of what an answer takes
    known = [make_reader(f"known{number:03}@example.org", state="active").email for number in range(15)]
    unknown = [f"never{number:03}@example.org" for number in range(15)]
    way("warm@example.org")
    took: tuple[list[float], list[float]] = ([], [])
    for pair in zip(known, unknown, strict=True):
        for address, times in zip(pair, took, strict=True):
            cache.clear()
            began = time.perf_counter()
            way(address)
            times.append(time.perf_counter() - began)
    ratio = median(took[0]) / median(took[1])
    assert 0.7 < ratio < 1.4


# --- Floods


def test_fifty_sign_ups_for_one_address_send_one_mail() -> None:
    for number in range(50):
        answer = Client(REMOTE_ADDR=f"192.0.2.{number}").post("/sign-up", WISH | {"address": "ada@example.org"})
        assert answer.status_code == 200
    assert Letter.objects.count() == 1


@pytest.mark.parametrize(
    ("path", "field", "most"), [("/sign-up", "address", 5), (LOGIN, "email", 20), ("/you/address/", "new", 2)]
)
def test_one_mailbox_is_not_flooded_under_many_spellings(path: str, field: str, most: int) -> None:
    for number in range(most + 20):
        client = Client(REMOTE_ADDR=f"192.0.2.{number}")
        if path.startswith("/you/"):
            client.force_login(make_reader())
        client.post(path, WISH | {field: f"a.da+{number}@example.org"})
    assert Letter.objects.count() == most


@pytest.mark.django_db(transaction=True)
def test_fifty_sign_ups_at_once_send_one_mail() -> None:
    def once(number: int) -> bool:
        try:
            return ask("ada@example.org", [f"topic {number}"], time_zone="UTC", now=NOON)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        posted = list(threads.map(once, range(50)))
    assert (sum(posted), Signup.objects.count(), Letter.objects.count()) == (1, 1, 1)


@pytest.mark.parametrize(
    "spelling",
    [
        "Ada@BÜCHER.example.org",
        "ada@xn--bcher-kva.EXAMPLE.org",
        " ada@bücher。example.org",
        "ada@bu\u0308cher.example.org",
    ],
)
def test_one_address_gets_one_mail_however_it_is_spelled(spelling: str) -> None:
    for address in ("ada@bücher.example.org", spelling):
        assert sign_up(address)[0].status_code == 200
    assert [*Letter.objects.values_list("address", flat=True)] == ["ada@xn--bcher-kva.example.org"]


def test_mailed_links_lead_to_the_site_whatever_host_was_asked_for(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    Client(headers={"host": "evil.example", "x-forwarded-host": "evil.example"}).post(
        "/sign-up", WISH | {"address": "ada@example.org"}
    )
    assert b"evil.example" not in write(Letter.objects.get(), NOON).raw


# --- Sessions and redirects


@pytest.fixture
def code() -> Callable[[], str]:
    return lambda: str(Letter.objects.filter(kind="code").latest("pk").said["code"])


def test_session_from_before_the_login_is_worth_nothing_after_it(client: Client, code: Callable[[], str]) -> None:
    make_reader("ada@example.org")
    client.post(LOGIN, {"email": "ada@example.org"})
    planted = client.cookies["sessionid"].value
    client.post(CODE, {"code": code()})
    assert client.cookies["sessionid"].value != planted
    thief = Client()
    thief.cookies["sessionid"] = planted
    assert thief.get("/you/")["Location"] == "/accounts/login/?next=/you/"


ELSEWHERE = ["https://evil.example/", "//evil.example/", "/\\evil.example", "https:evil.example", "javascript:alert(1)"]


@pytest.mark.parametrize("target", [*ELSEWHERE, "http://localhost/", "https://broadsheet.example.org/"])
def test_next_leads_nowhere_else(client: Client, target: str, code: Callable[[], str]) -> None:
    make_reader("ada@example.org")
    client.get(LOGIN, {"next": target})
    sent = client.post(LOGIN, {"email": "ada@example.org", "next": target})
    assert sent["Location"] == CODE
    assert client.post(CODE, {"code": code(), "next": target})["Location"] == "/you/"
    assert client.post("/accounts/logout/", {"next": target})["Location"] == "/"


def test_next_leads_on_within_the_site(client: Client, code: Callable[[], str]) -> None:
    make_reader("ada@example.org")
    sent = client.post(LOGIN, {"email": "ada@example.org", "next": "/you/archive/"})
    answer = client.post(sent["Location"], {"code": code(), "next": "/you/archive/"})
    assert answer["Location"] == "/you/archive/"


# --- Forged requests


@pytest.mark.parametrize(
    "path",
    ["/sign-up", LOGIN, CODE, PASSWORD, "/accounts/logout/", "/you/address/", "/accounts/password/set/"],
)
def test_post_from_another_site_is_refused(path: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_reader("ada@example.org"))
    answer = client.post(path, WISH | {"address": "ada@example.org", "email": "ada@example.org", "new": "a@b.example"})
    assert (answer.status_code, Letter.objects.count()) == (403, 0)
    assert "_auth_user_id" in client.session


def test_post_of_a_mailed_link_from_another_site_is_refused() -> None:
    ask("ada@example.org", ["moths"], time_zone="UTC", now=NOON)
    path = link(Purpose.CONFIRM, Signup.objects.get().pk).removeprefix("https://papers.example.org")
    assert Client(enforce_csrf_checks=True).post(path).status_code == 403
    assert Reader.objects.count() == 0


# --- Words of strangers

SCRIPTS = [
    "<script>alert(1)</script>",
    "moths <img src=x onerror=alert(1)>",
    "\"'><svg/onload=alert(1)>",
    "{{ settings.SECRET_KEY }} {% csrf_token %}",
]
numbers = count(1)


@pytest.mark.parametrize("topic", SCRIPTS)
def test_topics_are_shown_as_text_on_pages_and_in_mails(client: Client, topic: str) -> None:
    address = f"ada{next(numbers)}@example.org"
    pages = [client.post("/sign-up", {"address": "", "topics": [topic], "time_zone": topic}).content.decode()]
    client.post("/sign-up", WISH | {"address": address, "topics": [topic]})
    if signup := Signup.objects.filter(address=address).first():
        path = link(Purpose.CONFIRM, signup.pk).removeprefix("https://papers.example.org")
        pages += [
            client.get(path).content.decode(),
            client.post(path).content.decode(),
            client.get("/").content.decode(),
        ]
        pages += [write(letter, NOON).raw.replace(b"=\r\n", b"").decode() for letter in Letter.objects.all()]
        assert len(pages) == 6
    for page in pages:
        html = page.partition("text/html")[2] or page
        for forbidden in ("<script>", "<img src", "<svg", "onerror=alert(1)>\n"):
            assert forbidden not in html


@pytest.mark.parametrize("topic", ["moths\r\nBcc: eve@example.org", "moths\nSubject: other", "moths\x00\x1b[31m"])
def test_topics_add_no_header(client: Client, topic: str) -> None:
    client.post("/sign-up", WISH | {"address": "ada@example.org", "topics": [topic]})
    for letter in Letter.objects.all():
        head = write(letter, NOON).raw.partition(b"\r\n\r\n")[0]
        assert b"Bcc" not in head
        assert head.count(b"\r\nSubject:") == 1


@pytest.mark.parametrize("name", ["Ada\r\nBcc: eve@example.org", "<script>alert(1)</script>"])
def test_name_of_a_reader_adds_no_header_and_no_script(name: str) -> None:
    reader = make_reader("ada@example.org", name=name)
    raw = write(Letter.objects.post("welcome", reader.email, reader=reader.pk, now=NOON), NOON).raw
    assert b"Bcc" not in raw
    assert b"<script" not in raw


# --- Headers of every kind of page


@pytest.mark.parametrize(
    "path", ["/", "/sign-up", LOGIN, PASSWORD, "/confirm/1.x", "/nowhere", "/you/", "/admin/login/"]
)
def test_every_kind_of_page_tells_browsers_what_they_may_do(settings: Any, path: str) -> None:
    settings.SECURE_HSTS_SECONDS, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = 31_536_000, True
    answer = Client().get(path, secure=True)
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Strict-Transport-Security"].startswith("max-age=31536000; includeSubDomains")
