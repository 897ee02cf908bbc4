"""What the two roles open and do, page by page."""

from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.db import models
from django.urls import reverse

from accounts.models import Reader
from digest.models import Digest, Letter, Paper, Subscription, Suppression
from tests.digest.admin.make import EVERY_KIND, MAKE, make_roles, path, signed_in
from tests.make import make_paper, make_reader, make_source, make_topic

pytestmark = pytest.mark.django_db

READS = {
    "editor": {"Edition", "Fetch", "Gap", "Host", "Paper", "Source", "Submission", "Topic"},
    "support": {
        "Digest",
        "Edition",
        "Feedback",
        "Letter",
        "MailEvent",
        "Pace",
        "Paper",
        "Reader",
        "Signup",
        "Subscription",
        "Suppression",
        "Topic",
    },
}
ADDS = {
    "editor": {"Host", "Paper", "Source", "Topic"},
    "support": {"Reader", "Subscription", "Suppression"},
}
EVERY_ROLE = pytest.mark.parametrize("role", ["editor", "support"])


@EVERY_ROLE
@EVERY_KIND
def test_role_opens_the_lists_and_pages_of_its_own_nouns_alone(role: str, model: type[models.Model]) -> None:
    client, row = signed_in(role), MAKE[model](1)
    expected = 200 if model.__name__ in READS[role] else 403
    assert client.get(path(model, "changelist")).status_code == expected
    assert client.get(path(model, "change", row.pk)).status_code == expected


@EVERY_ROLE
@EVERY_KIND
def test_role_adds_its_own_nouns_alone(role: str, model: type[models.Model]) -> None:
    expected = 200 if model.__name__ in ADDS[role] else 403
    assert signed_in(role).get(path(model, "add")).status_code == expected


@EVERY_ROLE
def test_role_opens_the_front_page(role: str) -> None:
    assert signed_in(role).get("/admin/").status_code == 200


@EVERY_ROLE
def test_making_the_roles_again_changes_nothing(role: str) -> None:
    make_roles(apps, None)
    before = set(Group.objects.get(name=role).permissions.values_list("codename", flat=True))
    make_roles(apps, None)
    assert set(Group.objects.get(name=role).permissions.values_list("codename", flat=True)) == before
    assert Group.objects.filter(name=role).count() == 1


def test_permissions_have_the_names_that_django_gives_them() -> None:
    make_roles(apps, None)
    given = Group.objects.get(name="support").permissions.values_list("codename", "name")
    assert dict(given)["view_mailevent"] == "Can view mail event"
    assert dict(given)["view_pacedomain"] == "Can view pace domain"
    assert dict(given)["export_reader"] == "Can export readers"


def test_support_cannot_change_papers() -> None:
    paper = make_paper(title="As it was")
    answer = signed_in("support").post(path(Paper, "change", paper.pk), {"title": "Changed"})
    assert answer.status_code == 403
    assert Paper.objects.get(pk=paper.pk).title == "As it was"


def test_editors_cannot_act_on_readers() -> None:
    reader = make_reader()
    client = signed_in("editor")
    for action in ("pause", "resume", "suppress"):
        sent = {"action": action, "_selected_action": [reader.pk], "sure": "yes", "note": "no"}
        assert client.post(path(Reader, "changelist"), sent).status_code == 403
    assert Reader.objects.get(pk=reader.pk).state == "active"
    assert not Suppression.objects.exists()


def test_support_pauses_readers() -> None:
    reader = make_reader()
    sent = {"action": "pause", "_selected_action": [reader.pk]}
    assert signed_in("support").post(path(Reader, "changelist"), sent).status_code == 302
    assert Reader.objects.get(pk=reader.pk).state == "paused"


def test_support_cannot_make_anybody_staff() -> None:
    client, reader = signed_in("support"), make_reader(time_zone="UTC")
    page = client.get(path(Reader, "change", reader.pk)).content.decode()
    assert "is_superuser" not in page
    forms = {
        f"{prefix}-{name}": "0"
        for prefix in ("subscriptions", "subscriptions-2")
        for name in ("TOTAL_FORMS", "INITIAL_FORMS")
    }
    fields = {"time_zone": "Europe/Rome", "delivery_hour": 7, "days": "daily", "weekday": 0, "papers": 10}
    sent: dict[str, Any] = forms | fields | {"is_staff": "on", "is_superuser": "on"}
    assert client.post(path(Reader, "change", reader.pk), sent).status_code == 302
    reader.refresh_from_db()
    assert (reader.time_zone, reader.is_staff, reader.is_superuser) == ("Europe/Rome", False, False)


def test_support_cannot_change_or_erase_staff() -> None:
    boss = Reader.objects.create_superuser("boss@example.org")
    client = signed_in("support")
    assert client.post(path(Reader, "change", boss.pk), {"email": "mine@example.org"}).status_code == 403
    assert client.post(path(Reader, "delete", boss.pk), {"post": "yes"}).status_code == 403
    assert Reader.objects.filter(pk=boss.pk, email="boss@example.org").exists()


def test_support_cannot_reach_sources() -> None:
    client, source = signed_in("support"), make_source()
    assert client.get(reverse("admin:digest_source_add")).status_code == 403
    assert (
        client.post(reverse("admin:digest_source_preview_of", args=[source.pk]), {"url": source.url}).status_code == 403
    )


def test_digests_and_topics_of_support_are_for_reading() -> None:
    client, topic = signed_in("support"), make_topic()
    digest = MAKE[Digest](1)
    assert client.post(path(Digest, "change", digest.pk), {"state": "accepted"}).status_code == 403
    assert client.post(path(type(topic), "change", topic.pk), {"label": "Mine"}).status_code == 403


@pytest.mark.parametrize(
    ("model", "guess"),
    [
        (Reader, "password__startswith=md5"),
        (Reader, "sessions__session_key__startswith=a"),
        (Reader, "sessions__pk__startswith=a"),
        (Reader, "feed_key__startswith=0"),
        (Reader, "email__endswith=org"),
        (Letter, "said__code__startswith=A"),
        (Letter, "said__url__contains=confirm"),
        (Subscription, "reader__password__startswith=md5"),
    ],
)
def test_support_cannot_guess_secrets_by_narrowing_lists(model: type[models.Model], guess: str) -> None:
    assert signed_in("support").get(f"{path(model, 'changelist')}?{guess}").status_code == 400


def test_lists_are_narrowed_as_the_pages_of_staff_link_to_them() -> None:
    client, topic = signed_in("support"), make_topic()
    links = {
        Reader: ["state__exact=pending", "days__exact=weekly", "topic=moths", "zone=UTC", "staff=yes"],
        Digest: ["edition__id__exact=1&state__exact=failed&reason=why"],
        Subscription: [f"topic__id__exact={topic.pk}"],
        Suppression: ["reason__exact=complaint"],
    }
    for model, queries in links.items():
        for query in queries:
            assert client.get(f"{path(model, 'changelist')}?{query}").status_code == 200, query
