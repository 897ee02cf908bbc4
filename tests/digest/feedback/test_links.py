from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.signing import TimestampSigner

from digest.feedback.links import LASTS, BadLink, Purpose, key_of, link
from tests.make import NOON

READER = 41
OTHER_KEY = "another key, which is also long enough to be one"


def token(purpose: Purpose, reader: int = READER) -> str:
    return link(purpose, reader).rstrip("/").rpartition("/")[2]


@pytest.mark.parametrize("purpose", Purpose)
def test_link_is_an_absolute_address_of_the_site(purpose: Purpose) -> None:
    assert link(purpose, READER).rstrip("/") == f"https://papers.example.org/{purpose}/{token(purpose)}"


@pytest.mark.parametrize("purpose", Purpose)
def test_link_holds_only_characters_that_mail_leaves_alone(purpose: Purpose) -> None:
    assert set(token(purpose)) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_")


@pytest.mark.parametrize("purpose", Purpose)
def test_reader_of_own_token_is_the_reader(purpose: Purpose) -> None:
    assert key_of(purpose, token(purpose)) == READER


@pytest.mark.parametrize(
    ("made_for", "used_for"),
    [(Purpose.UNSUBSCRIBE, Purpose.PREFERENCES), (Purpose.PREFERENCES, Purpose.UNSUBSCRIBE)],
)
def test_reader_of_token_made_for_something_else_raises(made_for: Purpose, used_for: Purpose) -> None:
    with pytest.raises(BadLink):
        key_of(used_for, token(made_for))


@pytest.mark.parametrize("purpose", Purpose)
def test_reader_of_token_changed_in_any_place_raises(purpose: Purpose) -> None:
    good = token(purpose)
    for place, char in enumerate(good):
        changed = good[:place] + ("A" if char != "A" else "B") + good[place + 1 :]
        with pytest.raises(BadLink):
            key_of(purpose, changed)


@pytest.mark.parametrize("purpose", Purpose)
@pytest.mark.parametrize("cut", [0, 1, 2, 10, -1, -10])
def test_reader_of_token_cut_short_raises(purpose: Purpose, cut: int) -> None:
    with pytest.raises(BadLink):
        key_of(purpose, token(purpose)[:cut])


@pytest.mark.parametrize("purpose", Purpose)
@pytest.mark.parametrize("bad", ["", ".", "41", "41.", "..", "é.ü", "41.x.y.z", "\x00.\x00"])
def test_reader_of_nonsense_raises(purpose: Purpose, bad: str) -> None:
    with pytest.raises(BadLink):
        key_of(purpose, bad)


@pytest.mark.parametrize("purpose", Purpose)
def test_reader_of_another_readers_signature_raises(purpose: Purpose) -> None:
    _, _, signature = token(purpose, 42).partition(".")
    with pytest.raises(BadLink):
        key_of(purpose, f"{READER}.{signature}")


def test_reader_of_token_that_names_no_reader_raises() -> None:
    signed = TimestampSigner(sep=".", salt="broadsheet.preferences").sign("everybody")
    with pytest.raises(BadLink):
        key_of(Purpose.PREFERENCES, signed)


@pytest.mark.parametrize("purpose", Purpose)
def test_reader_of_token_made_with_another_secret_raises(purpose: Purpose, settings: Any) -> None:
    made = token(purpose)
    settings.SECRET_KEY = OTHER_KEY
    with pytest.raises(BadLink):
        key_of(purpose, made)


@pytest.mark.parametrize("purpose", Purpose)
def test_reader_of_token_made_before_the_secret_changed_is_the_reader(purpose: Purpose, settings: Any) -> None:
    made, former = token(purpose), settings.SECRET_KEY
    settings.SECRET_KEY = OTHER_KEY
    settings.SECRET_KEY_FALLBACKS = [former]
    assert key_of(purpose, made) == READER
    assert token(purpose) != made


def test_preferences_link_lasts_as_long_as_digests_are_kept() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        made = token(Purpose.PREFERENCES)
        clock.move_to(NOON + LASTS[Purpose.PREFERENCES])
        assert key_of(Purpose.PREFERENCES, made) == READER
        clock.move_to(NOON + LASTS[Purpose.PREFERENCES] + timedelta(seconds=1))
        with pytest.raises(BadLink):
            key_of(Purpose.PREFERENCES, made)


def test_unsubscribe_link_never_expires() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        made = token(Purpose.UNSUBSCRIBE)
        clock.move_to(NOON + timedelta(days=3650))
        assert key_of(Purpose.UNSUBSCRIBE, made) == READER
