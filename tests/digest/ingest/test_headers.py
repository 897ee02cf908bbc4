import pytest
import time_machine

from digest.ingest.headers import (
    DATE_LENGTH,
    ETAG_LENGTH,
    LONGEST,
    fresh_seconds,
    is_sendable,
    retry_seconds,
    validators,
)
from tests.make import NOON

DATE = "Wed, 04 Mar 2026 12:00:00 GMT"
LATER = "Wed, 04 Mar 2026 12:10:00 GMT"
EARLIER = "Wed, 04 Mar 2026 11:50:00 GMT"


# --- Validators


def test_validators_are_as_the_server_wrote_them() -> None:
    assert validators({"etag": 'W/"1"', "last-modified": "whenever"}) == ('W/"1"', "whenever")
    assert validators({}) == ("", "")


@pytest.mark.parametrize(
    "headers",
    [
        {"expires": "0"},
        {"cache-control": "no-store"},
        {"cache-control": "private, No-Store, max-age=0"},
        {"cache-control": "max-age=0,no-store"},
    ],
)
def test_answer_that_is_not_to_be_kept_has_no_validators(headers: dict[str, str]) -> None:
    assert validators({"etag": '"1"', "last-modified": DATE} | headers) == ("", "")


@pytest.mark.parametrize("headers", [{"expires": DATE}, {"cache-control": "no-cache"}, {"cache-control": "x-no-store"}])
def test_answer_that_is_only_to_be_checked_has_validators(headers: dict[str, str]) -> None:
    assert validators({"etag": '"1"', "last-modified": DATE} | headers) == ('"1"', DATE)


def test_validator_too_long_to_be_remembered_whole_is_not_remembered() -> None:
    fits = {"etag": "e" * ETAG_LENGTH, "last-modified": "d" * DATE_LENGTH}
    assert validators(fits) == ("e" * ETAG_LENGTH, "d" * DATE_LENGTH)
    assert validators({name: value + "x" for name, value in fits.items()}) == ("", "")


@pytest.mark.parametrize("value", ['"1"', "1", "a b", "a\tb", "caf\xe9", "~"])
def test_value_that_can_stand_in_a_header(value: str) -> None:
    assert is_sendable(value)
    assert validators({"etag": value}) == (value, "")


@pytest.mark.parametrize("value", ["", " ", " a", "a ", "a\r\nb", "a\nb", "a\0", "\x01", "\x7f", "\u0100", "a\u2028b"])
def test_value_that_cannot_stand_in_a_header(value: str) -> None:
    assert not is_sendable(value)
    assert validators({"etag": value, "last-modified": value}) == ("", "")


# --- How long nothing will change


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 0),
        ({"cache-control": "max-age=600"}, 600),
        ({"cache-control": "public, Max-Age = 600, must-revalidate"}, 600),
        ({"cache-control": 'max-age="600"'}, 600),
        ({"cache-control": "s-maxage=600"}, 0),
        ({"cache-control": "max-age=-1"}, 0),
        ({"cache-control": "max-age=soon"}, 0),
        ({"cache-control": "max-age=\u0663"}, 0),
        ({"cache-control": "max-age=" + "9" * 5000}, LONGEST),
        ({"expires": LATER, "date": DATE}, 600),
        ({"expires": "Wednesday, 04-Mar-26 12:10:00 GMT", "date": DATE}, 600),
        ({"expires": "Wed Mar  4 12:10:00 2026", "date": DATE}, 600),
        ({"expires": EARLIER, "date": DATE}, 0),
        ({"expires": "0", "date": DATE}, 0),
        ({"expires": "-1", "date": DATE}, 0),
        ({"expires": "Thu, 99 Nix 99999 00:00:00 GMT"}, 0),
        ({"expires": "Fri, 31 Dec 9999 23:59:59 GMT", "date": DATE}, LONGEST),
        ({"expires": "Fri, 31 Dec 9999 23:59:59 -2359", "date": DATE}, 0),
        ({"expires": LATER, "date": "Fri, 31 Dec 9999 23:59:59 -2359"}, 600),
        ({"cache-control": "max-age=60", "expires": LATER, "date": DATE}, 600),
        ({"cache-control": "max-age=900", "expires": LATER, "date": DATE}, 900),
        ({"cache-control": "max-age=900", "expires": "0"}, 900),
        ({"cache-control": "max-age=900", "age": "300"}, 600),
        ({"cache-control": "max-age=900", "age": "1000"}, 0),
        ({"cache-control": "max-age=900", "age": "old"}, 900),
        ({"cache-control": "max-age=900", "age": "-5"}, 900),
    ],
)
@time_machine.travel(NOON, tick=False)
def test_freshness(headers: dict[str, str], seconds: int) -> None:
    assert fresh_seconds(headers) == seconds


@time_machine.travel(NOON, tick=False)
def test_dates_of_a_server_that_does_not_say_its_time_are_by_our_clock() -> None:
    assert fresh_seconds({"expires": LATER}) == 600
    assert retry_seconds({"retry-after": LATER}) == 600


def test_dates_of_a_server_are_by_its_own_clock() -> None:
    ahead = {"date": "Wed, 04 Mar 2099 12:00:00 GMT", "retry-after": "Wed, 04 Mar 2099 12:02:00 GMT"}
    assert retry_seconds(ahead) == 120


# --- When to come again


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [
        ("120", 120),
        (" 120 ", 120),
        ("0", 0),
        ("604800", LONGEST),
        ("604801", LONGEST),
        ("9" * 5000, LONGEST),
        (LATER, 600),
        (EARLIER, 0),
        (DATE, 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST),
        ("Wed, 04 Mar 2026 13:10:00 +0100", 600),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("1e9", None),
        ("\u00b2", None),
        ("120 seconds", None),
    ],
)
def test_time_to_come_again(retry_after: str, seconds: int | None) -> None:
    assert retry_seconds({"retry-after": retry_after, "date": DATE}) == seconds


def test_server_that_does_not_say_when_to_come_again() -> None:
    assert retry_seconds({}) is None
