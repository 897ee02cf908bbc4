from datetime import date

import pytest
from django.test import Client

from accounts.models import Reader
from digest.feedback.links import Purpose
from digest.models import Letter
from tests.digest.web.visits import path_for
from tests.make import make_reader

pytestmark = pytest.mark.django_db

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
URLENCODED = "application/x-www-form-urlencoded"
FORGED = "/unsubscribe/1.Zm9yZ2VkLXNpZ25hdHVyZS1vZi1ub2JvZHktYXQtYWxs"


@pytest.fixture
def strict() -> Client:
    """A client without cookies, as strict about CSRF as a browser's would be treated."""
    return Client(enforce_csrf_checks=True)


def leaving(reader: Reader) -> str:
    return path_for(reader, Purpose.UNSUBSCRIBE)


def state_of(reader: Reader) -> str:
    reader.refresh_from_db()
    return reader.state


def test_get_asks_and_changes_nothing(strict: Client) -> None:
    reader = make_reader("ada@example.org")
    before = Reader.objects.filter(pk=reader.pk).values().get()
    answer = strict.get(leaving(reader))
    assert answer.status_code == 200
    assert "<h1>Stop all digests?</h1>" in answer.content.decode()
    assert Reader.objects.filter(pk=reader.pk).values().get() == before


def test_head_answers_and_changes_nothing(strict: Client) -> None:
    reader = make_reader()
    answer = strict.head(leaving(reader))
    assert (answer.status_code, answer.content, state_of(reader)) == (200, b"", "active")


def test_post_urlencoded_without_cookie_unsubscribes(strict: Client) -> None:
    reader = make_reader("ada@example.org")
    answer = strict.post(leaving(reader), "List-Unsubscribe=One-Click", content_type=URLENCODED)
    assert (answer.status_code, state_of(reader)) == (200, "left")
    assert "<h1>You will get no more digests</h1>" in answer.content.decode()
    assert answer.cookies == {}


def test_post_multipart_without_cookie_unsubscribes(strict: Client) -> None:
    reader = make_reader()
    answer = strict.post(leaving(reader), ONE_CLICK)
    assert (answer.status_code, state_of(reader)) == (200, "left")


@pytest.mark.parametrize("body", ["", "x=1", "List-Unsubscribe=One-Click&List-Unsubscribe=One-Click"])
def test_post_with_another_body_unsubscribes_too(strict: Client, body: str) -> None:
    reader = make_reader()
    answer = strict.post(leaving(reader), body, content_type=URLENCODED)
    assert (answer.status_code, state_of(reader)) == (200, "left")


def test_post_from_a_foreign_page_unsubscribes(strict: Client) -> None:
    reader = make_reader()
    answer = strict.post(leaving(reader), ONE_CLICK, headers={"origin": "https://mail.example.net"})
    assert (answer.status_code, state_of(reader)) == (200, "left")


def test_post_twice_is_fine(strict: Client) -> None:
    reader = make_reader()
    answers = [strict.post(leaving(reader), ONE_CLICK).status_code for _ in range(2)]
    assert (answers, state_of(reader)) == ([200, 200], "left")


@pytest.mark.parametrize("state", ["pending", "paused", "left"])
def test_post_in_any_state_unsubscribes(strict: Client, state: str) -> None:
    reader = make_reader(state=state)
    assert strict.post(leaving(reader), ONE_CLICK).status_code == 200
    assert state_of(reader) == "left"


def test_post_leaves_other_readers_alone(strict: Client) -> None:
    reader, other = make_reader(), make_reader()
    strict.post(leaving(reader), ONE_CLICK)
    assert (state_of(reader), state_of(other)) == ("left", "active")


@pytest.mark.parametrize("method", ["get", "head", "post"])
def test_forged_link_is_not_found_and_changes_nothing(strict: Client, method: str) -> None:
    reader = make_reader()
    assert getattr(strict, method)(FORGED).status_code == 404
    assert state_of(reader) == "active"


def test_forged_link_says_what_is_safe_and_what_to_do(strict: Client) -> None:
    page = strict.get(FORGED).content.decode()
    assert "<h1>This link does not work</h1>" in page
    assert "Nothing was changed." in page


