from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from accounts.models import Reader
from digest.feedback.bounces import refused, take
from digest.feedback.report import Report
from digest.feedback.standing import mend
from digest.models import Digest, MailEvent, Signup, Suppression
from tests.make import NOON, TODAY, make_digest, make_reader

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
Kind = MailEvent.Kind


@pytest.fixture
def reader() -> Reader:
    return make_reader("ada@example.org")


def accepted(reader: Reader, days: int = 5) -> list[Digest]:
    """Make the digests of the last `days`, the oldest first."""
    return [
        make_digest(reader, TODAY - DAY * back, state="accepted", next_attempt_at=None)
        for back in reversed(range(days))
    ]


def hear(kind: MailEvent.Kind, digest: Digest, *, key: str = "", at: Any = NOON) -> bool:
    key = key or f"{kind} {digest.pk}"
    return take(Report("Postmark", key, kind, digest.reader.email, at, "550 the words", digest.key))


def listed() -> list[tuple[str, str]]:
    return list(Suppression.objects.values_list("reason", "note"))


def test_three_soft_bounces_of_five_stop_mail(reader: Reader) -> None:
    digests = accepted(reader)
    for digest in (digests[0], digests[2]):
        hear(Kind.SOFT_BOUNCE, digest)
    assert listed() == []
    hear(Kind.SOFT_BOUNCE, digests[4])
    assert listed() == [("soft bounces", "550 the words")]


def test_soft_bounces_before_the_last_five_do_not_count(reader: Reader) -> None:
    digests = accepted(reader, 7)
    for digest in (digests[0], digests[1], digests[5], digests[6]):
        hear(Kind.SOFT_BOUNCE, digest)
    assert listed() == []


def test_soft_bounces_of_one_digest_count_once(reader: Reader) -> None:
    digest = accepted(reader)[-1]
    for number in range(5):
        hear(Kind.SOFT_BOUNCE, digest, key=str(number))
    assert (listed(), MailEvent.objects.count()) == ([], 5)


@pytest.mark.parametrize("state", ["failed", "empty", "expired"])
def test_digests_that_were_not_accepted_do_not_count(reader: Reader, state: str) -> None:
    digests = accepted(reader)
    Digest.objects.filter(pk=digests[0].pk).update(state=state)
    for digest in digests[:3]:
        hear(Kind.SOFT_BOUNCE, digest)
    assert listed() == []


def test_digest_that_was_delivered_before_its_bounce_is_known_does_not_count(reader: Reader) -> None:
    digests = accepted(reader)
    hear(Kind.DELIVERED, digests[0])
    for digest in digests[:3]:
        hear(Kind.SOFT_BOUNCE, digest)
    assert listed() == []


def test_digest_that_is_delivered_late_takes_its_bounce_back(reader: Reader) -> None:
    digests = accepted(reader)
    for digest in digests[:3]:
        hear(Kind.SOFT_BOUNCE, digest)
    hear(Kind.DELIVERED, digests[4])
    assert len(listed()) == 1
    hear(Kind.DELIVERED, digests[0])
    assert listed() == []


def test_late_delivery_takes_no_other_reason_back(reader: Reader) -> None:
    digest = accepted(reader)[-1]
    hear(Kind.COMPLAINT, digest)
    hear(Kind.SOFT_BOUNCE, digest)
    hear(Kind.DELIVERED, digest)
    assert listed() == [("complaint", "550 the words")]


# --- After mending


def test_report_from_before_mending_is_kept_without_consequence(reader: Reader) -> None:
    digest = accepted(reader)[-1]
    hear(Kind.HARD_BOUNCE, digest)
    assert mend(reader, NOON + DAY)
    hear(Kind.HARD_BOUNCE, digest)
    hear(Kind.HARD_BOUNCE, digest, key="told under another id", at=NOON)
    assert (listed(), MailEvent.objects.filter(kind="hard bounce").count()) == ([], 2)
    hear(Kind.HARD_BOUNCE, digest, key="a new one", at=NOON + DAY * 2)
    assert listed() == [("hard bounce", "550 the words")]


def test_soft_bounces_from_before_mending_do_not_count(reader: Reader) -> None:
    digests = accepted(reader)
    for digest in digests[:3]:
        hear(Kind.SOFT_BOUNCE, digest)
    mend(reader, NOON + DAY)
    for digest in digests[3:]:
        hear(Kind.SOFT_BOUNCE, digest, at=NOON + DAY * 2)
    assert listed() == []


# --- Who it is about


def test_address_that_only_signed_up_is_stopped_too() -> None:
    Signup.objects.ask("bo@example.org", ["x"], time_zone="UTC", consent=("1", "yes"), now=NOON)
    assert take(Report("Brevo", "1", Kind.COMPLAINT, "bo@example.org", NOON))
    assert list(Suppression.objects.values_list("address", "reason")) == [("bo@example.org", "complaint")]


def test_address_in_ascii_is_its_owners_own_spelling() -> None:
    reader = make_reader("ada@bücher.example")
    assert take(Report("Brevo", "1", Kind.HARD_BOUNCE, "ada@xn--bcher-kva.example", NOON))
    assert MailEvent.objects.get().reader == reader
    assert Suppression.objects.of(reader.email).exists()


def test_unknown_address_and_unknown_digest_are_nothing_to_us() -> None:
    report = Report("Brevo", "1", Kind.HARD_BOUNCE, "nobody@example.org", NOON, digest=UUID(int=7))
    assert not take(report)
    assert (MailEvent.objects.count(), Suppression.objects.count()) == (0, 0)


# --- Refused by SMTP


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("550 5.1.1 no such mailbox", [("hard bounce", "550 5.1.1 no such mailbox")]),
        ("550 5.1.10 recipient not found", [("hard bounce", "550 5.1.10 recipient not found")]),
        ("550 5.7.1 go away", []),
        ("550 no such mailbox", []),
        ("it could not be rendered: 550 5.1.1", []),
    ],
)
def test_refusal_counts_where_there_is_no_such_mailbox(reader: Reader, words: str, expected: Any) -> None:
    digest = accepted(reader)[-1]
    for _ in range(2):
        refused(reader.email, digest.key, words, NOON)
    assert listed() == expected
    assert list(MailEvent.objects.values_list("provider", "kind", "digest")) == [
        ("smtp", "hard bounce", digest.pk) for _ in expected
    ]


def test_report_takes_few_queries(reader: Reader, django_assert_max_num_queries: Any) -> None:
    digests = accepted(reader)
    Suppression.objects.of(reader.email).exists()  # makes the salt
    with django_assert_max_num_queries(10):
        hear(Kind.DELIVERED, digests[0])
    with django_assert_max_num_queries(16):
        hear(Kind.SOFT_BOUNCE, digests[1])


# --- At once


@contextmanager
def workers(number: int) -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(number) as pool:
        yield pool


def _aside(*args: Any, **given: Any) -> bool:
    try:
        return hear(*args, **given)
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_report_told_by_four_at_once_counts_once(reader: Reader) -> None:
    digest = accepted(reader)[-1]
    with workers(4) as pool:
        new = list(pool.map(lambda _: _aside(Kind.HARD_BOUNCE, digest), range(4)))
    assert sorted(new) == [False, False, False, True]
    assert (len(listed()), MailEvent.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_three_soft_bounces_at_once_stop_mail(reader: Reader) -> None:
    digests = accepted(reader)
    with workers(3) as pool:
        assert all(pool.map(lambda digest: _aside(Kind.SOFT_BOUNCE, digest), digests[:3]))
    assert [reason for reason, _ in listed()] == ["soft bounces"]
