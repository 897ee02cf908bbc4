from datetime import date
from typing import Any

import pytest
from django.test import Client

from accounts.models import Reader
from digest.models import Subscription, Topic
from tests.digest.web.visits import filled, followed, preferences_of
from tests.make import NOON, make_reader, make_topic

pytestmark = pytest.mark.django_db


def post(client: Client, reader: Reader, **changed: Any) -> Any:
    return client.post(preferences_of(reader), filled(reader, **changed))


def errors(answer: Any) -> dict[str, list[str]]:
    assert answer.status_code == 200
    return {name: list(said) for name, said in answer.context["form"].errors.items()}


# --- Saving


@pytest.mark.parametrize(
    ("field", "typed", "stored"),
    [
        ("time_zone", "Asia/Kathmandu", "Asia/Kathmandu"),
        ("delivery_hour", "18", 18),
        ("days", "weekdays", "weekdays"),
        ("weekday", "4", 4),
        ("papers", "3", 3),
        ("paused_until", "2026-04-01", date(2026, 4, 1)),
    ],
)
def test_post_saves_each_field(client: Client, reader: Reader, field: str, typed: str, stored: Any) -> None:
    answer = post(client, reader, **{field: typed})
    assert (answer.status_code, answer["Location"]) == (302, f"{preferences_of(reader)}?saved=1")
    reader.refresh_from_db()
    assert getattr(reader, field) == stored
    assert followed(reader) == ["knowledge transfer", "cat:cs.CL"]


def test_post_plans_the_next_digest_anew(client: Client, reader: Reader) -> None:
    post(client, reader, delivery_hour="18")
    reader.refresh_from_db()
    assert reader.next_digest_at is not None
    assert (reader.next_digest_at.date(), reader.next_digest_at.hour) == (NOON.date(), 18)


def test_page_names_hours_and_weekdays_as_clocks_and_calendars_do(client: Client, reader: Reader) -> None:
    page = client.get(preferences_of(reader)).content.decode()
    assert '<option value="7" selected>07:00</option>' in page
    assert '<option value="6">Sunday</option>' in page


def test_page_shows_the_end_of_a_pause_as_browsers_read_dates(client: Client) -> None:
    page = client.get(preferences_of(make_reader(paused_until=date(2026, 6, 1)))).content.decode()
    assert '<input type="date" name="paused_until" value="2026-06-01"' in page


def test_page_without_topics_says_how_to_get_one(client: Client) -> None:
    assert "You follow no topic yet: name one below." in client.get(preferences_of(make_reader())).content.decode()


def test_page_after_saving_says_so(client: Client, reader: Reader) -> None:
    answer = client.post(preferences_of(reader), filled(reader, papers=3), follow=True)
    assert "Saved. Your next digest follows it." in answer.content.decode()


def test_post_that_empties_the_pause_ends_it(client: Client) -> None:
    reader = make_reader(paused_until=date(2026, 6, 1))
    post(client, reader, paused_until="")
    reader.refresh_from_db()
    assert (reader.paused_until, reader.next_digest_at and reader.next_digest_at.month) == (None, 3)


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("time_zone", "Mars/Olympus", "“Mars/Olympus” is not a time zone; write one like Europe/Berlin."),
        ("delivery_hour", "24", "Select a valid choice. 24 is not one of the available choices."),
        ("weekday", "Monday", "Select a valid choice. Monday is not one of the available choices."),
        ("delivery_hour", "", "This field is required."),
        ("days", "hourly", "Select a valid choice. hourly is not one of the available choices."),
        ("papers", "31", "Ensure this value is less than or equal to 30."),
        ("papers", "many", "Enter a whole number."),
        ("paused_until", "soon", "Enter a valid date."),
    ],
)
def test_post_of_a_bad_field_says_so_and_saves_nothing(
    client: Client, reader: Reader, field: str, typed: str, message: str
) -> None:
    answer = post(client, reader, **{"new_topic": "quantum"} | {field: typed})
    assert errors(answer) == {field: [message]}
    assert f'<ul class="errorlist" id="id_{field}_error"><li>' in answer.content.decode()
    assert Reader.objects.filter(pk=reader.pk, delivery_hour=7, papers=10, time_zone="UTC", days="daily").exists()
    assert followed(reader) == ["knowledge transfer", "cat:cs.CL"]


