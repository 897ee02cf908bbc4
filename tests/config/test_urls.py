"""Every address of the installation, as it stands in the map of addresses: what each of them must keep to."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.apps import apps
from django.db import connection, models
from django.test import Client
from django.urls import URLPattern, get_resolver

from accounts.models import Reader
from digest.feedback.links import Purpose, token
from digest.feedback.signup import ask
from digest.models import Digest, Feedback, Paper, Signup, Topic
from tests.digest.admin.make import MAKE
from tests.digest.web.reports import ANYMAIL
from tests.make import NOON, make_digest, make_match, make_paper, make_public, make_reader

pytestmark = pytest.mark.django_db

FEED = UUID(int=7)
# What is written by whoever only looks: the session, and what is counted against abuse.
OWN_OF_VISITS = {"accounts_session", "cache"}
SCRIPT = '"><script>alert(7)</script>'
RULED = {"email", "address", "address_hash", "time_zone", "query", "host", "password", "event_key", "group", "slug"}


def routes(resolver: Any = None, before: str = "") -> Iterator[str]:
    for entry in (resolver or get_resolver()).url_patterns:
        route = before + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield route
        else:
            yield from routes(entry, route)


ROUTES = list(dict.fromkeys(routes()))


@pytest.fixture
def reader(settings: Any) -> Any:
    """Make a reader with a digest, a word on a paper and a feed, a sign-up that waits, and a row for each list."""
    settings.ANYMAIL = ANYMAIL
    with time_machine.travel(NOON, tick=False):
        for make in MAKE.values():
            make(1)
        topic, paper = make_public("moths", slug="moths"), make_paper()
        make_match(topic, paper)
        ada = make_reader("ada@example.org", topics=(topic,), feed_key=FEED)
        make_digest(ada, state="accepted", next_attempt_at=None, settled_at=NOON, picks=[[paper.pk, topic.pk]])
        Feedback.objects.say(ada.pk, paper.pk, wants_more=True, now=NOON)
        ask("new@example.org", ["moths"], time_zone="UTC", now=NOON)
        yield ada


def path(route: str, reader: Reader) -> str:
    """Return an address of this route that leads somewhere."""
    values = {
        "token": _token(route, reader),
        "key": FEED if "feeds/" in route else reader.subscriptions.get().pk,
        "paper": Paper.objects.latest("pk").pk,
        "public_id": Paper.objects.latest("pk").pk,
        "slug": "moths",
        "topic": Topic.objects.latest("pk").pk,
        "day": Digest.objects.get(reader=reader).edition.date,
        "period": {"week": "2026-W10", "month": "2026-03"}.get(route.split("/", maxsplit=1)[0], "2026-03-04"),
        "provider": "postmark",
        "name": "hide",
        "content_type_id": 1,
        "app_label": "digest",
        "url": "nowhere",
    }
    if found := re.match(r"admin/(accounts|auth|digest|mfa)/(\w+)/", route):
        latest = apps.get_model(found[1], found[2])._default_manager.order_by("pk").last()
        row = reader if isinstance(latest, Reader) else latest
        values["pk"] = values["object_id"] = row.pk if row else 1
    filled = re.sub(r"\(\?P<(\w+)>[^)]*\)\$?", r"<\1>", route.replace("^", "")).rstrip("$")
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(values.get(found[1], 1)), filled)


def paths(reader: Reader) -> dict[str, str]:
    """Return all addresses, which stay the same as long as nothing but looking is done: route -> address."""
    return {route: path(route, reader) for route in ROUTES}


def _token(route: str, reader: Reader) -> str:
    for purpose in (Purpose.UNSUBSCRIBE, Purpose.PREFERENCES):
        if route.startswith(purpose.value):
            return token(purpose, reader.pk)
    return token(Purpose.CONFIRM, Signup.objects.get(address="new@example.org").pk)


def stored() -> dict[str, list[Any]]:
    """Return all rows of all tables, but for what visits may write."""
    found = {}
    with connection.cursor() as cursor:
        for table in sorted(set(connection.introspection.table_names()) - OWN_OF_VISITS):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608 - the database's own name
            found[table] = sorted(map(repr, cursor.fetchall()))
    return found


def visitors(reader: Reader) -> dict[str, Client]:
    clients = {"stranger": Client(), "reader": Client(), "staff": Client()}
    clients["reader"].force_login(reader)
    clients["staff"].force_login(Reader.objects.create_superuser("root@example.org", "a long password 7"))
    return clients


def opened(reader: Reader) -> Iterator[tuple[str, Any]]:
    """Open every address as a stranger, a reader and staff; yield each address with its answer."""
    every = paths(reader)
    for client in visitors(reader).values():
        for route, address in every.items():
            yield route, client.get(address)


def test_looking_changes_nothing_anywhere(reader: Reader) -> None:
    clients, before = visitors(reader).values(), stored()
    every = paths(reader)
    for client in clients:
        for address in every.values():
            for look in (client.get, client.head):
                assert look(address).status_code < 500, address
    assert stored() == before


def test_post_from_another_site_is_refused_everywhere(reader: Reader) -> None:
    """But where a signature in the address or the header is the proof."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(Reader.objects.create_superuser("root@example.org"))
    before = stored()
    taken = {route for route, address in paths(reader).items() if client.post(address).status_code not in (403, 405)}
    assert taken == {"unsubscribe/<str:token>", "webhooks/<slug:provider>/tracking/"}
    assert {table for table, rows in stored().items() if rows != before[table]} == {"accounts_reader"}  # who left


def test_pages_of_somebody_who_is_signed_in_are_kept_by_no_cache(reader: Reader) -> None:
    for route, answer in opened(reader):
        if answer.status_code == 200 and answer.wsgi_request.user.is_authenticated:
            assert "private" in answer.headers.get("Cache-Control", ""), route


@pytest.mark.parametrize("method", ["get", "post"])
def test_no_page_of_the_admin_opens_without_the_second_factor(reader: Reader, method: str, settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = True
    client, before = visitors(reader)["staff"], stored()
    for route, address in paths(reader).items():
        if route.startswith("admin/"):
            assert getattr(client, method)(address).status_code in (302, 403), route
    assert stored() == before


def fill_with_scripts() -> None:
    """Put a script into every column of words that has room for one and that no rule of the database holds."""
    for model in (*MAKE, *apps.get_app_config("digest").get_models()):
        for field in model._meta.concrete_fields:
            is_words = isinstance(field, models.CharField | models.TextField) and (field.max_length or 999) > 50
            if is_words and field.name not in RULED and not field.choices and not field.unique:
                said = "javascript:alert(7)//" if "url" in field.name else SCRIPT
                model._default_manager.update(**{field.name: said})
    Paper.objects.update(authors=[SCRIPT])


def test_scripts_in_any_column_stay_text_on_every_page(reader: Reader) -> None:
    fill_with_scripts()
    shown = set()
    for route, answer in opened(reader):
        page = b"".join(answer).decode() if answer.streaming else answer.content.decode()
        assert "<script>alert(7)" not in page, route
        assert not re.search(r"""(href|src|action)=["']?\s*javascript:""", page, re.IGNORECASE), route
        if "&lt;script&gt;alert(7)" in page:
            shown.add(route)
    assert {
        "",
        "you/archive/<day:day>/",
        "feeds/<uuid:key>.atom",
        "admin/digest/paper/<path:object_id>/change/",
    } <= shown
    assert "admin/accounts/reader/<path:object_id>/change/" in shown
