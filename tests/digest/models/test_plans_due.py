"""On PostgreSQL, with some ten thousand rows, what runs each minute reads indexes alone, whatever else there is."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin import site
from django.db import connection
from django.db.models import QuerySet
from django.test import RequestFactory
from pytest_django import DjangoDbBlocker

from accounts.models import Reader
from digest.delivery import ledger, uncertain
from digest.delivery.closing import who_got_nothing
from digest.delivery.editions import close_over, open_slice
from digest.feedback import settle
from digest.models import Digest, Edition, Letter, MailEvent
from tests.make import NOON, TODAY, make_digest, make_reader
from tests.many import analyze, multiply, scans, steps

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="query plans need PostgreSQL: set DATABASE_URL"),
    pytest.mark.django_db,
]
READERS = 20_000
MANY = {Reader, Digest, Letter, MailEvent}


@pytest.fixture(scope="module", autouse=True)
def many(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Any:
    """Make readers of all hours, and for each a digest of a past edition; of all kinds a few are due."""
    with django_db_blocker.unblock():
        reader = make_reader("model@example.org")
        ahead = "now() + n * interval '4 seconds'"
        multiply(reader, READERS, email="'r' || n || '@example.org'", next_digest_at=ahead)
        readers = list(Reader.objects.order_by("pk").values_list("pk", flat=True))
        digest = make_digest(reader, TODAY - timedelta(days=9), state="accepted", next_attempt_at=None)
        own = {"key": "gen_random_uuid()", "reader_id": f"{readers[0]} + n"}
        multiply(digest, READERS, **own)
        today = Edition.objects.create(date=TODAY)
        multiply(digest, READERS // 2, **own, edition_id=str(today.pk))
        letter = Letter.objects.post("welcome", "a@example.org", now=NOON)
        ended = {"state": "'accepted'", "next_attempt_at": "NULL", "settled_at": "now()", "key": "gen_random_uuid()"}
        multiply(letter, READERS, **ended)
        event = MailEvent.objects.create(provider="p", event_key="0", kind="delivered", address="a@b", at=NOON)
        multiply(event, READERS, event_key="n::text", digest_id=f"{digest.pk} + 100 + n")
        few = list(Digest.objects.order_by("pk").values_list("pk", flat=True)[:40])
        for place, state in enumerate(("pending", "retry", "handing_over", "uncertain")):
            waits = None if state == "uncertain" else NOON - timedelta(minutes=1)
            rows = Digest.objects.filter(pk__in=few[place * 10 : place * 10 + 10])
            rows.update(state=state, next_attempt_at=waits, settled_at=NOON, due_at=NOON - timedelta(hours=1))
        Reader.objects.filter(pk__in=readers[:50]).update(next_digest_at=NOON - timedelta(minutes=1))
        analyze(*MANY, Edition, vacuum=True)
        yield
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE accounts_reader, digest_edition CASCADE")


def reads(query: QuerySet[Any]) -> set[str]:
    found = steps(*query.query.sql_with_params())
    return {step.get("Index Name") or step["Relation Name"] for step in found if "Relation Name" in step}


def test_opening_a_slice_reads_indexes_alone(django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(9) as asked:
        assert open_slice(NOON) == 50
    assert scans(asked, MANY) == []


def test_claiming_and_sweeping_read_indexes_alone(django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(8) as asked:
        assert len(ledger.claim(NOON, limit=10).digests) == 10
        assert ledger.sweep(NOON) == 10
    assert scans(asked, MANY) == []


def test_looking_after_what_is_uncertain_reads_indexes_alone(django_assert_max_num_queries: Any, settings: Any) -> None:
    settings.UNCERTAIN = "resend"
    with django_assert_max_num_queries(3) as asked:
        assert uncertain.look_after_uncertain(NOON + timedelta(minutes=30)) == 10
    assert scans(asked, MANY) == []


def test_settling_by_hand_reads_indexes_alone(django_assert_max_num_queries: Any) -> None:
    digest = Digest.objects.filter(state="uncertain").first()
    assert digest
    with django_assert_max_num_queries(6) as asked:
        settle.by_hand(Digest.objects.filter(pk=digest.pk), NOON)
    assert scans(asked, MANY) == []


def test_closing_reads_indexes_alone(django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(20) as asked:
        close_over(NOON + timedelta(days=3))
    assert scans(asked, MANY) == []


def test_who_got_nothing_is_read_from_indexes_alone(django_assert_max_num_queries: Any) -> None:
    edition = Edition.objects.get(date=TODAY)
    with django_assert_max_num_queries(5) as asked:
        list(who_got_nothing(edition, NOON))
    assert scans(asked, MANY) == []


def test_due_letters_are_read_from_their_index() -> None:
    assert reads(Letter.objects.due(NOON)[:100]) == {"letter_due"}
    assert reads(Letter.objects.stranded(NOON)) == {"letter_due"}


@pytest.mark.parametrize("state", ["pending", "accepted", "failed"])
def test_list_for_staff_of_an_edition_in_a_state_is_read_from_its_own_index(state: str, rf: RequestFactory) -> None:
    """And not from one of all editions, where the newest that wait or failed may be very many."""
    asked = {"edition__id__exact": str(Edition.objects.earliest("date").pk), "state__exact": state}
    request = rf.get("/", asked)
    request.user = Reader.objects.create_superuser("staff@example.org")
    page = site._registry[Digest].get_changelist_instance(request)
    keys = page.queryset.values_list("pk", flat=True)[:50]
    assert reads(keys) == {"digest_edition_state_id"}
    assert [state for _, state in keys.values_list("pk", "state")] == [state] * len(keys)
