"""More like this, less like this and their undoing on the cards of a page, with JavaScript and without."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from accounts.models import Reader
from digest.feedback.links import Purpose, token
from digest.models import Paper
from tests.browser.checks import accessibility_problems, keep_markup, markup_problems, needs_checkers
from tests.browser.conftest import Visit
from tests.make import TODAY, make_digest, make_paper, make_reader, make_sighting, make_topic

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def reader() -> Reader:
    return make_reader("ada@example.org", topics=(make_topic("moths"),))


@pytest.fixture
def paper(reader: Reader) -> Paper:
    """A paper in the reader's last digest."""
    paper = make_paper(title="Moths & lamps", url="https://papers.example.net/1")
    make_sighting(paper)
    (topic,) = reader.subscriptions.values_list("topic", flat=True)
    make_digest(reader, TODAY, state="accepted", next_attempt_at=None, picks=[[paper.pk, topic]])
    return paper


def archived(reader: Reader) -> str:
    return f"/preferences/{token(Purpose.PREFERENCES, reader.pk)}/archive/{TODAY}/"


def said(reader: Reader) -> list[bool]:
    return list(reader.feedback.values_list("wants_more", flat=True))


def test_answer_appears_in_place_and_can_be_undone_by_keyboard(visit: Visit, reader: Reader, paper: Paper) -> None:
    page = visit(archived(reader))
    address = page.url
    page.get_by_role("button", name="More like this: Moths & lamps").click()
    expect(page.get_by_text("More like this: noted.")).to_be_visible()
    assert (page.url, said(reader)) == (address, [True])
    expect(page.get_by_role("button", name="Undo: Moths & lamps")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="More like this: Moths & lamps")).to_be_focused()
    assert said(reader) == []


def test_answer_without_javascript_is_a_page_of_its_own(visit: Visit, reader: Reader, paper: Paper) -> None:
    page = visit(archived(reader), java_script_enabled=False)
    page.get_by_role("button", name="Less like this: Moths & lamps").click()
    expect(page.get_by_role("heading", name="Noted: less like this")).to_be_visible()
    assert said(reader) == [False]
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", name="Less like this?")).to_be_visible()
    assert said(reader) == []


@needs_checkers
@pytest.mark.parametrize("colors", ["light", "dark"])
def test_pages_break_no_rule(visit: Visit, reader: Reader, paper: Paper, colors: str, tmp_path: Path) -> None:
    page = visit(archived(reader), color_scheme=colors, viewport={"width": 390, "height": 800})
    keep_markup(page, tmp_path)
    assert accessibility_problems(page) == []
    page.get_by_role("button", name="More like this: Moths & lamps").click()
    expect(page.get_by_text("More like this: noted.")).to_be_visible()
    assert accessibility_problems(page) == []
    page.get_by_role("link", name="Stop this topic").click()
    keep_markup(page, tmp_path)
    assert accessibility_problems(page) + markup_problems(tmp_path) == []
