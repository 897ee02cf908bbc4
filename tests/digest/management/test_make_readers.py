from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import Reader
from digest.models import Subscription, Suppression, Topic
from tests.make import make_reader

pytestmark = pytest.mark.django_db


def made(*arguments: str) -> str:
    out = StringIO()
    call_command("make_readers", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize("count", [1, 3, 50])
def test_make_readers_makes_valid_readers_at_addresses_that_nobody_has(count: int) -> None:
    assert made(str(count)).startswith(f"Made {count:,} readers, who follow ")
    readers = list(Reader.objects.all())
    assert len(readers) == count
    for reader in readers:
        reader.clean_fields()
        assert reader.email.endswith(("@example.org", "@example.net"))
        assert (reader.next_digest_at is not None) == (reader.state == "active")
        assert (reader.confirmed_at is None) == (reader.state == "pending")
        assert (reader.left_at is not None) == (reader.state == "left")
        assert not reader.has_usable_password()


def test_make_readers_plans_each_active_reader_as_saving_would() -> None:
    made("50")
    now = timezone.now()
    for reader in Reader.objects.active():
        planned = reader.next_digest_at
        assert planned is not None
        assert planned > now
        reader.save()
        assert reader.next_digest_at == planned


def test_make_readers_gives_each_some_topics_and_each_topic_once() -> None:
    made("50", "--topics-each", "3", "--topics", "30")
    assert Topic.objects.count() == 30
    follows = [reader.subscriptions.count() for reader in Reader.objects.all()]
    assert min(follows) >= 1
    assert 2 < sum(follows) / 50 < 4
    for topic in Topic.objects.all():
        topic.full_clean()
        assert topic.match_due_at is None


def test_make_readers_makes_the_same_for_the_same_seed_and_others_for_another() -> None:
    seen = []
    for seed in ("1", "1", "2"):
        Subscription.objects.all().delete()
        Reader.objects.all().delete()
        Topic.objects.all().delete()
        Suppression.objects.all().delete()
        made("3", "--seed", seed)
        zones = Reader.objects.order_by("pk").values_list("name", "state", "time_zone", "delivery_hour")
        seen.append((list(zones), sorted(Topic.objects.values_list("query", flat=True))))
    assert seen[0] == seen[1] != seen[2]


def test_make_readers_adds_more_when_it_is_run_again_and_touches_nobody() -> None:
    reader = make_reader("ada@example.org")
    made("3")
    made("3")
    assert Reader.objects.count() == 7
    assert Reader.objects.get(pk=reader.pk).email == "ada@example.org"
    make_reader("bo@example.org")  # the next key is free


@pytest.mark.parametrize("command", ["make_readers", "make_papers"])
@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("HTTPS", True, "This installation is in production"),
        ("EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend", "Mail goes to a real mail system here"),
        ("EMAIL_BACKEND", "anymail.backends.postmark.EmailBackend", "Mail goes to a real mail system here"),
    ],
)
def test_invented_rows_are_refused_in_production(
    command: str, name: str, value: Any, message: str, settings: Any
) -> None:
    setattr(settings, name, value)
    with pytest.raises(CommandError, match=message):
        call_command(command, "1")
    assert Reader.objects.count() == 0


@pytest.mark.parametrize("command", ["make_readers", "make_papers"])
@pytest.mark.parametrize("count", ["0", "-1", "many", "1.5"])
def test_number_that_is_none_is_refused(command: str, count: str) -> None:
    with pytest.raises(CommandError, match=r"is not a whole number from 1 up|are required"):
        call_command(command, count)
