import re

import pytest
from django.test import Client

from tests.make import make_reader

pytestmark = pytest.mark.django_db


def ways(shown: str, label: str) -> dict[str, str]:
    """Return the links of a part of a page that helps to find the way: what they say and where they lead."""
    part = shown[shown.index(f'aria-label="{label}"') :]
    return {said: path for path, said in re.findall(r'<a href="([^"]+)"[^>]*>(.*?)</a>', part[: part.index("</nav>")])}


def test_each_page_leads_to_all_others(client: Client) -> None:
    shown = client.get("/sign-up").content.decode()
    assert ways(shown, "Sections") == {
        "Today": "/",
        "Week": "/week/2026-W10",
        "Month": "/month/2026-03",
        "Trending": "/trending",
        "Topics": "/topics/",
        "Search": "/search",
        "About": "/about",
    }
    assert ways(shown, "Account") == {"Sign in": "/accounts/login/"}
    assert ways(shown, "About this service") == {
        "About": "/about",
        "Privacy": "/privacy",
        "Feed": "/today.atom",
        "API": "/api/docs",
    }
    assert '<form class="find" role="search" action="/search">' in shown


def test_signed_in_reader_is_led_to_submitting_and_the_own_digest(client: Client) -> None:
    client.force_login(make_reader())
    shown = client.get("/").content.decode()
    assert ways(shown, "Account") == {"Submit a paper": "/submit", "Your digest": "/you/"}


@pytest.mark.parametrize(
    ("path", "current"),
    [("/", "Today"), ("/week/2026-W10", "Week"), ("/month/2020-01", "Month"), ("/trending", "Trending")],
)
def test_section_of_the_page_is_marked(path: str, current: str, client: Client) -> None:
    shown = client.get(path).content.decode()
    assert re.findall(r'aria-current="true">(\w+)<', shown) == [current]


def test_no_section_is_marked_on_a_page_of_none(client: Client) -> None:
    assert "aria-current" not in client.get("/no-such-page").content.decode()
