"""The daily paper over real days, narrow and wide, light and dark: what axe and the Nu checker say of each page.

Each page is opened once and then looked at in every way. No page may be wider than the narrowest phone.
"""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.checks import COLOR_RULES, accessibility_problems, keep_markup, markup_problems, needs_checkers
from tests.browser.conftest import Visit, sign_in
from tests.make import make_reader

WIDTHS = (1280, 390)
NARROWEST = 320
HEIGHT = 900

OPEN_PAGES = [
    "/",
    "/date/2025-05-06",
    "/date/2025-05-04",
    "/week/2025-W19?page=2",
    "/month/2025-05",
    "/trending",
    "/topics/",
    "/topics/reinforcement-learning",
    "/topics/reinforcement-learning?order=best&period=week",
    "/search",
    "/search?q=reward+model",
    "/search?q=%22half",
    "/papers/2505.03318",
    "/about",
    "/privacy",
    "/api/docs",
]
READERS_PAGES = ["/", "/topics/reinforcement-learning", "/search?q=reward+model", "/papers/2505.03318", "/submit"]


def looked_at(page: Page) -> list[str]:
    """Return what is wrong with the page that is open, whichever way one looks at it."""
    problems = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        page.emulate_media(color_scheme="light")
        problems += [f"{width} light: {problem}" for problem in accessibility_problems(page)]
        page.emulate_media(color_scheme="dark")
        problems += [f"{width} dark: {problem}" for problem in accessibility_problems(page, only=COLOR_RULES)]
    page.set_viewport_size({"width": NARROWEST, "height": HEIGHT})
    width = page.evaluate("document.documentElement.scrollWidth")
    return problems + ([f"{page.url} is {width} wide"] if width > NARROWEST else [])


@needs_checkers
@pytest.mark.usefixtures("real_days")
def test_pages_keep_to_all_rules_in_every_look(visit: Visit, tmp_path: Path) -> None:
    page = visit("/")
    root = page.url.rstrip("/")
    problems = []
    for path in OPEN_PAGES:
        page.goto(root + path)
        problems += looked_at(page)
        keep_markup(page, tmp_path)
    sign_in(page, make_reader("ada@example.org"))
    for path in READERS_PAGES:
        page.goto(root + path)
        assert page.url == root + path
        problems += looked_at(page)
    problems += markup_problems(tmp_path)
    assert problems == []
