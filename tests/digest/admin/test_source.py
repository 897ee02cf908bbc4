from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from digest.models import Fetch, Gap, Paper, Source
from digest.models.health import health
from tests.make import NOON, TODAY, make_paper, make_reader, make_sighting, make_source

pytestmark = pytest.mark.django_db

LIST = "/admin/digest/source/"


@pytest.fixture(autouse=True)
def noon() -> Any:
    with time_machine.travel(NOON, tick=False):
        yield


def choose(client: Client, action: str, *sources: Source) -> list[str]:
    """Choose an action for `sources`, and return what the page says then."""
    asked = {"action": action, "_selected_action": [source.pk for source in sources]}
    answer: Any = client.post(LIST, asked, follow=True)
    assert answer.status_code == 200
    return [str(message) for message in answer.context["messages"]]


def make_healthy(**given: Any) -> Source:
    stated = {"kind": "feed", "last_checked_at": NOON, "last_success_at": NOON, "last_new_at": NOON}
    return make_source(**stated | {"healthy_since": NOON, "next_check_at": NOON + timedelta(hours=1)} | given)


def make_failing(**given: Any) -> Source:
    failing = {"failures": 3, "failing_since": NOON - timedelta(days=2), "last_error": "the server answers 500"}
    return make_healthy(**failing | {"last_error_kind": "http_status"} | given)


def make_disabled(**given: Any) -> Source:
    source = make_failing(**given)
    source.disable(NOON, "It is gone.")
    source.save()
    return source


def make_visit(source: Source, **given: Any) -> Fetch:
    stated = {"at": NOON - timedelta(minutes=10), "outcome": "stored", "status": 200, "seen": 9, "new": 4}
    return Fetch.objects.create(source=source, **stated | given)


def shown(client: Client, **asked: str) -> list[str]:
    """Return the names in the list, in its order."""
    answer: Any = client.get(LIST, asked)
    return [source.name for source in answer.context["cl"].result_list]


def page(client: Client, source: Source) -> str:
    return client.get(f"{LIST}{source.pk}/change/").content.decode()


def test_fetch_now_makes_the_chosen_sources_due(admin_client: Client) -> None:
    chosen, other = (make_source(next_check_at=NOON + timedelta(hours=1)) for _ in range(2))
    assert choose(admin_client, "fetch_now", chosen) == ["Fetched at the next minute: 1 of 1."]
    assert list(Source.objects.due(NOON)) == [chosen]
    other.refresh_from_db()
    assert other.next_check_at == NOON + timedelta(hours=1)


def test_fetch_now_says_how_many_are_switched_off(admin_client: Client) -> None:
    active = make_source(next_check_at=NOON + timedelta(hours=1))
    off = make_source(next_check_at=NOON + timedelta(hours=1), is_active=False)
    said = choose(admin_client, "fetch_now", active, off)
    assert said == ["Fetched at the next minute: 1 of 2. The others are switched off."]
    assert list(Source.objects.due(NOON)) == [active]


def test_switch_on_again_forgets_the_failures(admin_client: Client) -> None:
    disabled, failing = make_disabled(), make_failing()
    assert choose(admin_client, "switch_on_again", disabled, failing) == ["Switched on: 2 of 2."]
    for source in Source.objects.all():
        assert (source.is_active, source.failures, source.last_error) == (True, 0, "")
        assert (source.disabled_at, source.failing_since, source.next_check_at) == (None, None, NOON)


def test_switch_on_again_leaves_out_what_has_no_web_address(admin_client: Client) -> None:
    by_hand = make_source(url="file:/papers/saved.txt", is_active=False)
    assert choose(admin_client, "switch_on_again", by_hand) == [
        "Switched on: 0 of 1. The others have no web address and are only read by hand."
    ]
    by_hand.refresh_from_db()
    assert not by_hand.is_active


def test_switch_off_stops_the_visits(admin_client: Client) -> None:
    active, off = make_healthy(), make_source(is_active=False)
    assert choose(admin_client, "switch_off", active, off) == ["Switched off: 1 of 2. The others were off."]
    assert not Source.objects.active().exists()


