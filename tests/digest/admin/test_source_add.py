"""Adding sources in the admin: by name from the catalogue, and by address after a look at it."""

from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.auth.models import Permission
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from digest.models import Host, Source
from digest.sources.catalogue import CATALOGUE, find
from tests.digest.ingest.make import make_item, make_rss
from tests.feedserver import Answer, FeedServer, feed_server
from tests.make import NOON, make_reader, make_source

pytestmark = pytest.mark.django_db(transaction=True)

ADD = "/admin/digest/source/add/"
POSTED = ("catalogue/", "preview/", "confirm/")
QUANTUM_PHYSICS = "arXiv quant-ph: Quantum Physics"


@pytest.fixture(autouse=True)
def noon() -> Any:
    with time_machine.travel(NOON, tick=True):
        yield


@pytest.fixture
def feeds(settings: Any) -> Iterator[FeedServer]:
    settings.FETCH_ALLOWED_HOSTS = ["127.0.0.1"]
    settings.REDIS_URL = ""
    Host.objects.update_or_create(name="*", defaults={"gap_seconds": 0})
    with feed_server() as server:
        server.answers["/feed"] = Answer(make_rss(make_item(1), make_item(2), "<item><description/></item>"))
        yield server


@pytest.fixture
def staff(client: Client) -> Client:
    """Return a client of somebody who may look at sources and do nothing else."""
    member = make_reader(is_staff=True)
    member.user_permissions.add(Permission.objects.get(codename="view_source"))
    client.force_login(member)
    return client


def preview(client: Client, url: str, *, of: Source | None = None, **given: str) -> Any:
    path = f"/admin/digest/source/{of.pk}/preview/" if of else f"{ADD}preview/"
    answer = client.post(path, {"url": url} | given)
    assert answer.status_code == 200
    return answer


def confirm(client: Client, previewed: Any, **given: str) -> list[str]:
    """Confirm what a preview shows, and return what the page says then."""
    answer: Any = client.post(f"{ADD}confirm/", {"token": previewed.context["token"]} | given, follow=True)
    assert answer.status_code == 200
    return [str(message) for message in answer.context["messages"]]


def tick(client: Client, *names: str) -> list[str]:
    answer: Any = client.post(f"{ADD}catalogue/", {"name": list(names)}, follow=True)
    assert answer.status_code == 200
    return [str(message) for message in answer.context["messages"]]


def log() -> list[tuple[int, str]]:
    return [(entry.action_flag, entry.get_change_message()) for entry in LogEntry.objects.order_by("pk")]


def listed(answer: Any) -> list[str]:
    return [entry.name for _, rows in answer.context["groups"] for entry, _ in rows]


def test_add_page_lists_the_whole_catalogue_by_group(admin_client: Client) -> None:
    answer: Any = admin_client.get(ADD)
    assert listed(answer) == [entry.name for entry in CATALOGUE]
    groups = [group for group, _ in answer.context["groups"]]
    assert groups == list(dict.fromkeys(entry.group for entry in CATALOGUE))


def test_add_page_is_narrowed_by_words(admin_client: Client) -> None:
    assert listed(admin_client.get(ADD, {"q": "computation language"})) == ["arXiv cs.CL: Computation and Language"]


def test_add_page_says_when_nothing_has_the_words(admin_client: Client) -> None:
    page = admin_client.get(ADD, {"q": "<gopher>"}).content.decode()
    assert "Nothing in the catalogue has “&lt;gopher&gt;” in it." in page


def test_add_page_says_what_is_on_and_what_is_off(admin_client: Client) -> None:
    make_source(url=find("cs.CL").url)
    make_source(url=find("Nature").url, is_active=False)
    answer: Any = admin_client.get(ADD)
    states = {entry.name: is_on for _, rows in answer.context["groups"] for entry, is_on in rows if is_on is not None}
    assert states == {"arXiv cs.CL: Computation and Language": True, "Nature": False}


