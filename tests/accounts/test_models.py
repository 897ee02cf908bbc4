from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.models import Reader
from accounts.plan import SLOT_SECONDS
from tests.make import NOON, make_reader

LONG_AGO = datetime(2026, 1, 2, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def errors_of(**given: Any) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as caught:
        make_reader(**given)
    return caught.value.message_dict


# --- The address


def test_email_is_stored_in_one_spelling_and_found_by_any() -> None:
    reader = Reader.objects.create_user("Ada@Bücher.example.org")
    assert reader.email == "ada@xn--bcher-kva.example.org"
    assert Reader.objects.get_by_natural_key("ada@BÜCHER.example.org") == reader


def test_email_in_any_case_is_stored_in_lower_case() -> None:
    assert make_reader("Ada.Lindqvist@Example.ORG").email == "ada.lindqvist@example.org"


@pytest.mark.parametrize("again", ["ada@example.org", "ADA@example.org", "Ada@EXAMPLE.org"])
def test_email_known_in_another_case_is_refused(again: str) -> None:
    make_reader("ada@example.org")
    assert errors_of(email=again) == {"email": ["This address is already known."]}


@pytest.mark.parametrize("again", ["ada@example.org", "ADA@example.org"])
def test_email_known_in_another_case_is_refused_by_the_database(again: str) -> None:
    make_reader("ada@example.org")
    with pytest.raises(IntegrityError):
        Reader.objects.bulk_create([Reader(email=again)])


@pytest.mark.parametrize("email", ["ada", "ada@", "@example.org", "a b@example.org", "ada@example.org, b@example.org"])
def test_email_that_is_no_address_is_refused(email: str) -> None:
    assert errors_of(email=email) == {"email": ["Enter a valid email address."]}


def test_email_that_is_empty_is_refused() -> None:
    with pytest.raises(ValidationError) as caught:
        Reader.objects.create_user("")
    assert caught.value.message_dict == {"email": ["This field cannot be blank."]}


def test_email_of_natural_key_is_found_in_any_case() -> None:
    reader = make_reader("ada@example.org")
    assert Reader.objects.get_by_natural_key(" ADA@Example.org ") == reader


# --- Bad preferences


@pytest.mark.parametrize("zone", ["Mars/Olympus", "europe/berlin", "../etc/passwd", "+01:00", "Europe"])
def test_time_zone_unknown_is_refused(zone: str) -> None:
    message = f"“{zone}” is not a time zone; write one like Europe/Berlin."
    assert errors_of(time_zone=zone) == {"time_zone": [message]}


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("delivery_hour", 24, "Ensure this value is less than or equal to 23."),
        ("weekday", 7, "Ensure this value is less than or equal to 6."),
        ("papers", 0, "Ensure this value is greater than or equal to 1."),
        ("papers", 31, "Ensure this value is less than or equal to 30."),
        ("days", "hourly", "Value 'hourly' is not a valid choice."),
        ("state", "asleep", "Value 'asleep' is not a valid choice."),
        ("paused_until", "soon", "“soon” value has an invalid date format. It must be in YYYY-MM-DD format."),
    ],
)
def test_preference_out_of_range_is_refused(field: str, value: Any, message: str) -> None:
    assert errors_of(**{field: value}) == {field: [message]}


@pytest.mark.parametrize(
    "bad",
    [
        {"state": "asleep"},
        {"days": "hourly"},
        {"delivery_hour": 24},
        {"weekday": 7},
        {"papers": 0},
        {"papers": 31},
    ],
)
def test_preference_out_of_range_is_refused_by_the_database(bad: dict[str, Any]) -> None:
    reader = make_reader()
    with pytest.raises(IntegrityError), transaction.atomic():
        Reader.objects.filter(pk=reader.pk).update(**bad)


# --- Making accounts


def test_create_user_without_password_cannot_log_in() -> None:
    reader = Reader.objects.create_user("ada@example.org")
    assert (reader.state, reader.has_usable_password()) == (Reader.State.PENDING, False)
    assert (reader.is_staff, reader.is_superuser, reader.is_active) == (False, False, True)