def test_switch_off_takes_note_of_what_the_service_has_switched_off(admin_client: Client) -> None:
    active, disabled, off = make_healthy(), make_disabled(), make_healthy(is_active=False)
    assert choose(admin_client, "switch_off", active, disabled, off) == [
        "Switched off: 2 of 3. The others were off.",
        "The service had switched off 1 of them itself; that needs nobody any more.",
    ]
    disabled.refresh_from_db()
    assert (disabled.is_active, disabled.disabled_at, disabled.disabled_reason) == (False, None, "")
    found = health(disabled, NOON)
    assert (found.note, found.needs_person) == ("Switched off by staff.", False)
    assert shown(admin_client, health="needs-you") == []
    assert set(LogEntry.objects.values_list("object_id", flat=True)) == {str(active.pk), str(disabled.pk)}


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ("fetch_now", "Fetched at the next minute."),
        ("switch_on_again", "Switched on."),
        ("switch_off", "Switched off."),
    ],
)
def test_each_action_is_in_the_log_of_what_it_changed(admin_client: Client, action: str, said: str) -> None:
    source = make_healthy()
    choose(admin_client, action, source)
    assert [(entry.object_id, entry.get_change_message()) for entry in LogEntry.objects.all()] == [
        (str(source.pk), said)
    ]


def test_staff_who_may_only_look_are_offered_no_action(client: Client) -> None:
    source = make_healthy()
    staff = make_reader(is_staff=True)
    staff.user_permissions.add(Permission.objects.get(codename="view_source"))
    client.force_login(staff)
    assert client.get(LIST).status_code == 200
    choose(client, "switch_off", source)
    assert list(Source.objects.active()) == [source]
    answer = page(client, source)
    assert "Preview now" not in answer
    assert 'name="_save"' not in answer


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (make_healthy, '<span class="health health-ok">ok</span>'),
        (
            make_failing,
            '<strong class="needs-you">Needs you:</strong> <span class="health health-failing">failing</span>',
        ),
        (make_disabled, '<span class="health health-disabled">disabled</span>'),
    ],
)
def test_list_says_how_each_source_is(admin_client: Client, source: Any, said: str) -> None:
    source()
    assert said in admin_client.get(LIST).content.decode()


def test_list_tells_sources_of_one_name_apart_by_their_hosts(admin_client: Client) -> None:
    make_healthy(name="Annals <i>", url="https://a.example.org/feed")
    make_healthy(name="Annals <i>", url="file:annals.xml", is_active=False)
    answer = admin_client.get(LIST).content.decode()
    assert '<span class="note" title="https://a.example.org/feed">a.example.org</span>' in answer
    assert '<span class="note" title="file:annals.xml">file:annals.xml</span>' in answer
    assert '<span class="brief" title="Annals &lt;i&gt;">Annals &lt;i&gt;</span>' in answer


def test_list_counts_the_words_and_links_to_each(admin_client: Client) -> None:
    for make in (make_healthy, make_healthy, make_failing):
        make()
    answer = admin_client.get(LIST).content.decode()
    assert '<a href="?health=ok" class="health health-ok">2 ok</a>' in answer
    assert '<a href="?health=failing" class="health health-failing">1 failing</a>' in answer
    assert '<a href="?health=needs-you" class="health health-needs-you">1 needs you</a>' in answer
    assert "health=stale" not in answer.partition("changelist-filter")[0]


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({"health": "ok"}, ["Healthy"]),
        ({"health": "failing"}, ["Failing"]),
        ({"health": "disabled"}, ["Disabled"]),
        ({"health": "needs-you"}, ["Disabled", "Failing"]),
        ({"health": "splendid"}, []),
        ({"is_active__exact": "0"}, ["Disabled"]),
        ({"kind__exact": "arxiv-api"}, ["Failing"]),
        ({"q": "fail"}, ["Failing"]),
        ({"q": "nowhere.example.net"}, ["Healthy"]),
        ({}, ["Disabled", "Failing", "Healthy"]),
    ],
)
def test_list_is_narrowed_by_health_kind_state_and_words(
    admin_client: Client, asked: dict[str, str], names: list[str]
) -> None:
    make_healthy(name="Healthy", url="https://nowhere.example.net/feed")
    make_failing(name="Failing", kind="arxiv-api")
    make_disabled(name="Disabled")
    assert shown(admin_client, **asked) == names


