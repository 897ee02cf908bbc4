from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from pytest_django import DjangoAssertNumQueries

from digest.models import Digest, Paper, Source, Topic
from digest.models.claims import claim, write_held
from tests.make import NOON, make_digest, make_paper, make_reader, make_source, make_topic

LEASE = timedelta(minutes=10)


def make_due_sources(count: int) -> list[Source]:
    return [make_source(next_check_at=NOON - timedelta(minutes=count - number)) for number in range(count)]


def claim_until_none_is_left(start: Barrier) -> list[int]:
    try:
        start.wait()
        taken: list[int] = []
        while found := claim(Source.objects.due(NOON), "next_check_at", until=NOON + LEASE, limit=7):
            taken += found
        return taken
    finally:
        connection.close()


@pytest.mark.django_db
def test_claim_takes_the_longest_due_first_up_to_the_limit() -> None:
    sources = make_due_sources(5)
    keys = claim(Source.objects.due(NOON), "next_check_at", until=NOON + LEASE, limit=3)
    assert keys == [source.pk for source in sources[:3]]


@pytest.mark.django_db
def test_claim_again_takes_only_what_is_left() -> None:
    sources = make_due_sources(5)
    due = Source.objects.due(NOON)
    claims = [claim(due, "next_check_at", until=NOON + LEASE, limit=3) for _ in range(3)]
    assert claims == [[source.pk for source in sources[:3]], [source.pk for source in sources[3:]], []]


@pytest.mark.django_db
def test_claim_after_the_lease_takes_the_row_again() -> None:
    (source,) = make_due_sources(1)
    assert claim(Source.objects.due(NOON), "next_check_at", until=NOON + LEASE, limit=3) == [source.pk]
    assert claim(Source.objects.due(NOON + LEASE - timedelta(seconds=1)), "next_check_at", until=NOON, limit=3) == []
    assert claim(Source.objects.due(NOON + LEASE), "next_check_at", until=NOON + 2 * LEASE, limit=3) == [source.pk]


@pytest.mark.django_db
def test_claim_with_marks_writes_them_on_the_claimed_rows_alone() -> None:
    taken, left = make_due_sources(2)
    claim(Source.objects.due(NOON), "next_check_at", until=NOON + LEASE, limit=1, last_error="being read")
    assert dict(Source.objects.values_list("pk", "last_error")) == {taken.pk: "being read", left.pk: ""}


@pytest.mark.django_db
def test_claim_of_nothing_due_takes_nothing() -> None:
    make_source(next_check_at=NOON + timedelta(seconds=1))
    assert claim(Source.objects.due(NOON), "next_check_at", until=NOON + LEASE, limit=3) == []


@pytest.mark.django_db(transaction=True)
def test_claim_by_four_at_once_gives_each_row_to_one_of_them() -> None:
    sources = make_due_sources(120)
    start = Barrier(4)
    with ThreadPoolExecutor(4) as workers:
        claims = list(workers.map(claim_until_none_is_left, [start] * 4))
    assert Counter(key for taken in claims for key in taken) == dict.fromkeys((source.pk for source in sources), 1)


@pytest.mark.postgres
@pytest.mark.skipif(connection.vendor != "postgresql", reason="row locks need PostgreSQL: set DATABASE_URL")
@pytest.mark.django_db(transaction=True)
def test_claim_while_another_holds_rows_skips_them_without_waiting() -> None:
    held, free = make_due_sources(2)
    locked, done = Event(), Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                Source.objects.select_for_update().get(pk=held.pk)
                locked.set()
                done.wait(10)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as worker:
        holding = worker.submit(hold)
        assert locked.wait(10)
        keys = claim(Source.objects.due(NOON), "next_check_at", until=NOON + LEASE, limit=5)
        done.set()
        holding.result()
    assert keys == [free.pk]


def claim_source() -> list[Any]:
    source = make_source(next_check_at=NOON)
    return [Source.objects.claim(NOON, [source.pk]) for _ in range(2)]


def claim_paper() -> list[Any]:
    make_paper(match_due_at=NOON)
    return [Paper.objects.claim_for_matching(NOON, limit=5) for _ in range(2)]


def claim_topic() -> list[Any]:
    make_topic()
    Topic.objects.update(match_due_at=NOON)
    return [Topic.objects.claim_for_matching(NOON, limit=5) for _ in range(2)]


def claim_digest() -> list[Any]:
    make_digest(make_reader(), next_attempt_at=NOON)
    due = Digest.objects.due(NOON)
    return [claim(due, "next_attempt_at", until=NOON + LEASE, limit=5) for _ in range(2)]


@pytest.mark.django_db
@pytest.mark.parametrize("claim_twice", [claim_source, claim_paper, claim_topic, claim_digest])
def test_claim_of_every_kind_of_row_holds_it(claim_twice: Any) -> None:
    first, second = claim_twice()
    assert (len(first), second) == (1, [])


def held(count: int) -> list[Digest]:
    for _ in range(count):
        make_digest(make_reader())
    claim(Digest.objects.due(NOON), "next_attempt_at", until=NOON + LEASE, limit=count, claim=uuid4())
    return list(Digest.objects.order_by("pk"))


def says(number: int) -> dict[str, Any]:
    return {
        "subject": f"“{number}” % it's \\ new",
        "picks": [[number, 7], []],
        "next_attempt_at": None,
        "settled_at": NOON + timedelta(microseconds=number),
        "code": 250 if number else None,
        "claim": None if number else UUID(int=number),
        "state": "accepted",
    }


@pytest.mark.django_db
def test_write_held_gives_each_row_its_own_values() -> None:
    digests = held(3)
    rows = [(digest.pk, digest.claim, says(number)) for number, digest in enumerate(digests)]
    assert write_held(Digest, rows[::-1], ["pending"]) == {digest.pk for digest in digests}
    assert list(Digest.objects.order_by("pk").values(*says(0))) == [says(number) for number in range(3)]


@pytest.mark.django_db
def test_write_held_leaves_rows_that_others_hold_or_that_have_moved_on() -> None:
    mine, others, moved, gone = held(4)
    Digest.objects.filter(pk=others.pk).update(claim=uuid4())
    Digest.objects.filter(pk=moved.pk).update(state="handing_over")
    Digest.objects.filter(pk=gone.pk).delete()
    rows = [(digest.pk, digest.claim, {"reason": "written"}) for digest in (mine, others, moved, gone)]
    assert write_held(Digest, rows, ["pending", "retry"]) == {mine.pk}
    assert dict(Digest.objects.values_list("pk", "reason")) == {mine.pk: "written", others.pk: "", moved.pk: ""}


@pytest.mark.django_db
def test_write_held_takes_one_statement_and_none_for_nothing(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    rows = [(digest.pk, digest.claim, {"reason": "written"}) for digest in held(20)]
    with django_assert_num_queries(1):
        write_held(Digest, rows, ["pending"])
    with django_assert_num_queries(0):
        assert write_held(Digest, [], ["pending"]) == set()
