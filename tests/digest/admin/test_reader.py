from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import Reader
from tests.digest.admin.reader_form import filled
from tests.make import NOON, make_digest, make_reader, make_topic

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def noon() -> Any:
    with time_machine.travel(NOON, tick=False):
        yield


def act(client: Client, action: str, *readers: Reader) -> list[str]:
    """Choose `action` for `readers`, and return what the page says then."""
    asked = {"action": action, "_selected_action": [reader.pk for reader in readers]}
    answer: Any = client.post("/admin/accounts/reader/", asked, follow=True)
    assert answer.status_code == 200
    return [str(message) for message in answer.context["messages"]]


def states(*readers: Reader) -> list[str]:
    return [Reader.objects.get(pk=reader.pk).state for reader in readers]


def test_pause_stops_active_readers_alone(admin_client: Client) -> None:
    active, left = make_reader(), make_reader(state="left")
    assert act(admin_client, "pause", active, left) == ["Paused: 1 of 2. The others were not getting digests."]
    assert states(active, left) == ["paused", "left"]
    assert Reader.objects.get(pk=active.pk).next_digest_at is None


def test_resume_plans_the_next_digest_of_paused_readers_alone(admin_client: Client) -> None:
    paused, left, pending = (make_reader(state=state) for state in ("paused", "left", "pending"))
    assert act(admin_client, "resume", paused, left, pending) == ["Resumed: 1 of 3. The others were not paused."]
    assert states(paused, left, pending) == ["active", "left", "pending"]
    planned = Reader.objects.get(pk=paused.pk).next_digest_at
    assert planned is not None
    assert planned - paused.jitter == datetime(2026, 3, 5, 7, tzinfo=UTC)


def test_resume_ends_a_pause_that_has_a_date(admin_client: Client) -> None:
    reader = make_reader(state="paused", paused_until=date(2026, 6, 1))
    act(admin_client, "resume", reader)
    assert Reader.objects.get(pk=reader.pk).paused_until is None


def test_add_page_makes_a_reader_without_a_usable_password(admin_client: Client) -> None:
    assert admin_client.post("/admin/accounts/reader/add/", filled(email="Ada@Example.org")).status_code == 302
    reader = Reader.objects.get(email="ada@example.org")
    assert not reader.has_usable_password()
    assert reader.next_digest_at is not None
    assert reader.next_digest_at - reader.jitter == datetime(2026, 3, 5, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("email", "ada", "Enter a valid email address."),
        ("time_zone", "Mars/Olympus", "“Mars/Olympus” is not a time zone; write one like Europe/Berlin."),
        ("delivery_hour", "24", "Ensure this value is less than or equal to 23."),
        ("papers", "0", "Ensure this value is greater than or equal to 1."),
    ],
)
def test_add_page_says_next_to_the_field_what_is_wrong(
    admin_client: Client, field: str, typed: str, message: str
) -> None:
    answer: Any = admin_client.post("/admin/accounts/reader/add/", filled(**{field: typed}))
    assert answer.status_code == 200
    assert answer.context["adminform"].form.errors == {field: [message]}


def test_add_page_says_when_the_address_is_known_in_another_case(admin_client: Client) -> None:
    make_reader("ada@example.org")
    answer: Any = admin_client.post("/admin/accounts/reader/add/", filled(email="ADA@example.org"))
    assert answer.context["adminform"].form.errors == {"email": ["This address is already known."]}


def test_change_page_plans_the_next_digest_anew(admin_client: Client) -> None:
    reader = make_reader("ada@example.org")
    path = f"/admin/accounts/reader/{reader.pk}/change/"
    assert admin_client.post(path, filled(delivery_hour="18")).status_code == 302
    planned = Reader.objects.get(pk=reader.pk).next_digest_at
    assert planned is not None
    assert planned - reader.jitter == datetime(2026, 3, 4, 17, tzinfo=UTC)


