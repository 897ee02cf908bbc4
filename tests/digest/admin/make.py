"""A row of every noun that staff see, where its pages are, and staff of each role."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.db import models
from django.test import Client
from django.urls import reverse

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
    Submission,
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
    make_submission,
    make_topic,
)

make_roles = import_module("digest.migrations.0005_roles").make_roles
give_submissions = import_module("digest.migrations.0020_submissions").give_to_editors
give_pace = import_module("digest.migrations.0009_pace").give_to_roles

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
    Submission: lambda number: make_submission(said=f"{number} times better"),
    Subscription: make_subscription,
    Suppression: lambda number: Suppression.objects.create(address=f"{number}@example.org", reason="staff"),
    Topic: lambda number: make_topic(f"word{number}"),
}
EVERY_KIND = pytest.mark.parametrize("model", MAKE, ids=lambda model: model.__name__)


def path(model: type[models.Model], page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def staff_of(role: str) -> Reader:
    make_roles(apps, None)
    give_pace(apps, None)
    give_submissions(apps, None)
    staff = make_reader(is_staff=True)
    staff.groups.add(Group.objects.get(name=role))
    return staff


def signed_in(role: str) -> Client:
    client = Client()
    client.force_login(staff_of(role))
    return client
