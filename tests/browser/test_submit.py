"""A reader submits a paper by keyboard alone, staff feature it, and it stands first on the front page."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Reader
from digest.models import Host
from tests.browser.checks import accessibility_problems, needs_checkers
from tests.browser.conftest import LOOKS, Visit, sign_in
from tests.browser.visitor import Visitor
from tests.digest.ingest.make import make_api_page
from tests.feedserver import Answer, feed_server
from tests.make import make_paper, make_reader, make_submission

TITLE = "Paper 2603.00001"


@pytest.fixture(autouse=True)
def arxiv(settings: Any, transactional_db: None) -> Iterator[None]:
    settings.FETCH_ALLOWED_HOSTS = ["127.0.0.1"]
    Host.objects.update_or_create(name="*", defaults={"gap_seconds": 0})
    with feed_server() as server:
        settings.ARXIV_API_URL = server.url("/api/query")
        server.answers["/api/query"] = Answer(make_api_page("2603.00001"))
        yield


@pytest.mark.parametrize("has_script", [True, False])
def test_paper_is_submitted_by_keyboard_and_featured(visit: Visit, has_script: bool) -> None:
    page = visit("/about", java_script_enabled=has_script)
    sign_in(page, make_reader("ada@example.org"))
    page.goto(re.sub("/about$", "/submit", page.url))
    visitor = Visitor(page, by_keyboard=True)
    visitor.reach(page.get_by_label("arXiv id, DOI or address of the paper"))
    page.keyboard.type("arXiv:2603.00001v1 [cs.CL]")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Submit this paper?")).to_be_visible()
    expect(page.get_by_text(TITLE)).to_be_visible()
    visitor.reach(page.get_by_label("Why it is worth reading"))
    page.keyboard.type("It floats")
    visitor.reach(page.get_by_role("button", name="Submit this paper"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("Waiting: staff have not answered yet.")).to_be_visible()
    _feature(visit("/about"))
    page.reload()
    expect(page.get_by_text("Read it with your coffee")).to_be_visible()


def _feature(page: Page) -> None:
    """Go from the front page of the admin to the answer, and look at the front page that everybody sees."""
    sign_in(page, Reader.objects.create_superuser("root@example.org", "a long password 7"))
    page.goto(re.sub("/about$", "/admin/", page.url))
    page.get_by_role("link", name="1 submitted paper waits").click()
    page.get_by_role("link", name=TITLE).click()
    page.get_by_role("link", name="Feature…").click()
    page.get_by_label("Why readers should see it").fill("Read it with your coffee")
    page.get_by_role("button", name="Feature").click()
    page.goto(re.sub("/admin/.*$", "/", page.url))
    expect(page.get_by_role("heading", name=TITLE)).to_be_visible()
    expect(page.get_by_text("Read it with your coffee")).to_be_visible()


@needs_checkers
@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_page_has_no_problem_of_accessibility(visit: Visit, width: int, scheme: str) -> None:
    reader = make_reader("ada@example.org")
    make_submission(make_paper(), reader, said="It floats")
    page = visit("/about", viewport={"width": width, "height": 900}, color_scheme=scheme)
    sign_in(page, reader)
    page.goto(re.sub("/about$", "/submit", page.url))
    assert accessibility_problems(page) == []
    page.get_by_label("arXiv id, DOI or address of the paper").fill("2603.00001")
    page.get_by_role("button", name="Look it up").click()
    assert accessibility_problems(page) == []
