"""The daily paper over real days: from page to page by their own links, by pointer and by keyboard, without scripts."""

from urllib.parse import urljoin

import feedparser
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.real import WORD_OF_STAFF
from tests.browser.visitor import Visitor, each_way

TOPIC = "Reasoning in language models"
TODAY = "Wednesday, 7 May 2025"


@pytest.mark.usefixtures("real_days")
@each_way
def test_pages_lead_to_each_other(visit: Visit, by_keyboard: bool, has_script: bool) -> None:
    visitor = Visitor(visit("/", java_script_enabled=has_script), by_keyboard)
    if by_keyboard and has_script:
        visitor.page.keyboard.press("ArrowDown")
        visitor.page.wait_for_function("scrollY > 0")
    read_the_days(visitor)
    read_a_paper_and_its_topic(visitor)
    search(visitor, has_script)
    read_about_the_service(visitor)


def read_the_days(visitor: Visitor) -> None:
    page = visitor.page
    visitor.arrives(TODAY)
    assert_is_list(page)
    expect(page.get_by_text("and the research community")).to_be_visible()
    expect(page.locator(".story").first).to_contain_text(WORD_OF_STAFF)
    expect(page.get_by_role("button", name="Send me the papers")).to_be_in_viewport()

    visitor.skip()
    visitor.press(page.get_by_role("link", name="6 May"))
    visitor.arrives("Tuesday, 6 May 2025")
    assert_is_list(page)
    visitor.skip()
    visitor.press(page.get_by_role("link", name="The week"))
    visitor.arrives("5 to 11 May 2025")
    assert_is_list(page)
    before = titles(page)
    visitor.skip()
    visitor.press(page.get_by_role("link", name="The next page"))
    assert_is_list(page, first=31)
    assert set(before).isdisjoint(titles(page))
    visitor.press(page.get_by_role("link", name="Month", exact=True))
    visitor.arrives("May 2025")
    assert_is_list(page)
    visitor.press(page.get_by_role("link", name="Trending", exact=True))
    visitor.arrives("Trending now")
    assert_is_list(page)
    visitor.press(page.locator(".masthead .name"))
    visitor.arrives(TODAY)


def read_a_paper_and_its_topic(visitor: Visitor) -> None:
    page = visitor.page
    story = page.locator(".story", has_text=TOPIC).first
    title = story.locator(".title").inner_text()
    visitor.skip()
    visitor.press(story.locator(".title a"))
    visitor.arrives(title)
    assert_is_paper(page)
    visitor.skip()
    visitor.press(page.get_by_role("link", name=TOPIC))
    visitor.arrives(TOPIC)
    assert_has_feed(page)
    expect(page.locator(".story .title", has_text=title)).to_be_visible()
    visitor.skip()
    visitor.press(page.get_by_role("link", name="Week’s best"))
    expect(page.get_by_role("heading", level=2, name="The best of the last 7 days")).to_be_visible()
    visitor.skip()
    visitor.press(page.get_by_role("link", name="search all papers for it"))
    visitor.arrives("Search")
    assert_has_feed(page)
    expect(page.locator(".card mark").first).to_be_visible()
    visitor.press(page.get_by_role("link", name="Topics", exact=True))
    visitor.arrives("Topics")
    visitor.send(page.get_by_label("Find a topic"), "reasoning")
    visitor.press(page.locator("#catalogue").get_by_role("link", name=TOPIC, exact=True))
    visitor.arrives(TOPIC)


def search(visitor: Visitor, has_script: bool) -> None:
    page = visitor.page
    visitor.send(page.get_by_role("searchbox", name="Search the papers"), "reward model -video")
    visitor.arrives("Search")
    expect(page.locator(".card .title mark").first).to_have_text("Reward")
    if has_script:
        expect(page.locator(".estimate")).to_contain_text("As a topic it would bring")
    box = page.get_by_role("searchbox", name="Search all papers")
    visitor.send(box, '"reward model')
    expect(page.get_by_role("alert")).to_contain_text("has no partner")
    visitor.send(box, "arXiv:2505.03335v1")
    visitor.arrives("Absolute Zero: Reinforced Self-play Reasoning with Zero Data")


def read_about_the_service(visitor: Visitor) -> None:
    page = visitor.page
    foot = page.get_by_role("navigation", name="About this service")
    visitor.press(foot.get_by_role("link", name="About"))
    expect(page.locator(".formula").first).to_be_visible()
    visitor.press(foot.get_by_role("link", name="Privacy"))
    visitor.arrives("Privacy")
    visitor.press(foot.get_by_role("link", name="API"))
    visitor.arrives("Papers for programs")


def assert_is_list(page: Page, first: int = 1) -> None:
    """See thirty papers, from the rank `first` on, each with what a card has, and a feed."""
    stories = page.locator(".story")
    expect(stories).to_have_count(30)
    expect(stories.first.locator(".rank")).to_have_text(f"Number {first}")
    for part in (".title a", ".abstract", ".vote"):
        expect(page.locator(f".story {part}")).to_have_count(30)
    assert_has_feed(page)


def assert_has_feed(page: Page) -> None:
    link = page.locator('link[rel="alternate"][type="application/atom+xml"]')
    feed = feedparser.parse(page.request.get(urljoin(page.url, str(link.get_attribute("href")))).body())
    assert (feed.bozo, bool(feed.entries)) == (False, True)


def assert_is_paper(page: Page) -> None:
    """See all that is known of a paper that people have voted for."""
    for heading in ("Topics it belongs to", "Attention", "Similar papers", "Cite it", "About this paper"):
        expect(page.get_by_role("heading", level=2, name=heading)).to_be_visible()
    expect(page.locator(".paper .abstract")).not_to_be_empty()
    expect(page.get_by_role("region", name="BibTeX")).to_contain_text("@misc{")
    expect(page.locator(".seen li")).not_to_have_count(0)


def titles(page: Page) -> list[str]:
    return page.locator(".title a").all_inner_texts()