def test_create_superuser_is_staff_with_the_password() -> None:
    staff = Reader.objects.create_superuser("staff@example.org", "a long pass phrase")
    assert (staff.is_staff, staff.is_superuser) == (True, True)
    assert staff.check_password("a long pass phrase")
    assert staff.next_digest_at is None


# --- Who is due


def test_due_holds_active_readers_whose_slot_has_come_earliest_first() -> None:
    late, early, ahead, paused, barred = (make_reader() for _ in range(5))
    for reader, hours in [(late, 1), (early, 2), (ahead, -1), (paused, 1), (barred, 1)]:
        Reader.objects.filter(pk=reader.pk).update(next_digest_at=NOON - timedelta(hours=hours))
    Reader.objects.filter(pk=paused.pk).update(state=Reader.State.PAUSED)
    Reader.objects.filter(pk=barred.pk).update(is_active=False)
    assert list(Reader.objects.due(NOON)) == [early, late]


def test_due_at_the_very_moment_holds_the_reader() -> None:
    reader = make_reader()
    Reader.objects.filter(pk=reader.pk).update(next_digest_at=NOON)
    assert list(Reader.objects.due(NOON)) == [reader]
    assert list(Reader.objects.due(NOON - timedelta(microseconds=1))) == []


def test_active_leaves_out_those_who_may_not_log_in() -> None:
    active = make_reader()
    make_reader(is_active=False)
    make_reader(state=Reader.State.PENDING)
    assert list(Reader.objects.active()) == [active]


def test_str_is_the_address() -> None:
    assert str(make_reader("ada@example.org")) == "ada@example.org"


def test_jitter_spreads_addresses_over_the_slot() -> None:
    places = [Reader(email=f"reader{number}@example.org").jitter for number in range(900)]
    thirds = [sum(start <= place.seconds < start + 300 for place in places) for start in (0, 300, 600)]
    assert max(places) < timedelta(seconds=SLOT_SECONDS)
    assert all(250 <= third <= 350 for third in thirds)
    assert Reader(email="reader7@example.org").jitter == places[7]


# --- Pausing, leaving and coming back


def test_pause_plans_the_next_digest_for_its_end() -> None:
    with time_machine.travel(NOON, tick=False):
        reader = make_reader()
        reader.pause(date(2026, 4, 1))
        reader.refresh_from_db()
        assert (reader.state, reader.paused_until) == ("active", date(2026, 4, 1))
        assert reader.next_digest_at == datetime(2026, 4, 1, 7, tzinfo=UTC) + reader.jitter


@pytest.mark.parametrize("given", [{"state": "left"}, {"state": "paused"}, {"paused_until": date(2026, 4, 1)}])
def test_come_back_starts_at_once(given: Any) -> None:
    with time_machine.travel(NOON, tick=False):
        reader = make_reader(**given)
        reader.come_back()
        reader.refresh_from_db()
        assert (reader.state, reader.paused_until, reader.left_at) == ("active", None, None)
        assert reader.next_digest_at == datetime(2026, 3, 5, 7, tzinfo=UTC) + reader.jitter


@pytest.mark.parametrize(
    ("given", "version", "consented_at"),
    [({}, "2026-11", NOON), ({"consent_version": "2026-01", "consented_at": LONG_AGO}, "2026-01", LONG_AGO)],
)
def test_come_back_records_a_consent_where_there_is_none(given: Any, version: str, consented_at: datetime) -> None:
    with time_machine.travel(NOON, tick=False):
        reader = make_reader(state="left", **given)
        reader.come_back()
    reader.refresh_from_db()
    assert (reader.consent_version, reader.consented_at) == (version, consented_at)


def test_come_back_confirms_nobody() -> None:
    reader = make_reader(state="pending")
    reader.come_back()
    assert Reader.objects.get(pk=reader.pk).state == "pending"


def test_today_is_the_date_where_the_reader_lives() -> None:
    with time_machine.travel(NOON, tick=False):
        zones = ("UTC", "Pacific/Kiritimati", "Pacific/Niue")
        days = [make_reader(time_zone=zone).today for zone in zones]
    assert days == [date(2026, 3, 4), date(2026, 3, 5), date(2026, 3, 4)]
