"""Naming topics as somebody does who signs up: typing, looking, taking a suggestion; with scripts and without."""

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from digest.ingest.sample import samples
from tests.browser.checks import accessibility_problems, needs_checkers
from tests.browser.conftest import Visit
from tests.make import make_paper

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def papers() -> None:
    today = timezone.now().date()
    for place in range(3):
        make_paper(title=f"Advances in machine translation {place}", announced_on=today)
    for place in range(30):
        category = "craft.WV" if place % 2 else "craft.HD"
        make_paper(title=f"Basket weaving {place}", announced_on=today, categories=[category])
    samples.current(wait=20)


def typed(page: Page, place: int, text: str) -> None:
    page.get_by_label(f"Topic {place}", exact=True).press_sequentially(text)


def test_preview_follows_what_is_typed_and_takes_suggestions(visit: Visit) -> None:
    page = visit("/sign-up")
    typed(page, 1, "machine transl")
    previews = page.locator(".preview")
    previews.first.get_by_role("button", name="Machine translation", exact=True).click()
    expect(page.get_by_label("Topic 1", exact=True)).to_have_value("Machine translation")
    expect(page.get_by_label("Topic 1", exact=True)).to_be_focused()
    expect(previews.first).to_contain_text("About 3 papers a day.")
    expect(previews.first).to_contain_text("Advances in machine translation")
    page.get_by_label("Topic 1", exact=True).fill("")
    expect(previews.first).to_be_empty()


def test_preview_narrows_a_broad_topic(visit: Visit) -> None:
    page = visit("/sign-up")
    typed(page, 2, "basket weaving")
    preview = page.locator(".preview").nth(1)
    expect(preview).to_contain_text("About 30 papers a day.")
    preview.get_by_role("button", name="in craft.WV").click()
    expect(page.get_by_label("Topic 2", exact=True)).to_have_value("basket weaving cat:craft.WV")
    expect(preview).to_contain_text("About 15 papers a day.")


def test_mistake_is_said_calmly(visit: Visit) -> None:
    page = visit("/sign-up")
    typed(page, 1, '"half a phrase')
    expect(page.locator(".preview").first).to_contain_text("has no partner")


def test_another_topic_is_added_in_place_with_a_preview_of_its_own(visit: Visit) -> None:
    page = visit("/sign-up")
    typed(page, 1, "basket weaving")
    expect(page.locator(".preview").first).not_to_be_empty()
    page.get_by_role("button", name="Another topic").click()
    expect(page.get_by_label("Topic 4", exact=True)).to_be_focused()
    typed(page, 4, "machine translation")
    expect(page.locator(".preview").nth(3)).to_contain_text("About 3 papers a day.")
    expect(page.get_by_label("Topic 1", exact=True)).to_have_value("basket weaving")
    for _ in range(16):
        page.get_by_role("button", name="Another topic").click()
    expect(page.get_by_label("Topic 20", exact=True)).to_be_focused()
    expect(page.get_by_role("button", name="Another topic")).to_be_hidden()


def test_another_topic_without_scripts_keeps_what_was_typed(visit: Visit) -> None:
    page = visit("/sign-up", java_script_enabled=False)
    typed(page, 1, '"half')
    page.get_by_role("button", name="Another topic").click()
    expect(page.get_by_label("Topic 1", exact=True)).to_have_value('"half')
    expect(page.get_by_label("Topic 4", exact=True)).to_have_value("")
    expect(page.locator(".errorlist")).to_have_count(0)


@pytest.mark.parametrize("scripts", [True, False])
def test_enter_sends_the_form(visit: Visit, scripts: bool) -> None:
    page = visit("/sign-up", java_script_enabled=scripts)
    page.get_by_label("Topic 1", exact=True).fill('"half')
    page.get_by_label("Topic 1", exact=True).press("Enter")
    expect(page.locator("#id_topics_1_error")).to_contain_text("has no partner")


@needs_checkers
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_previews_are_accessible(visit: Visit, width: int, scheme: str) -> None:
    page = visit("/sign-up", viewport={"width": width, "height": 900}, color_scheme=scheme)
    for place, text in enumerate(("basket weaving", '"half', "machine transl"), 1):
        typed(page, place, text)
        expect(page.locator(".preview").nth(place - 1)).not_to_be_empty()
    assert accessibility_problems(page) == []
