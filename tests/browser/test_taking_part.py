"""Somebody takes part over real days, by keyboard alone: follows a topic, votes, submits a paper that staff feature.

With scripts the answers come in place, and the focus stays where it was; without, as pages.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from accounts.models import Reader
from digest.models import Host, Vote
from tests.browser.conftest import Visit, sign_in
from tests.browser.inbox import Inbox
from tests.browser.real import DATA, WORD_OF_STAFF
from tests.browser.visitor import Visitor
from tests.digest.web.visits import followed
from tests.feedserver import Answer, feed_server

ADDRESS = "ada@example.org"
MOST_READ = "Unified Multimodal Chain-of-Thought Reward Model through Reinforcement Fine-Tuning"
SUBMITTED = "Heat-bath random walks with Markov bases"


@pytest.fixture
def arxiv(settings: Any, real_days: None) -> Iterator[None]:
    """Answer for arXiv's API with what it once said of one paper."""
    settings.FETCH_ALLOWED_HOSTS = ["127.0.0.1"]
    Host.objects.update_or_create(name="*", defaults={"gap_seconds": 0})
    [said] = (DATA / "arxiv_api").glob("*__id_1605.08386_*__http200.xml")
    with feed_server() as server:
        settings.ARXIV_API_URL = server.url("/api/query")
        server.answers["/api/query"] = Answer(said.read_bytes())
        yield


@pytest.mark.usefixtures("arxiv")
@pytest.mark.parametrize("has_script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_person_takes_part_by_keyboard(visit: Visit, inbox: Inbox, has_script: bool) -> None:
    page = visit("/topics/reinforcement-learning", java_script_enabled=has_script)
    visitor = Visitor(page, by_keyboard=True)
    follow_by_mail(visitor, inbox, has_script)
    sign_in(page, Reader.objects.get(email=ADDRESS))
    visitor.press(page.locator(".masthead .name"))
    vote_and_take_it_back(visitor, has_script)
    follow_at_once(visitor, has_script)
    submit_a_paper(visitor, has_script)
    assert page.locator(".story").count() == 0
    feature_it(Visitor(visit("/about"), by_keyboard=True, looks_for_ring=False))
    visitor.press(page.locator(".masthead .name"))
    first = page.locator(".story").first
    expect(first.locator(".title")).to_have_text(SUBMITTED)
    expect(first.locator(".reason").first).to_contain_text("Read it with your coffee")
    expect(page.locator(".story").nth(1)).to_contain_text(WORD_OF_STAFF)


def follow_by_mail(visitor: Visitor, inbox: Inbox, has_script: bool) -> None:
    page = visitor.page
    visitor.skip()
    visitor.send(page.get_by_label("Your mail address"), ADDRESS)
    if has_script:
        expect(page.locator("#follow")).to_contain_text(f"A mail to {ADDRESS} asks whether the address is yours.")
    else:
        visitor.arrives("Look into your inbox")
    assert not Reader.objects.filter(email=ADDRESS).exists()
    page.goto(inbox.of(ADDRESS)[-1].links("Confirm my address")[0])
    visitor.press(page.get_by_role("button", name="Send me the papers"))
    visitor.arrives("That was all")
    assert followed(Reader.objects.get(email=ADDRESS)) == ["reinforcement learning"]


def vote_and_take_it_back(visitor: Visitor, has_script: bool) -> None:
    page = visitor.page
    button = page.locator(".story", has_text=MOST_READ).locator(".vote button")
    before = int(button.inner_text())
    for word, votes, is_pressed in (("Vote for ", 1, "true"), ("Take your vote back: ", 0, "false")):
        assert str(button.get_attribute("aria-label")).startswith(word + MOST_READ)
        if votes or not has_script:  # else the focus is there
            visitor.skip()
            visitor.reach(button)
        page.keyboard.press("Enter")
        expect(button).to_have_text(str(before + votes))
        expect(button).to_have_attribute("aria-pressed", is_pressed)
        if has_script:
            expect(button).to_be_focused()
        visitor.arrives("Wednesday, 7 May 2025")
        assert Vote.objects.count() == votes


def follow_at_once(visitor: Visitor, has_script: bool) -> None:
    page = visitor.page
    story = page.locator(".story", has_text=MOST_READ)
    visitor.press(story.get_by_role("link", name="Reasoning in language models"))
    visitor.arrives("Reasoning in language models")
    visitor.skip()
    visitor.press(page.get_by_role("button", name="Follow by mail"))
    expect(page.get_by_role("status")).to_contain_text("You follow “Reasoning in language models” now")
    if has_script:
        expect(page.get_by_role("button", name="Stop following")).to_be_focused()
    assert len(followed(Reader.objects.get(email=ADDRESS))) == 2


def submit_a_paper(visitor: Visitor, has_script: bool) -> None:
    page = visitor.page
    visitor.reach(page.get_by_role("link", name="Submit a paper"), key="Shift+Tab" if has_script else "Tab")
    page.keyboard.press("Enter")
    visitor.send(page.get_by_label("arXiv id, DOI or address of the paper"), "arXiv:1605.08386")
    visitor.arrives("Submit this paper?")
    expect(page.get_by_text(SUBMITTED)).to_be_visible()
    visitor.write(page.get_by_label("Why it is worth reading"), "It mixes in constant time")
    visitor.press(page.get_by_role("button", name="Submit this paper"))
    expect(page.get_by_text("Waiting: staff have not answered yet.")).to_be_visible()


def feature_it(staff: Visitor) -> None:
    """Answer it as staff do, from the front page of the admin on."""
    page = staff.page
    sign_in(page, Reader.objects.create_superuser("root@example.org", "a long password 7"))
    page.reload()
    staff.press(page.get_by_role("link", name="Admin"))
    staff.press(page.get_by_role("link", name="1 submitted paper waits"))
    staff.press(page.get_by_role("link", name=SUBMITTED))
    staff.press(page.get_by_role("link", name="Feature…"))
    staff.write(page.get_by_label("Why readers should see it"), "Read it with your coffee")
    staff.press(page.get_by_role("button", name="Feature"))
    expect(page.get_by_text("Read it with your coffee").first).to_be_visible()
