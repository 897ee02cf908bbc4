"""What the forms of the preference centre change, and what they say where they do not."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client

from accounts.models import Reader
from digest.delivery.preview import preview_reader
from digest.models import Subscription, Topic
from digest.web.preference_forms import MOST_TOPICS
from tests.digest.web.visits import filled, followed, page_of, preferences_of, said
from tests.make import NOON, TODAY, make_match, make_paper, make_reader, make_topic

pytestmark = pytest.mark.django_db

BOTH = ["knowledge transfer", "cat:cs.CL"]


def post(client: Client, reader: Reader, page: str, *args: Any, **typed: Any) -> Any:
    return client.post(page_of(reader, page, *args), typed, follow=True)


def errors(answer: Any, form: str) -> dict[str, list[str]]:
    assert (answer.status_code, answer.redirect_chain) == (200, [])
    return {name: list(found) for name, found in answer.context[form].errors.items()}


def change(client: Client, reader: Reader, query: str, do: str) -> list[str]:
    return said(post(client, reader, "topic", reader.subscriptions.get(topic__query=query).pk, do=do))


# --- Following topics


def test_topics_are_followed_several_at_once(client: Client, reader: Reader) -> None:
    answer = post(client, reader, "topics", topics=["", " Sunken cities ", "Flooded towns"])
    assert followed(reader) == [*BOTH, "sunken cities", "flooded towns"]
    assert said(answer) == ["You follow “Sunken cities” and “Flooded towns” now, from the next digest on."]


def test_topic_that_others_follow_is_shared(client: Client, reader: Reader) -> None:
    make_reader(topics=(make_topic("sunken cities"),))
    post(client, reader, "topics", topics=["Sunken   Cities"])
    assert Topic.objects.count() == 3
    assert Subscription.objects.filter(topic__query="sunken cities").count() == 2


def test_topic_that_is_followed_already_is_refused_beside_the_field(client: Client, reader: Reader) -> None:
    answer = post(client, reader, "topics", topics=["Knowledge  Transfer", "quantum"])
    assert errors(answer, "follow") == {"topics": ["You follow “knowledge transfer” already."]}
    page = answer.content.decode()
    assert page.index("<legend>Add topics</legend>") < page.index("You follow “knowledge transfer” already.")
    assert 'value="quantum"' in page
    assert followed(reader) == BOTH


def test_topic_that_was_muted_is_followed_again(client: Client, reader: Reader) -> None:
    reader.subscriptions.filter(topic__query="cat:cs.CL").update(is_muted=True, weight=2)
    post(client, reader, "topics", topics=["cat:cs.CL"])
    assert followed(reader) == BOTH
    assert reader.subscriptions.get(topic__query="cat:cs.CL").weight == 2


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ('"half a phrase', "The quotation mark before"),
        ("-survey", "This only says what to leave out."),
        ("title:transfer", "“title:” is not known here."),
    ],
)
def test_topic_that_cannot_be_read_is_refused_beside_its_input(
    client: Client, reader: Reader, query: str, message: str
) -> None:
    answer = post(client, reader, "topics", topics=["quantum", query])
    (found,) = errors(answer, "follow")["topics"]
    assert message in found
    assert 'id="id_topics_2_error"' in answer.content.decode()
    assert (followed(reader), Topic.objects.count()) == (BOTH, 2)


def test_post_of_no_topic_asks_for_one(client: Client, reader: Reader) -> None:
    answer = post(client, reader, "topics", topics=["", " "])
    assert errors(answer, "follow") == {"topics": ["Write a topic first, in a few words: knowledge transfer"]}


def test_another_topic_gives_an_input_more_and_follows_nothing(client: Client, reader: Reader) -> None:
    page = post(client, reader, "topics", topics=["quantum", "", ""], another_topic="1").content.decode()
    assert ('id="id_topics_4"' in page, 'value="quantum"' in page, followed(reader)) == (True, True, BOTH)


def test_nobody_follows_more_topics_than_can_be_read(client: Client) -> None:
    reader = make_reader()
    topics = [Topic(query=f"topic{number}", label=f"topic{number}", kind="text") for number in range(MOST_TOPICS)]
    Topic.objects.bulk_create(topics)
    Subscription.objects.bulk_create([Subscription(reader=reader, topic=topic) for topic in Topic.objects.all()])
    answer = post(client, reader, "topics", topics=["one more"])
    assert errors(answer, "follow") == {"topics": ["100 topics are the most. Remove some that matter less first."]}


# --- Changing topics


def test_topic_is_removed(client: Client, reader: Reader) -> None:
    assert change(client, reader, "knowledge transfer", "remove") == [
        "You do not follow “knowledge transfer” any more."
    ]
    assert list(reader.subscriptions.values_list("topic__query", flat=True)) == ["cat:cs.CL"]


def test_topic_is_muted_and_unmuted(client: Client, reader: Reader) -> None:
    (muted,) = change(client, reader, "cat:cs.CL", "mute")
    assert muted == "“cs.CL” is muted: it brings no papers until you unmute it."
    assert followed(reader) == ["knowledge transfer"]
    Topic.objects.update(match_due_at=None)
    assert change(client, reader, "cat:cs.CL", "unmute") == ["“cs.CL” brings papers again."]
    assert followed(reader) == BOTH
    assert [topic.query for topic in Topic.objects.due_for_matching(NOON)] == ["cat:cs.CL"]


@pytest.mark.parametrize(("do", "weight"), [("less", 0.5), ("usual", 1), ("more", 2)])
def test_topic_gets_less_or_more_room(client: Client, reader: Reader, do: str, weight: float) -> None:
    reader.subscriptions.update(weight=3)
    change(client, reader, "knowledge transfer", do)
    weights = dict(reader.subscriptions.values_list("topic__query", "weight"))
    assert weights == {"knowledge transfer": weight, "cat:cs.CL": 3}
    assert 'aria-pressed="true"' in client.get(preferences_of(reader)).content.decode()


def test_weight_that_staff_set_is_shown_and_kept(client: Client, reader: Reader) -> None:
    reader.subscriptions.update(weight=3.5)
    page = client.get(preferences_of(reader)).content.decode()
    assert (page.count("counts 3.5 times, set by staff"), page.count("aria-pressed")) == (2, 0)
    change(client, reader, "knowledge transfer", "mute")
    assert set(reader.subscriptions.values_list("weight", flat=True)) == {3.5}


def test_what_is_said_of_a_hostile_topic_is_text(client: Client) -> None:
    reader = make_reader(topics=(make_topic('"<script>alert(1)</script>"'),))
    key = reader.subscriptions.get().pk
    for do in ("mute", "unmute", "more", "remove"):
        page = post(client, reader, "topic", key, do=do).content.decode()
        assert ("<script>alert" in page, "&lt;script&gt;alert(1)&lt;/script&gt;" in page) == (False, True)


@pytest.mark.parametrize("do", ["", "weight", "more more", "<script>"])
def test_button_that_is_none_changes_nothing(client: Client, reader: Reader, do: str) -> None:
    before = list(reader.subscriptions.order_by("pk").values())
    assert change(client, reader, "cat:cs.CL", do) == ["That topic is not among yours. Nothing was changed."]
    assert list(reader.subscriptions.order_by("pk").values()) == before


@pytest.mark.parametrize("do", ["remove", "mute", "less"])
def test_topic_of_another_reader_is_left_alone(client: Client, reader: Reader, do: str) -> None:
    theirs = make_reader(topics=(make_topic("quantum"),)).subscriptions.get()
    answer = post(client, reader, "topic", theirs.pk, do=do)
    assert said(answer) == ["That topic is not among yours. Nothing was changed."]
    assert Subscription.objects.filter(pk=theirs.pk, is_muted=False, weight=1).exists()


def test_topic_that_is_gone_changes_nothing(client: Client, reader: Reader) -> None:
    said_of_it = said(post(client, reader, "topic", 0, do="remove"))
    assert said_of_it == ["That topic is not among yours. Nothing was changed."]
    assert client.post(f"{page_of(reader, 'topics')}{'9' * 30}/", {"do": "remove"}).status_code == 404


def chosen(reader: Reader) -> list[str]:
    preview = preview_reader(reader, TODAY)
    return [section.topic for section in preview.content.sections for _ in section.cards] if preview else []


def test_muted_topic_is_not_chosen_from_and_more_gives_it_more_places(client: Client) -> None:
    topics = (make_topic("knowledge transfer"), make_topic("quantum"))
    reader = make_reader(topics=topics, papers=6)
    for topic in topics:
        for number in range(6):
            make_match(topic, make_paper(title=f"{topic.label} {'abcdefgh'[number] * 9}"))
    assert sorted(chosen(reader)) == ["knowledge transfer"] * 3 + ["quantum"] * 3
    change(client, reader, "quantum", "more")
    assert sorted(chosen(reader)) == ["knowledge transfer"] * 2 + ["quantum"] * 4
    change(client, reader, "quantum", "mute")
    assert chosen(reader) == ["knowledge transfer"] * 6


# --- When and how much


@pytest.mark.parametrize(
    ("field", "typed", "stored"),
    [
        ("time_zone", "Asia/Kathmandu", "Asia/Kathmandu"),
        ("delivery_hour", "18", 18),
        ("days", "weekdays", "weekdays"),
        ("weekday", "4", 4),
        ("papers", "3", 3),
    ],
)
def test_schedule_saves_each_field(client: Client, reader: Reader, field: str, typed: str, stored: Any) -> None:
    answer = post(client, reader, "schedule", **filled(reader, **{field: typed}))
    assert said(answer) == ["Saved."]
    reader.refresh_from_db()
    assert getattr(reader, field) == stored


def test_schedule_plans_the_next_digest_anew_and_touches_nothing_else(client: Client, reader: Reader) -> None:
    answer = post(client, reader, "schedule", **filled(reader, delivery_hour="18", state="left", email="eve@x.org"))
    reader.refresh_from_db()
    assert reader.next_digest_at is not None
    assert (reader.next_digest_at.date(), reader.next_digest_at.hour) == (NOON.date(), 18)
    assert (reader.state, reader.email) == ("active", "ada@example.org")
    assert "Your next digest comes today, soon after 18:00, UTC time." in answer.content.decode()


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("time_zone", "Mars/Olympus", "“Mars/Olympus” is not a time zone; write one like Europe/Berlin."),
        ("delivery_hour", "24", "Select a valid choice. 24 is not one of the available choices."),
        ("weekday", "Monday", "Select a valid choice. Monday is not one of the available choices."),
        ("delivery_hour", "", "This field is required."),
        ("days", "hourly", "Select a valid choice. hourly is not one of the available choices."),
        ("papers", "31", "A digest has 30 papers at most."),
        ("papers", "0", "A digest has at least 1 paper. For none at all, pause or stop below."),
        ("papers", "many", "Write a whole number, from 1 to 30."),
    ],
)
def test_schedule_with_a_bad_field_says_so_and_saves_nothing(
    client: Client, reader: Reader, field: str, typed: str, message: str
) -> None:
    answer = post(client, reader, "schedule", **filled(reader, **{field: typed}))
    assert errors(answer, "schedule") == {field: [message]}
    assert '<a href="#when">See what is still needed</a>' in answer.content.decode()
    assert f'id="id_{field}_error"' in answer.content.decode()
    assert Reader.objects.filter(pk=reader.pk, delivery_hour=7, papers=10, time_zone="UTC", days="daily").exists()


def test_schedule_of_nothing_says_what_is_missing(client: Client, reader: Reader) -> None:
    answer = post(client, reader, "schedule")
    assert set(errors(answer, "schedule")) == {"time_zone", "delivery_hour", "days", "weekday", "papers"}


# --- Pausing


@pytest.mark.parametrize(
    ("typed", "until"),
    [
        ({"until": "2026-03-05"}, date(2026, 3, 5)),
        ({"until": "2027-03-05"}, date(2027, 3, 5)),
        ({"for": "week"}, date(2026, 3, 11)),
        ({"for": "month", "until": ""}, date(2026, 4, 3)),
    ],
)
def test_pause_sends_nothing_until_its_day(client: Client, reader: Reader, typed: Any, until: date) -> None:
    answer = post(client, reader, "pause", **typed)
    reader.refresh_from_db()
    assert reader.paused_until == until
    assert reader.next_digest_at is not None
    assert reader.next_digest_at.date() == until
    assert said(answer) == [f"Paused until {until:%A}, {until.day} {until:%B %Y}."]
    assert "Your digests are paused." in answer.content.decode()


@pytest.mark.parametrize(
    ("until", "message"),
    [
        ("2026-03-04", "This day is not in the future. Choose one from tomorrow on."),
        ("0001-01-01", "This day is not in the future. Choose one from tomorrow on."),
        ("2027-03-06", "A pause lasts a year at most. To get no more mail at all, stop all digests instead."),
        ("9999-12-31", "A pause lasts a year at most. To get no more mail at all, stop all digests instead."),
        ("soon", "This is not a date. Write it like 2026-12-31: year, month, day."),
        ("", "Choose the day on which digests shall start again."),
    ],
)
def test_pause_until_a_bad_day_says_so_and_changes_nothing(
    client: Client, reader: Reader, until: str, message: str
) -> None:
    answer = post(client, reader, "pause", until=until)
    assert errors(answer, "pause") == {"until": [message]}
    assert 'id="id_until_error"' in answer.content.decode()
    assert Reader.objects.get(pk=reader.pk).paused_until is None


def test_today_is_that_of_the_reader(client: Client) -> None:
    """At noon UTC it is the next day in Kiritimati already."""
    reader = make_reader(time_zone="Pacific/Kiritimati")
    assert "until" in errors(post(client, reader, "pause", until="2026-03-05"), "pause")


@pytest.mark.parametrize("given", [{"paused_until": date(2026, 6, 1)}, {"state": "paused"}, {"state": "left"}])
def test_resume_sends_digests_again(client: Client, given: Any) -> None:
    reader = make_reader(topics=(make_topic(),), papers=3, **given)
    assert "Send me digests again" in client.get(preferences_of(reader)).content.decode()
    answer = post(client, reader, "resume")
    assert said(answer) == ["Your digests come again."]
    assert "Send me digests again" not in answer.content.decode()
    reader.refresh_from_db()
    assert (reader.state, reader.paused_until, reader.papers) == ("active", None, 3)
    assert reader.next_digest_at == datetime(2026, 3, 5, 7, tzinfo=UTC) + reader.jitter


def test_resume_confirms_nobody(client: Client) -> None:
    reader = make_reader(state="pending")
    post(client, reader, "resume")
    assert Reader.objects.get(pk=reader.pk).state == "pending"