def test_change_page_cannot_change_the_clock_or_the_past(admin_client: Client) -> None:
    reader = make_reader("ada@example.org", last_edition_on=date(2026, 3, 4))
    sent = filled(time_zone="UTC", last_edition_on="2020-01-01", next_digest_at_0="2020-01-01", password="x")
    before = Reader.objects.values("last_edition_on", "next_digest_at", "created_at", "password").get(pk=reader.pk)
    admin_client.post(f"/admin/accounts/reader/{reader.pk}/change/", sent)
    after = Reader.objects.values("last_edition_on", "next_digest_at", "created_at", "password").get(pk=reader.pk)
    assert after == before


def test_list_finds_a_reader_by_the_beginning_of_the_address_in_any_case(admin_client: Client) -> None:
    make_reader("ada@example.org")
    make_reader("bo@example.org")
    page = admin_client.get("/admin/accounts/reader/", {"q": "Ada"}).content.decode()
    assert "ada@example.org" in page
    assert "bo@example.org" not in page


def test_delete_page_erases_a_reader_with_topics_and_digests(admin_client: Client) -> None:
    reader = make_reader(topics=(make_topic(),))
    make_digest(reader, state="accepted", next_attempt_at=None)
    answer = admin_client.post(f"/admin/accounts/reader/{reader.pk}/delete/", {"post": "yes"})
    assert answer.status_code == 302
    assert not Reader.objects.filter(pk=reader.pk).exists()


def test_list_counts_topics_at_once(
    admin_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    topics = tuple(make_topic(f"word{number}") for number in range(3))
    make_reader("ada@example.org", topics=topics)
    with django_assert_max_num_queries(12) as asked:
        page = admin_client.get("/admin/accounts/reader/").content.decode()
    assert '<td class="field-topic_count">3</td>' in page
    for _ in range(3):
        make_reader(topics=topics)
    with django_assert_max_num_queries(len(asked)):
        admin_client.get("/admin/accounts/reader/")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"topic": "Knowledge Transfer"}, {"ada"}),
        ({"topic": "nothing at all"}, set()),
        ({"topic": '"open'}, set()),
        ({"topic": "\0"}, {"ada", "bo"}),
        ({"zone": "Europe/Rome"}, {"bo"}),
        ({"zone": "Mars"}, set()),
        ({"days": "weekly"}, {"bo"}),
        ({"state": "paused"}, {"bo"}),
        ({"staff": "yes"}, set()),
        ({"zone": "Europe/Rome", "q": "ad"}, set()),
    ],
)
def test_list_is_narrowed_by_what_is_chosen_or_typed(
    admin_client: Client, query: dict[str, str], found: set[str]
) -> None:
    make_reader("ada@example.org", topics=(make_topic("knowledge transfer"),))
    make_reader("bo@example.org", time_zone="Europe/Rome", days="weekly", state="paused")
    named = {{"days": "days__exact", "state": "state__exact"}.get(name, name): value for name, value in query.items()}
    answer: Any = admin_client.get("/admin/accounts/reader/", named)
    assert answer.status_code == 200
    listed = {reader.email.partition("@")[0] for reader in answer.context["cl"].result_list}
    assert listed - {"admin"} == found


def test_typed_filter_carries_the_others_on_and_shows_what_was_typed_as_text(admin_client: Client) -> None:
    query = {"topic": '"><script>alert(1)</script>', "days__exact": "weekly", "q": "ada"}
    page = admin_client.get("/admin/accounts/reader/", query).content.decode()
    assert "<script>alert(1)" not in page
    assert '<input type="hidden" name="days__exact" value="weekly">' in page
    assert '<input type="hidden" name="q" value="ada">' in page


def test_add_page_takes_a_reader_without_consent_for_unconfirmed(admin_client: Client) -> None:
    sent = filled(email="ada@example.org", consent_text="", consented_at_0="", consented_at_1="")
    admin_client.post("/admin/accounts/reader/add/", sent)
    assert Reader.objects.get(email="ada@example.org").state == "pending"
