from datetime import date
from typing import Any

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import Reader
from digest.feedback.links import PREFERENCES_LAST, Purpose, link
from digest.models import Subscription, Topic
from tests.make import NOON, make_reader, make_topic

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon() -> Any:
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def reader() -> Reader:
    return make_reader("ada@example.org", topics=(make_topic("knowledge transfer"), make_topic("cat:cs.CL")))


def path_for(reader: Reader, purpose: Purpose = Purpose.PREFERENCES) -> str:
    return link(purpose, reader.pk).removeprefix("https://papers.example.org")


def followed(reader: Reader) -> list[str]:
    return list(reader.subscriptions.active().order_by("pk").values_list("topic__query", flat=True))


def filled(reader: Reader, **changed: Any) -> dict[str, Any]:
    """Return the form as the page shows it, with some fields filled in otherwise."""
    shown = {
        "time_zone": reader.time_zone,
        "delivery_hour": reader.delivery_hour,
        "days": reader.days,
        "weekday": reader.weekday,
        "papers": reader.papers,
        "paused_until": reader.paused_until or "",
        "topics": list(reader.subscriptions.active().values_list("pk", flat=True)),
        "new_topic": "",
    }
    return shown | changed


def post(client: Client, reader: Reader, **changed: Any) -> Any:
    return client.post(path_for(reader), filled(reader, **changed))


def errors(answer: Any) -> dict[str, list[str]]:
    assert answer.status_code == 200
    return {name: list(said) for name, said in answer.context["form"].errors.items()}


# --- Opening


def test_get_shows_the_preferences_and_changes_nothing(client: Client, reader: Reader) -> None:
    before = Reader.objects.filter(pk=reader.pk).values().get()
    answer = client.get(path_for(reader))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "For ada@example.org" in page
    assert page.count(" checked") == 2
    assert Reader.objects.filter(pk=reader.pk).values().get() == before
    assert followed(reader) == ["knowledge transfer", "cat:cs.CL"]