def test_post_of_nothing_says_what_is_missing(client: Client, reader: Reader) -> None:
    answer = client.post(preferences_of(reader), {})
    assert set(errors(answer)) == {"time_zone", "delivery_hour", "days", "weekday", "papers"}
    assert followed(reader) == ["knowledge transfer", "cat:cs.CL"]


# --- Topics


def test_post_without_a_topic_mutes_it(client: Client, reader: Reader) -> None:
    kept = reader.subscriptions.get(topic__query="cat:cs.CL")
    post(client, reader, topics=[kept.pk])
    assert followed(reader) == ["cat:cs.CL"]
    assert reader.subscriptions.count() == 2


def test_post_with_a_muted_topic_unmutes_it(client: Client, reader: Reader) -> None:
    reader.subscriptions.update(is_muted=True)
    Topic.objects.update(match_due_at=None)
    muted = reader.subscriptions.get(topic__query="cat:cs.CL")
    post(client, reader, topics=[muted.pk])
    assert followed(reader) == ["cat:cs.CL"]
    assert list(Topic.objects.due_for_matching(NOON)) == [muted.topic]


def test_post_with_a_new_topic_follows_it(client: Client, reader: Reader) -> None:
    post(client, reader, new_topic=" Quantum error correction ")
    assert followed(reader) == ["knowledge transfer", "cat:cs.CL", "quantum error correction"]


def test_post_with_a_topic_that_others_follow_shares_it(client: Client, reader: Reader) -> None:
    make_reader(topics=(make_topic("quantum error correction"),))
    post(client, reader, new_topic="Quantum   Error Correction")
    assert Topic.objects.count() == 3
    assert Subscription.objects.filter(topic__query="quantum error correction").count() == 2


def test_post_with_a_new_topic_that_was_muted_unmutes_it(client: Client, reader: Reader) -> None:
    kept = reader.subscriptions.get(topic__query="cat:cs.CL")
    post(client, reader, topics=[kept.pk], new_topic="knowledge transfer")
    assert followed(reader) == ["knowledge transfer", "cat:cs.CL"]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ('"half a phrase', "The quotation mark before"),
        ("-survey", "This only says what to leave out."),
        ("title:transfer", "“title:” is not known here."),
        ("cat:" + ",".join(first + second for first in "abcd" for second in "abcdefghijklmnopqrstuvwx"), "Follow"),
    ],
)
def test_post_with_a_bad_topic_says_so_next_to_the_field(
    client: Client, reader: Reader, query: str, message: str
) -> None:
    answer = post(client, reader, new_topic=query, papers=3)
    (said,) = errors(answer)["new_topic"]
    page = answer.content.decode()
    assert message in said
    assert page.index('for="id_new_topic"') < page.index('id="id_new_topic_error"') < page.index('id="id_new_topic"')
    assert Reader.objects.get(pk=reader.pk).papers == 10
    assert Topic.objects.count() == 2


def test_post_with_another_readers_topic_is_refused(client: Client, reader: Reader) -> None:
    other = make_reader(topics=(make_topic("quantum error correction"),))
    theirs = other.subscriptions.get()
    answer = post(client, reader, topics=[theirs.pk])
    message = f"Select a valid choice. {theirs.pk} is not one of the available choices."
    assert errors(answer) == {"topics": [message]}
    assert (followed(reader), followed(other)) == (["knowledge transfer", "cat:cs.CL"], ["quantum error correction"])


@pytest.mark.parametrize("key", ["0", "x", "-1", "1 or 1=1"])
def test_post_with_a_topic_that_is_none_is_refused(client: Client, reader: Reader, key: str) -> None:
    assert set(errors(post(client, reader, topics=[key]))) == {"topics"}


def test_post_cannot_change_what_the_page_does_not_offer(client: Client, reader: Reader) -> None:
    post(client, reader, email="eve@example.org", is_staff="on", is_superuser="on", state="left", consent_text="x")
    reader.refresh_from_db()
    assert (reader.email, reader.is_staff, reader.state) == ("ada@example.org", False, "active")
    assert (reader.is_superuser, reader.consent_text) == (False, "")
