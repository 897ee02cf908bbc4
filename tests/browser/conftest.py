"""A real Chromium before a running Broadsheet that mails to a real SMTP server, all on loopback.

Each test says at its end whether a page broke a rule of its own: an error on the console (which is where a refused
inline script or style shows), an exception in a script, an answer of 500.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urljoin

import pytest
import time_machine
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, sync_playwright
from pytest_django.live_server_helper import LiveServer

from accounts.models import Reader
from config.celery import app
from tests.browser.inbox import Inbox
from tests.browser.real import DATA, NOW, read_real_days
from tests.mailserver import mail_server

OPTIONS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
PATIENCE = 15_000  # milliseconds for anything to appear: these machines can be busy

LOOKS = [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")]  # width of the window, colour scheme

Visit = Callable[..., Page]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("needs a Chromium on PATH")
    with sync_playwright() as playwright, pytest.MonkeyPatch.context() as patch:
        # Playwright runs its loop in this thread; Django would refuse to read rows beside it.
        patch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(executable_path=path, args=list(OPTIONS))
        yield browser
        browser.close()


@pytest.fixture(autouse=True)
def served(live_server: LiveServer, settings: Any) -> Iterator[None]:
    """Let links in mail lead to the server of this test, and tasks run where they are called."""
    settings.SITE_URL = live_server.url
    before, app.conf.task_always_eager = app.conf.task_always_eager, True
    yield
    app.conf.task_always_eager = before


@pytest.fixture
def inbox(settings: Any) -> Iterator[Inbox]:
    with mail_server(settings) as recorder:
        yield Inbox(recorder)


@pytest.fixture
def visit(chromium: Browser, live_server: LiveServer) -> Iterator[Visit]:
    """Open a page of a new visitor: `visit("/", java_script_enabled=False, ...)` as Playwright's contexts take it."""
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def note_answer(answer: Response) -> None:
        """Pages may be refused; what a page is made of may not, and nothing may break."""
        if answer.status >= (500 if answer.request.resource_type == "document" else 400):
            problems.append(f"{answer.status} at {answer.url}")

    def note_words(said: ConsoleMessage) -> None:
        """What has no address comes from the tests' own checker; what could not be loaded is noted above."""
        if said.type == "error" and said.location["url"] and not said.text.startswith("Failed to load resource"):
            problems.append(f"{said.location['url']}: {said.text}")

    def open_page(path: str = "/", **options: Any) -> Page:
        stated = {"timezone_id": "Europe/Berlin", "locale": "en-GB", "viewport": {"width": 1280, "height": 900}}
        context = chromium.new_context(**stated | options)
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.on("console", note_words)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("response", note_answer)
        page.goto(live_server.url + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert problems == []


@pytest.fixture
def real_days(transactional_db: None) -> Iterator[None]:
    """Let it be the evening of the last of the real days."""
    if not DATA.exists():
        pytest.skip("needs the real input of ../shared/data")
    with time_machine.travel(NOW, tick=True):
        read_real_days()
        yield


def sign_in(page: Page, reader: Reader) -> None:
    """Give the browser the reader's session; signing in by hand is tested elsewhere."""
    client = Client()
    client.force_login(reader)
    session = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": urljoin(page.url, "/")}])