def test_link_of_a_reader_who_is_gone_is_not_found(strict: Client) -> None:
    reader = make_reader()
    path = leaving(reader)
    reader.delete()
    assert strict.post(path, ONE_CLICK).status_code == 404


def test_link_for_preferences_does_not_unsubscribe(strict: Client) -> None:
    reader = make_reader()
    path = path_for(reader, Purpose.PREFERENCES).replace("preferences", "unsubscribe")
    assert (strict.post(path, ONE_CLICK).status_code, state_of(reader)) == (404, "active")


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options"])
def test_other_methods_are_refused(strict: Client, method: str) -> None:
    reader = make_reader()
    assert getattr(strict, method)(leaving(reader)).status_code == 405
    assert state_of(reader) == "active"


def test_page_is_kept_by_no_cache(strict: Client) -> None:
    answer = strict.get(leaving(make_reader()))
    assert answer["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"


def test_page_names_a_smaller_step_and_opens_nothing_else(strict: Client) -> None:
    page = strict.get(leaving(make_reader())).content.decode()
    assert "fewer papers, fewer days or a pause" in page
    assert "/preferences/" not in page


def test_leaving_can_be_taken_back_on_the_same_page(strict: Client) -> None:
    reader = make_reader()
    path = leaving(reader)
    assert "Send me digests again" in strict.post(path).content.decode()
    assert "Welcome back" in strict.post(path, {"back": "1"}).content.decode()
    reader.refresh_from_db()
    assert reader.state == "active"


def test_page_shows_a_strange_address_as_text(strict: Client) -> None:
    reader = make_reader("a&b'c@example.org")
    assert "a&amp;b&#x27;c@example.org" in strict.get(leaving(reader)).content.decode()


# --- The page's own button, and what it offers


def letters() -> list[tuple[str, str]]:
    return list(Letter.objects.values_list("kind", "address"))


def test_button_says_farewell_once_with_smaller_steps(strict: Client) -> None:
    reader = make_reader("ada@example.org")
    first, again = (strict.post(leaving(reader), {"leave": "1"}).content.decode() for _ in range(2))
    assert state_of(reader) == "left"
    for offer in ("Pause for a month instead", "Once a week instead"):
        assert (first.count(offer), again.count(offer)) == (1, 0)
    assert again.count("Send me digests again") == 1
    assert letters() == [("farewell", "ada@example.org")]


def test_page_of_somebody_who_left_shows_only_the_way_back(strict: Client) -> None:
    reader = make_reader()
    reader.leave()
    page = strict.get(leaving(reader)).content.decode()
    assert ("Send me digests again" in page, "instead" in page) == (True, False)


def test_one_click_of_a_mail_system_brings_no_letter_and_no_offer(strict: Client) -> None:
    page = strict.post(leaving(make_reader()), ONE_CLICK).content.decode()
    assert ("instead" in page, letters()) == (False, [])


def test_pause_instead_starts_again_after_a_month(strict: Client) -> None:
    reader = make_reader()
    strict.post(leaving(reader), {"leave": "1"})
    page = strict.post(leaving(reader), {"back": "pause"}).content.decode()
    reader.refresh_from_db()
    assert (reader.state, reader.left_at, reader.paused_until) == ("active", None, date(2026, 4, 3))
    assert "Your next digest comes on Friday, 3 April 2026, soon after 07:00, UTC time." in page


def test_once_a_week_instead_starts_again_on_its_day(strict: Client) -> None:
    reader = make_reader(weekday=4, paused_until=date(2026, 6, 1))
    strict.post(leaving(reader), {"leave": "1"})
    page = strict.post(leaving(reader), {"back": "weekly"}).content.decode()
    reader.refresh_from_db()
    assert (reader.state, reader.days, reader.paused_until) == ("active", "weekly", None)
    assert "Your next digest comes on Friday, 6 March 2026, soon after 07:00" in page


@pytest.mark.parametrize("how", ["pause", "weekly", "1"])
def test_way_back_changes_nothing_for_somebody_who_has_not_left(strict: Client, how: str) -> None:
    reader = make_reader()
    before = Reader.objects.filter(pk=reader.pk).values().get()
    assert strict.post(leaving(reader), {"back": how}).status_code == 200
    assert Reader.objects.filter(pk=reader.pk).values().get() == before