def test_list_counts_what_each_filter_would_show(admin_client: Client) -> None:
    make_healthy()
    make_failing()
    answer = admin_client.get(LIST, {"_facets": "True"}).content.decode()
    for said in ("ok (1)", "failing (1)", "stale (0)", "needs you (1)"):
        assert said in answer


def test_list_says_what_the_last_visit_brought(admin_client: Client) -> None:
    source = make_healthy(last_checked_at=NOON - timedelta(minutes=10))
    make_visit(source, at=NOON - timedelta(hours=3), new=77)
    make_visit(source, new=4)
    make_visit(source, at=NOON - timedelta(minutes=5), purpose="signals", new=88)
    make_source(name="New", next_check_at=NOON)
    answer = admin_client.get(LIST).content.decode()
    assert '<td class="field-last_visit">10\xa0minutes ago: 4 new</td>' in answer
    assert '<td class="field-next_visit">in 1\xa0hour</td>' in answer
    assert '<td class="field-last_visit">none yet</td>' in answer
    assert '<td class="field-next_visit">now</td>' in answer


def test_list_says_that_the_last_visit_failed(admin_client: Client) -> None:
    source = make_disabled(last_checked_at=NOON - timedelta(minutes=10))
    make_visit(source, outcome="failed", error_kind="http_status", status=500, new=0)
    answer = admin_client.get(LIST).content.decode()
    assert '<td class="field-last_visit">10\xa0minutes ago: failed</td>' in answer
    assert '<td class="field-next_visit">none</td>' in answer


def test_list_shows_an_error_as_text(admin_client: Client) -> None:
    make_failing(last_error="<b>no feed</b>")
    answer = admin_client.get(LIST).content.decode()
    assert "&lt;b&gt;no feed&lt;/b&gt;" in answer
    assert "<b>no feed" not in answer


def test_empty_list_says_what_will_be_here(admin_client: Client) -> None:
    answer = admin_client.get(LIST).content.decode()
    assert "No sources yet." in answer
    assert '<a href="/admin/digest/source/add/">Add the first ones</a>' in answer


