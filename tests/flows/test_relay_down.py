"""The mail system is down when somebody signs up: the page answers as always, and the letter goes later, once."""

import socket
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from config.celery import app
from digest.delivery.letters import deliver_letters_due
from digest.models import Letter
from tests.mailserver import mail_server
from tests.make import NOON, make_reader
from tests.messenger import wait_for_letters

pytestmark = pytest.mark.django_db(transaction=True)
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def embedded() -> Iterator[None]:
    """Deliver in the process that serves the page, at noon."""
    cache.clear()
    before, app.conf.task_always_eager = app.conf.task_always_eager, True
    with time_machine.travel(NOON, tick=False):
        yield
    app.conf.task_always_eager = before


@pytest.fixture
def silent(settings: Any) -> Iterator[socket.socket]:
    """Name a mail system that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.getsockname()
        yield server


def sign_up(address: str) -> None:
    answer = Client().post("/sign-up", {"address": address, "topics": ["moths"], "time_zone": "UTC"})
    assert "Look into your inbox" in answer.content.decode()


def run(moment: datetime) -> None:
    deliver_letters_due(clock=lambda: moment)


def test_page_does_not_wait_for_a_mail_system_that_says_nothing(silent: socket.socket, settings: Any) -> None:
    sign_up("ada@example.org")
    letter = Letter.objects.get()
    assert (letter.state, letter.reason) == ("waiting", "")
    silent.close()
    wait_for_letters()
    letter.refresh_from_db()
    assert (letter.state, letter.attempts) == ("waiting", 1)
    assert letter.reason.startswith("the mail system cannot be reached: ")
    with mail_server(settings) as recorder:
        run(NOON + 2 * MINUTE)
        run(NOON + 4 * MINUTE)
    assert [address for address, _ in recorder.received] == ["ada@example.org"]


@pytest.mark.parametrize(
    ("address", "state", "mails"),
    [
        ("later@example.org", "waiting", 0),
        ("full@example.org", "waiting", 0),
        ("refuse@example.org", "failed", 0),
        ("refuse-and-close@example.org", "failed", 0),
        ("cut-after-dot@example.org", "uncertain", 1),
    ],
)
def test_letter_that_the_mail_system_did_not_take_goes_later_unless_it_may_have_gone(
    address: str, state: str, mails: int, settings: Any
) -> None:
    with mail_server(settings) as recorder:
        sign_up(address)
        wait_for_letters()
        assert (Letter.objects.get().state, len(recorder.received)) == (state, mails)
        Letter.objects.update(address="ada@example.org")  # which the mail system takes
        run(NOON + 2 * MINUTE)
        run(NOON + 4 * MINUTE)
    assert len(recorder.received) == (1 if state != "failed" else 0)


def test_code_that_waited_for_the_mail_system_too_long_is_never_sent(silent: socket.socket, settings: Any) -> None:
    make_reader("ada@example.org")
    Client().post("/accounts/login/", {"email": "ada@example.org"})
    silent.close()
    wait_for_letters()
    with mail_server(settings) as recorder:
        run(NOON + 15 * MINUTE)
    assert (Letter.objects.get().state, recorder.received) == ("expired", [])
