import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client

from accounts.models import Reader
from accounts.sessions import PASSING_BY
from digest.delivery import forget
from digest.feedback.export import export_reader
from digest.feedback.links import LASTS, Purpose
from digest.ingest.submit import LASTS as PREVIEW_LASTS
from digest.web.privacy import in_words, kept
from tests.digest.web.visits import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    caches["pages"].clear()


def page() -> str:
    answer = Client().get("/privacy")
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def lengths(text: str) -> set[str]:
    return set(re.findall(r"\b\d+ (?:second|minute|hour|day|week|month|year)s?\b", text))


def test_every_length_of_time_is_that_of_the_code(settings: Any) -> None:
    held = {
        forget.KEPT_DIGESTS,
        forget.KEPT_LETTERS,
        forget.KEPT_SIGNUPS,
        forget.KEPT_MAIL_EVENTS,
        forget.KEPT_SIGNALS,
        timedelta(seconds=settings.SESSION_COOKIE_AGE),
        timedelta(seconds=settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT),
        PASSING_BY,
        PREVIEW_LASTS,
        LASTS[Purpose.PREFERENCES],
        LASTS[Purpose.CONFIRM],
        LASTS[Purpose.ADDRESS],
        timedelta(days=1),  # the longest of the limits' counts
    }
    assert lengths(page()) == set(kept().values()) == {in_words(length) for length in held}


def test_length_that_changes_in_the_code_changes_on_the_page(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.SESSION_COOKIE_AGE = 7 * 86_400 * 11
    settings.ACCOUNT_RATE_LIMITS = {"signup": "1/m/ip,2/3d/ip"}
    monkeypatch.setattr(forget, "KEPT_LETTERS", timedelta(days=41))
    assert {"77 days", "3 days", "41 days"} <= lengths(page())


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(days=1), "1 day"),
        (timedelta(days=90), "90 days"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(hours=2), "2 hours"),
        (timedelta(minutes=15), "15 minutes"),
    ],
)
def test_length_is_told_in_words(length: timedelta, words: str) -> None:
    assert in_words(length) == words


def test_page_names_what_the_export_holds(reader: Reader) -> None:
    """Whoever adds something to what is kept of a reader has to say so on the page, and here."""
    assert set(export_reader(reader)) - {"format", "made_at"} == {
        "account",
        "addresses",
        "authenticators",
        "consent",
        "digests",
        "feedback",
        "letters",
        "mail_events",
        "sessions",
        "sign_up",
        "staff_log",
        "submissions",
        "suppression",
        "topics",
        "votes",
    }


def test_operator_is_named_and_may_say_more(settings: Any) -> None:
    settings.CURATOR, settings.POSTAL_ADDRESS, settings.CONTACT = "The Library", "1 Quiet Street", "us@example.org"
    settings.PRIVACY_NOTE = "Backups are kept\n<b>for a while</b>"
    shown = page()
    assert "by The Library<br>1 Quiet Street<br>" in shown
    assert '<a href="mailto:us@example.org">us@example.org</a></address>' in shown
    assert "<p>Backups are kept<br>&lt;b&gt;for a while&lt;/b&gt;</p>" in shown


def test_page_sets_no_cookie_and_names_nobody_elses_files() -> None:
    answer = Client().get("/privacy")
    assert not answer.cookies
    assert re.findall(r'(?:src|href)="(https?:[^"]+)"', answer.content.decode()) in (
        [],
        ["https://papers.example.org/privacy"],
    )


def test_links_of_the_page_lead_to_the_readers_own(reader: Reader) -> None:
    client = signed_in(reader)
    for path in ("/you/export/", "/you/erase/"):
        assert f'href="{path}"' in page()
        assert client.get(path).status_code == 200