def test_add_page_asks_as_many_questions_for_three_sources_as_for_one(
    admin_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    make_source(url=find("cs.CL").url)
    with django_assert_max_num_queries(4) as one:
        admin_client.get(ADD)
    for code in ("cs.AI", "cs.LG"):
        make_source(url=find(code).url)
    with django_assert_max_num_queries(len(one)):
        admin_client.get(ADD)


def test_stock_add_form_is_no_way_round_the_preview(admin_client: Client) -> None:
    sent = {"name": "Sly", "kind": "feed", "url": "https://feeds.example.org/sly", "is_active": "on"}
    sent |= {"check_minutes": "60", "quiet_days": "30", "next_check_at_0": "2026-03-04", "next_check_at_1": "12:00:00"}
    assert admin_client.post(ADD, sent).status_code == 405
    assert not Source.objects.exists()


@pytest.mark.parametrize("page", POSTED)
def test_get_fetches_and_changes_nothing(admin_client: Client, feeds: FeedServer, page: str) -> None:
    answer: Any = admin_client.get(f"{ADD}{page}", {"url": feeds.url("/feed"), "name": QUANTUM_PHYSICS})
    assert (answer.status_code, answer["Location"]) == (302, ADD)
    assert feeds.asked == []
    assert not Source.objects.exists()


def test_get_of_a_preview_of_a_source_leads_to_the_source(admin_client: Client, feeds: FeedServer) -> None:
    source = make_source(url=feeds.url("/feed"))
    answer: Any = admin_client.get(f"/admin/digest/source/{source.pk}/preview/")
    assert (answer.status_code, answer["Location"]) == (302, f"/admin/digest/source/{source.pk}/change/")
    assert feeds.asked == []


@pytest.mark.parametrize("page", ["", *POSTED])
def test_nobody_adds_without_the_permission_to(staff: Client, feeds: FeedServer, page: str) -> None:
    sent = {"url": feeds.url("/feed"), "name": QUANTUM_PHYSICS, "token": ""}
    assert staff.get(ADD).status_code == 403
    answer: Any = staff.post(f"{ADD}{page}", sent)
    assert answer.status_code in (403, 302)
    assert feeds.asked == []
    assert not Source.objects.exists()


def test_nobody_confirms_the_preview_of_another_without_the_permission(admin_client: Client, feeds: FeedServer) -> None:
    source = make_source(url=feeds.url("/old"))
    member = make_reader(is_staff=True)
    member.user_permissions.add(Permission.objects.get(codename="view_source"))
    client = Client()
    client.force_login(member)
    for of in (None, source):
        token = preview(admin_client, feeds.url("/feed"), of=of).context["token"]
        assert client.post(f"{ADD}confirm/", {"token": token}).status_code == 403
    assert list(Source.objects.values_list("url", flat=True)) == [feeds.url("/old")]


def test_preview_of_a_source_needs_the_permission_to_change_it(staff: Client, feeds: FeedServer) -> None:
    source = make_source(url=feeds.url("/feed"))
    assert staff.post(f"/admin/digest/source/{source.pk}/preview/", {"url": source.url}).status_code == 403
    assert feeds.asked == []


@pytest.mark.parametrize("page", POSTED)
def test_posts_from_elsewhere_are_refused(feeds: FeedServer, page: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_reader(is_staff=True, is_superuser=True))
    sent = {"url": feeds.url("/feed"), "name": QUANTUM_PHYSICS}
    assert client.post(f"{ADD}{page}", sent).status_code == 403
    assert feeds.asked == []
    assert not Source.objects.exists()


def test_catalogue_switches_on_all_that_is_ticked(admin_client: Client) -> None:
    make_source(url=find("cs.CL").url, is_active=False)
    make_source(url=find("cs.AI").url)
    names = [find(wanted).name for wanted in ("cs.CL", "cs.AI", "quant-ph", "Hugging Face daily papers")]
    assert tick(admin_client, *names) == [
        "Of the catalogue: 2 added, 1 switched on again, 1 there already. What is new is fetched at the next minute."
    ]
    assert Source.objects.active().count() == 4
    assert log() == [(CHANGE, "Switched on."), (ADDITION, "Added."), (ADDITION, "Added.")]


def test_catalogue_gives_a_source_its_own_intervals_and_makes_it_due(admin_client: Client) -> None:
    entry = find("medRxiv: Nursing")
    tick(admin_client, entry.name)
    source = Source.objects.get()
    assert (source.name, source.kind, source.url) == (entry.name, entry.kind, entry.url)
    assert (source.check_minutes, source.quiet_days) == (entry.check_minutes, entry.quiet_days)
    assert source.next_check_at <= NOON + timedelta(minutes=1)


def test_catalogue_says_when_nothing_is_ticked(admin_client: Client) -> None:
    assert tick(admin_client) == ["Nothing was ticked, so nothing has changed."]


def test_catalogue_says_what_it_does_not_know(admin_client: Client) -> None:
    said = tick(admin_client, "Gopher holes")
    assert said == ["“Gopher holes” is not in the catalogue.", "Nothing was ticked, so nothing has changed."]


def test_preview_shows_the_papers_and_stores_nothing(admin_client: Client, feeds: FeedServer) -> None:
    page = preview(admin_client, feeds.url("/feed")).content.decode()
    assert "RSS, Atom or RDF feed, 2 papers now" in page
    for shown in ("Journal of Invented Results", "Paper 1", "Paper 2", "1 item left out", "Add this source"):
        assert shown in page
    assert not Source.objects.exists()


def test_preview_is_added_once_it_is_confirmed(admin_client: Client, feeds: FeedServer) -> None:
    previewed = preview(admin_client, feeds.url("/feed"))
    said = confirm(admin_client, previewed, name=" Our journal ")
    assert said == ["Our journal: added. What is new is fetched at the next minute."]
    source = Source.objects.get()
    assert (source.name, source.kind, source.url) == ("Our journal", "feed", feeds.url("/feed"))
    assert source.is_active
    assert log() == [(ADDITION, "Added.")]


def test_preview_confirmed_without_a_name_keeps_the_name_of_the_feed(admin_client: Client, feeds: FeedServer) -> None:
    confirm(admin_client, preview(admin_client, feeds.url("/feed")), name="  ")
    assert Source.objects.get().name == "Journal of Invented Results"


def test_preview_confirmed_twice_adds_one_source(admin_client: Client, feeds: FeedServer) -> None:
    previewed = preview(admin_client, feeds.url("/feed"))
    confirm(admin_client, previewed)
    assert confirm(admin_client, previewed) == [
        "Journal of Invented Results: there already. What is new is fetched at the next minute."
    ]
    assert Source.objects.count() == 1


def test_preview_with_a_problem_says_it_and_cannot_be_confirmed(admin_client: Client, feeds: FeedServer) -> None:
    page = preview(admin_client, feeds.url("/nothing")).content.decode()
    assert "The server answers 404 Not Found." in page
    assert "Add this source" not in page
    assert 'name="token"' not in page


def test_preview_of_an_address_with_a_login_never_repeats_it(admin_client: Client) -> None:
    page = preview(admin_client, "http://ada:secret@feeds.example.org/rss").content.decode()
    assert "A user name or password in an address would be seen by many" in page
    assert "http://feeds.example.org/rss" in page
    assert "secret" not in page


def test_preview_says_what_is_wrong_with_an_address_as_text(admin_client: Client) -> None:
    page = preview(admin_client, "<script>alert(1)</script>").content.decode()
    assert "This is no web address" in page
    assert "<script>alert(1)" not in page


def test_preview_without_an_address_says_so_at_the_field(admin_client: Client) -> None:
    answer = preview(admin_client, " ")
    assert answer.context["form"].errors == {"url": ["This field is required."]}


def test_preview_of_what_is_a_source_already_links_to_it(admin_client: Client, feeds: FeedServer) -> None:
    source = make_source(name="Known", url=feeds.url("/feed"))
    page = preview(admin_client, feeds.url("/feed")).content.decode()
    assert f'<a href="/admin/digest/source/{source.pk}/change/">Known</a>' in page
    assert "Add this source" not in page


def test_preview_of_a_source_that_is_off_offers_to_switch_it_on(admin_client: Client, feeds: FeedServer) -> None:
    source = make_source(name="Known", url=feeds.url("/feed"), is_active=False)
    previewed = preview(admin_client, feeds.url("/feed"))
    assert "Switch it on again" in previewed.content.decode()
    assert confirm(admin_client, previewed) == ["Known: switched on again. What is new is fetched at the next minute."]
    assert list(Source.objects.active()) == [source]
    assert log() == [(CHANGE, "Switched on.")]


def test_preview_of_hostile_titles_shows_them_as_text(admin_client: Client, feeds: FeedServer) -> None:
    feeds.answers["/feed"] = Answer(make_rss(make_item(title="&lt;script&gt;alert(1)&lt;/script&gt; holds")))
    assert "<script>alert(1)" not in preview(admin_client, feeds.url("/feed")).content.decode()


@pytest.mark.parametrize("token", ["", "nonsense", "W10:1abc:xyz"])
def test_what_no_preview_has_signed_is_not_added(admin_client: Client, token: str) -> None:
    answer: Any = admin_client.post(f"{ADD}confirm/", {"token": token, "name": "Sly"}, follow=True)
    assert [str(message) for message in answer.context["messages"]] == [
        "This preview cannot be used. Preview the address again."
    ]
    assert not Source.objects.exists()


def test_preview_of_an_hour_ago_is_not_added(admin_client: Client, feeds: FeedServer) -> None:
    previewed = preview(admin_client, feeds.url("/feed"))
    with time_machine.travel(NOON + timedelta(hours=2)):
        assert confirm(admin_client, previewed) == ["This preview is more than an hour old. Preview the address again."]
    assert not Source.objects.exists()


def test_preview_now_shows_what_a_source_would_bring(admin_client: Client, feeds: FeedServer) -> None:
    source = make_source(name="Known", kind="feed", url=feeds.url("/feed"))
    page = unescape(preview(admin_client, source.url, of=source).content.decode())
    assert "This is the address of" in page
    assert "Paper 1" in page
    assert 'name="token"' not in page


def test_preview_now_reads_a_source_as_what_it_is(admin_client: Client, feeds: FeedServer) -> None:
    source = make_source(kind="hf-daily", url=feeds.url("/feed"))
    assert preview(admin_client, source.url, of=source).context["found"].problem


def test_source_takes_another_address_that_was_previewed(admin_client: Client, feeds: FeedServer) -> None:
    source = make_source(name="Known", kind="arxiv", url=feeds.url("/old"), etag='"1"', batch_on=NOON.date())
    source.disable(NOON, "It is gone.")
    source.save()
    previewed = preview(admin_client, feeds.url("/feed"), of=source)
    assert "Fetch it at this address instead" in previewed.content.decode()
    assert confirm(admin_client, previewed) == ["Known is fetched at its new address from the next minute on."]
    source.refresh_from_db()
    assert (source.url, source.kind, source.host) == (feeds.url("/feed"), "feed", "127.0.0.1")
    assert (source.etag, source.batch_on, source.is_active) == ("", None, True)
    assert log() == [(CHANGE, f"Address changed from {feeds.url('/old')} to {feeds.url('/feed')}.")]


def test_source_does_not_take_the_address_of_another(admin_client: Client, feeds: FeedServer) -> None:
    source = make_source(url=feeds.url("/old"))
    previewed = preview(admin_client, feeds.url("/feed"), of=source)
    make_source(url=feeds.url("/feed"))
    assert confirm(admin_client, previewed) == ["Another source has this address already."]
    source.refresh_from_db()
    assert source.url == feeds.url("/old")


def test_preview_holds_no_transaction_while_it_waits_for_the_network(admin_client: Client, feeds: FeedServer) -> None:
    """A source can be written by others while the preview is fetched: on SQLite a transaction would shut them out."""
    source = make_source(url=feeds.url("/other"))

    def answer(asked: object) -> Answer:
        from django.db import connection  # noqa: PLC0415

        Source.objects.filter(pk=source.pk).update(name="Written meanwhile")
        connection.close()
        return Answer(make_rss(make_item(1)))

    feeds.answers["/feed"] = answer
    preview(admin_client, feeds.url("/feed"))
    source.refresh_from_db()
    assert source.name == "Written meanwhile"
