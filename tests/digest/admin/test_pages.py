"""Every page of the admin opens, and no list asks one question per row."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.db import models
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import Reader
from digest.models import (
    Digest,
    Edition,
    Feedback,
    Fetch,
    Gap,
    Host,
    Letter,
    MailEvent,
    Pace,
    PaceDomain,
    Paper,
    Signup,
    Source,
    Subscription,
    Suppression,
    Topic,
)
from tests.make import (
    NOON,
    make_digest,
    make_identifier,
    make_match,
    make_paper,
    make_reader,
    make_sighting,
    make_signal,
    make_source,
    make_topic,
)

pytestmark = pytest.mark.django_db

ADDABLE = [Reader, Host, Pace, Paper, Source, Subscription, Suppression, Topic]
DELETABLE = [*ADDABLE, Gap]


def make_full_digest(number: int) -> Digest:
    return make_digest(make_reader(), state="failed", next_attempt_at=None, reason=f"refused {number}", code=550)


def make_edition(number: int) -> Edition:
    edition = Edition.objects.create(date=f"2026-03-0{number}")
    edition.refresh_from_db()
    make_digest(make_reader(), edition.date)
    return edition


def make_full_paper(number: int) -> Paper:
    paper = make_paper(trend=1, attention=f"{number} upvotes")
    make_identifier(paper, f"2603.0000{number}")
    make_sighting(paper)
    make_signal(paper)
    make_match(make_topic(f"word{number}"), paper)
    return paper


def make_fetch(source: Source) -> Fetch:
    return Fetch.objects.create(source=source, at=NOON, outcome="stored", status=200, seen=3, new=2)


def make_visited_source(number: int) -> Source:
    source = make_source(last_checked_at=NOON, last_success_at=NOON)
    make_fetch(source)
    return source


def make_feedback(number: int) -> Feedback:
    reader, paper = make_reader(), make_paper()
    return Feedback.objects.say(reader.pk, paper.pk, wants_more=True, now=NOON)


def make_mail_event(number: int) -> MailEvent:
    digest = make_full_digest(number)
    said = {"kind": "hard bounce", "address": digest.reader.email, "reader": digest.reader, "digest": digest}
    return MailEvent.objects.create(provider="p", event_key=str(number), at=NOON, **said)


def make_signup(number: int) -> Signup:
    consent = ("2026-11", "Mail me.")
    return Signup.objects.ask(f"{number}@example.org", ["graph"], time_zone="UTC", consent=consent, now=NOON)[0]


def make_subscription(number: int) -> Subscription:
    return Subscription.objects.create(reader=make_reader(), topic=make_topic(f"word{number}"))


def make_pace(number: int) -> Pace:
    pace = Pace.objects.create(name=f"Group {number}", per_second=number, per_day=100 * number)
    PaceDomain.objects.create(pace=pace, domain=f"group{number}.example.org")
    return pace


MAKE: dict[type[models.Model], Callable[[int], models.Model]] = {
    Digest: make_full_digest,
    Edition: make_edition,
    Feedback: make_feedback,
    Fetch: lambda number: make_fetch(make_source()),
    Gap: lambda number: Gap.objects.create(source=make_source(), category="cs.CL", first=NOON.date(), last=NOON.date()),
    Host: lambda number: Host.objects.create(name=f"feeds{number}.example.org", gap_seconds=number),
    MailEvent: make_mail_event,
    Letter: lambda number: Letter.objects.post("welcome", f"{number}@example.org", now=NOON),
    Pace: make_pace,
    Paper: make_full_paper,
    Reader: lambda number: make_reader(),
    Signup: make_signup,
    Source: make_visited_source,
    Subscription: make_subscription,
    Suppression: lambda number: Suppression.objects.create(address=f"{number}@example.org", reason="staff"),
    Topic: lambda number: make_topic(f"word{number}"),
}
EVERY_KIND = pytest.mark.parametrize("model", MAKE, ids=lambda model: model.__name__)


def path(model: type[models.Model], page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def test_every_noun_of_ours_that_staff_see_is_tested_here() -> None:
    ours = {model for model in admin.site._registry if model._meta.app_label in ("accounts", "digest")}
    assert set(MAKE) == ours


def test_front_page_opens(admin_client: Client) -> None:
    assert admin_client.get("/admin/").status_code == 200


@EVERY_KIND
def test_list_opens_without_rows(admin_client: Client, model: type[models.Model]) -> None:
    assert admin_client.get(path(model, "changelist")).status_code == 200


@EVERY_KIND
def test_list_asks_as_many_questions_for_three_rows_as_for_one(
    admin_client: Client, model: type[models.Model], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    MAKE[model](1)
    with django_assert_max_num_queries(14) as one:
        assert admin_client.get(path(model, "changelist")).status_code == 200
    MAKE[model](2)
    MAKE[model](3)
    with django_assert_max_num_queries(len(one)):
        assert admin_client.get(path(model, "changelist")).status_code == 200


@EVERY_KIND
def test_change_page_opens(admin_client: Client, model: type[models.Model]) -> None:
    row = MAKE[model](1)
    assert admin_client.get(path(model, "change", row.pk)).status_code == 200


@EVERY_KIND
def test_history_page_opens(admin_client: Client, model: type[models.Model]) -> None:
    row = MAKE[model](1)
    assert admin_client.get(path(model, "history", row.pk)).status_code == 200


@EVERY_KIND
def test_search_of_lists_that_have_one_opens(admin_client: Client, model: type[models.Model]) -> None:
    MAKE[model](1)
    answer = admin_client.get(path(model, "changelist"), {"q": "word"})
    assert answer.status_code == 200


@EVERY_KIND
def test_add_page_opens_for_what_staff_may_add(admin_client: Client, model: type[models.Model]) -> None:
    expected = 200 if model in ADDABLE else 403
    assert admin_client.get(path(model, "add")).status_code == expected


@EVERY_KIND
def test_delete_page_opens_for_what_staff_may_delete(admin_client: Client, model: type[models.Model]) -> None:
    row = MAKE[model](1)
    expected = 200 if model in DELETABLE else 403
    assert admin_client.get(path(model, "delete", row.pk)).status_code == expected


@EVERY_KIND
def test_list_is_closed_to_readers_who_are_not_staff(client: Client, model: type[models.Model]) -> None:
    client.force_login(make_reader())
    answer = client.get(path(model, "changelist"))
    assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/admin/login/")