def test_list_asks_as_many_questions_for_three_sources_as_for_one(
    admin_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    make_visit(make_healthy())
    with django_assert_max_num_queries(9) as one:
        admin_client.get(LIST)
    for make in (make_failing, make_disabled):
        make_visit(make())
    with django_assert_max_num_queries(len(one)):
        admin_client.get(LIST)


def test_change_page_tells_the_health_the_visits_and_the_missed_days(admin_client: Client) -> None:
    source = make_failing()
    make_visit(source, skipped=1, reasons=[[3, "front matter: <i>Contents</i>"]])
    make_visit(source, outcome="failed", status=500, error_kind="http_status", message="the server answers 500")
    Gap.objects.create(source=source, category="cs.CL", first=TODAY, last=TODAY, next_attempt_at=NOON, note="busy")
    Gap.objects.create(source=source, category="cs.AI", first=TODAY, last=TODAY, note="filled")
    answer = page(admin_client, source)
    assert "3 visits in a row failed: the server answers 500." in answer
    assert "failed: the server answers 500" in answer
    assert "Item 3: front matter: &lt;i&gt;Contents&lt;/i&gt;" in answer
    assert "<td>cs.CL</td>" in answer
    assert "<td>cs.AI</td>" not in answer
    assert f"/admin/digest/fetch/?source__id__exact={source.pk}" in answer


def test_change_page_shows_the_last_twenty_visits_latest_first(admin_client: Client) -> None:
    source = make_healthy()
    for minutes in range(25):
        make_visit(source, at=NOON - timedelta(minutes=minutes))
    answer: Any = admin_client.get(f"{LIST}{source.pk}/change/")
    assert [visit.at for visit in answer.context["visits"]] == [NOON - timedelta(minutes=n) for n in range(20)]


def test_change_page_asks_as_many_questions_for_three_visits_and_missed_days_as_for_one(
    admin_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    source = make_healthy()

    def add(day: date) -> None:
        make_visit(source)
        Gap.objects.create(source=source, category="cs.CL", first=day, last=day, next_attempt_at=NOON)

    add(TODAY)
    with django_assert_max_num_queries(9) as one:
        page(admin_client, source)
    for number in (1, 2):
        add(TODAY - timedelta(days=number))
    with django_assert_max_num_queries(len(one)):
        page(admin_client, source)


def test_change_page_names_its_dates_and_times_for_screen_readers(admin_client: Client) -> None:
    answer = page(admin_client, make_healthy())
    assert 'aria-label="Next check at, date"' in answer
    assert 'aria-label="Next check at, time"' in answer


def change(client: Client, source: Source, **given: str) -> Any:
    sent = {
        "name": source.name,
        "url": source.url,
        "check_minutes": str(source.check_minutes),
        "quiet_days": str(source.quiet_days),
        "next_check_at_0": f"{source.next_check_at:%Y-%m-%d}",
        "next_check_at_1": f"{source.next_check_at:%H:%M:%S}",
    }
    return client.post(f"{LIST}{source.pk}/change/", sent | given)


def test_change_page_changes_name_and_intervals(admin_client: Client) -> None:
    source = make_healthy(is_active=False)
    assert change(admin_client, source, name="Better", check_minutes="120").status_code == 302
    source.refresh_from_db()
    assert (source.name, source.check_minutes, source.is_active) == ("Better", 120, False)


def test_change_page_never_changes_the_address_or_the_kind(admin_client: Client) -> None:
    source = make_healthy()
    before = source.url
    change(admin_client, source, url="https://elsewhere.example.org/", kind="arxiv", is_active="on")
    source.refresh_from_db()
    assert (source.url, source.kind) == (before, "feed")


def test_change_page_switches_a_disabled_source_on_and_forgets_its_failures(admin_client: Client) -> None:
    source = make_disabled()
    assert change(admin_client, source, is_active="on").status_code == 302
    source.refresh_from_db()
    assert (source.is_active, source.failures, source.disabled_at) == (True, 0, None)
    assert source.next_check_at == NOON


def test_change_page_leaves_alone_what_a_visit_has_written_meanwhile(admin_client: Client) -> None:
    source = make_healthy()
    Source.objects.filter(pk=source.pk).update(etag='"new"')
    change(admin_client, source, name="Better", is_active="on")
    source.refresh_from_db()
    assert (source.name, source.etag) == ("Better", '"new"')


def test_change_page_of_what_is_read_by_hand_says_why_it_cannot_be_fetched(admin_client: Client) -> None:
    source = make_source(url="file:/papers/saved.txt", is_active=False)
    answer = change(admin_client, source, is_active="on")
    assert answer.context["adminform"].form.errors == {
        "url": ["This is no web address: write one like https://rss.arxiv.org/rss/cs.CL"]
    }
    assert change(admin_client, source, name="Saved").status_code == 302


def test_delete_page_says_by_numbers_what_goes_and_deletes_it(admin_client: Client) -> None:
    source = make_healthy()
    paper = make_paper()
    make_sighting(paper, source)
    make_visit(source)
    path = f"{LIST}{source.pk}/delete/"
    answer = admin_client.get(path).content.decode()
    assert "sightings (their papers stay): 1" in answer.lower()
    assert admin_client.post(path, {"post": "yes"}).status_code == 302
    assert not Source.objects.exists()
    assert list(Paper.objects.all()) == [paper]
