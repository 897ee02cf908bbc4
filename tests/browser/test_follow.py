"""Finding a topic and following it from its page: as a stranger with scripts and without, and as a reader."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from digest.models import Signup, Topic, TopicDay
from tests.browser.conftest import Visit, sign_in
from tests.digest.web.visits import followed
from tests.make import make_match, make_paper, make_reader, open_catalogue

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def topic() -> Topic:
    """Make the pages of the catalogue, one of them with papers of three days."""
    open_catalogue()
    today = timezone.now().date()
    topic = Topic.objects.get(slug="machine-translation")
    for ago in range(3):
        day = today - timedelta(days=ago)
        make_match(topic, make_paper(title=f"Machine translation {ago}", announced_on=day))
        TopicDay.objects.create(topic=topic, day=day, papers=4)
    return topic


def test_stranger_finds_a_topic_and_follows_it_by_keyboard(visit: Visit) -> None:
    page = visit("/topics/")
    page.get_by_label("Find a topic").press_sequentially("machine transl")
    expect(page.get_by_role("status")).to_contain_text("1 topic for “machine transl”.")
    page.get_by_role("link", name="Machine translation", exact=True).press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Machine translation")
    expect(page.get_by_role("heading", level=3)).to_have_count(3)
    page.get_by_role("button", name="Follow by mail").press("Enter")
    expect(page.locator("#follow")).to_contain_text("Type your mail address.")
    page.get_by_label("Your mail address").press_sequentially("ada@example.org")
    page.get_by_label("Your mail address").press("Enter")
    expect(page.locator("#follow")).to_contain_text("A mail to ada@example.org asks whether the address is yours.")
    wish = Signup.objects.get()
    assert (wish.topics, wish.time_zone) == (['"machine translation"'], "Europe/Berlin")


def test_stranger_follows_a_topic_without_scripts(visit: Visit) -> None:
    page = visit("/topics/?q=translation", java_script_enabled=False)
    page.get_by_role("link", name="Machine translation", exact=True).click()
    page.get_by_label("Your mail address").fill("ada@example.org")
    page.get_by_role("button", name="Follow by mail").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Look into your inbox")
    assert Signup.objects.get().topics == ['"machine translation"']


def test_reader_follows_and_stops_in_place(visit: Visit, topic: Topic) -> None:
    reader = make_reader("ada@example.org")
    page = visit("/topics/")
    sign_in(page, reader)
    page.goto(page.url.partition("/topics")[0] + "/topics/machine-translation")
    page.get_by_role("button", name="Follow by mail").press("Enter")
    expect(page.get_by_role("button", name="Stop following")).to_be_focused()
    assert followed(reader) == [topic.query]
    page.get_by_role("button", name="Stop following").press("Enter")
    expect(page.get_by_role("button", name="Follow by mail")).to_be_focused()
    assert followed(reader) == []