def test_get_is_kept_by_no_cache_and_no_search_engine(client: Client, reader: Reader) -> None:
    answer = client.get(path_for(reader))
    assert answer["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    assert '<meta name="robots" content="noindex">' in answer.content.decode()


def test_get_asks_as_many_questions_for_three_topics_as_for_one(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    one = make_reader(topics=(make_topic("cat:cs.CL"),))
    three = make_reader(topics=tuple(make_topic(query) for query in ("cat:cs.CL", "cat:cs.LG", "cat:cs.IR")))
    with django_assert_num_queries(3) as asked:
        client.get(path_for(one))
    with django_assert_num_queries(len(asked)):
        client.get(path_for(three))


def test_head_answers_and_changes_nothing(client: Client, reader: Reader) -> None:
    answer = client.head(path_for(reader))
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize("method", ["get", "post"])
def test_forged_link_is_not_found(client: Client, reader: Reader, method: str) -> None:
    forged = path_for(reader)[:-1] + ("A" if path_for(reader)[-1] != "A" else "B")
    assert getattr(client, method)(forged, {"resume": "1"}).status_code == 404


def test_link_for_leaving_does_not_open_the_preferences(client: Client, reader: Reader) -> None:
    path = path_for(reader, Purpose.UNSUBSCRIBE).replace("unsubscribe", "preferences")
    assert client.get(path).status_code == 404


def test_link_that_is_too_old_is_not_found(client: Client, reader: Reader, noon: time_machine.Traveller) -> None:
    path = path_for(reader)
    noon.move_to(NOON + PREFERENCES_LAST * 1.01)
    assert client.get(path).status_code == 404
    assert client.post(path, filled(reader, papers=3)).status_code == 404


def test_link_of_a_reader_who_is_gone_is_not_found(client: Client, reader: Reader) -> None:
    path = path_for(reader)
    reader.delete()
    assert client.get(path).status_code == 404


def test_page_shows_a_hostile_topic_as_text(client: Client) -> None:
    hostile = make_reader(topics=(make_topic('"<script>alert(1)</script>"'),))
    page = client.get(path_for(hostile)).content.decode()
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


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
    assert (answer.status_code, answer["Location"]) == (302, f"{path_for(reader)}?saved=1")
    reader.refresh_from_db()
    assert getattr(reader, field) == stored
    assert followed(reader) == ["knowledge transfer", "cat:cs.CL"]


def test_post_plans_the_next_digest_anew(client: Client, reader: Reader) -> None:
    post(client, reader, delivery_hour="18")
    reader.refresh_from_db()
    assert reader.next_digest_at is not None
    assert (reader.next_digest_at.date(), reader.next_digest_at.hour) == (NOON.date(), 18)


def test_page_names_hours_and_weekdays_as_clocks_and_calendars_do(client: Client, reader: Reader) -> None:
    page = client.get(path_for(reader)).content.decode()
    assert '<option value="7" selected>07:00</option>' in page
    assert '<option value="6">Sunday</option>' in page


def test_page_shows_the_end_of_a_pause_as_browsers_read_dates(client: Client) -> None:
    page = client.get(path_for(make_reader(paused_until=date(2026, 6, 1)))).content.decode()
    assert '<input type="date" name="paused_until" value="2026-06-01"' in page


def test_page_without_topics_says_how_to_get_one(client: Client) -> None:
    assert "You follow no topic yet: name one below." in client.get(path_for(make_reader())).content.decode()


def test_page_after_saving_says_so(client: Client, reader: Reader) -> None:
    answer = client.post(path_for(reader), filled(reader, papers=3), follow=True)
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
    answer = client.post(path_for(reader), {})
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


# --- Coming back


@pytest.mark.parametrize("state", ["left", "paused"])
def test_page_of_somebody_who_gets_nothing_offers_to_start_again(client: Client, state: str) -> None:
    reader = make_reader(state=state)
    assert "Send me digests again" in client.get(path_for(reader)).content.decode()
    answer = client.post(path_for(reader), {"resume": "1"}, follow=True)
    assert "Send me digests again" not in answer.content.decode()
    assert Reader.objects.get(pk=reader.pk).state == "active"


def test_page_of_somebody_who_has_not_confirmed_offers_nothing_that_cannot_work(client: Client) -> None:
    reader = make_reader(state="pending")
    assert "Send me digests again" not in client.get(path_for(reader)).content.decode()


def test_page_of_somebody_who_left_promises_no_digest_and_offers_no_leaving(client: Client) -> None:
    reader = make_reader(state="left")
    page = client.post(path_for(reader), filled(reader, papers=3), follow=True).content.decode()
    assert '<p class="notice" role="status">Saved.</p>' in page
    assert "Stop all digests" not in page


def test_page_of_somebody_active_does_not_offer_to_start_again(client: Client, reader: Reader) -> None:
    assert "Send me digests again" not in client.get(path_for(reader)).content.decode()


def test_post_to_start_again_keeps_the_preferences(client: Client) -> None:
    reader = make_reader(state="left", papers=3, topics=(make_topic(),))
    client.post(path_for(reader), {"resume": "1"})
    assert (Reader.objects.get(pk=reader.pk).papers, followed(reader)) == (3, ["knowledge transfer"])


# --- Who may post


@pytest.mark.parametrize("body", [{"resume": "1"}, {"papers": "3"}])
def test_post_without_csrf_token_is_refused(reader: Reader, body: dict[str, str]) -> None:
    strict = Client(enforce_csrf_checks=True)
    reader.leave()
    assert strict.post(path_for(reader), body).status_code == 403
    assert Reader.objects.get(pk=reader.pk).state == "left"


def test_post_with_the_pages_csrf_token_is_taken(reader: Reader) -> None:
    strict = Client(enforce_csrf_checks=True)
    opened: Any = strict.get(path_for(reader))
    token = str(opened.context["csrf_token"])
    answer = strict.post(path_for(reader), filled(reader, papers=3, csrfmiddlewaretoken=token))
    assert (answer.status_code, Reader.objects.get(pk=reader.pk).papers) == (302, 3)


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_are_refused(client: Client, reader: Reader, method: str) -> None:
    assert getattr(client, method)(path_for(reader)).status_code == 405
