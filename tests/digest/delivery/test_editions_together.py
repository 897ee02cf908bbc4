"""Opening, closing and settling at the same moment, in threads of their own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from accounts.models import Reader
from digest.delivery.editions import close, close_over, open_due
from digest.feedback import settle
from digest.models import Digest, Edition
from tests.make import NOON, TODAY, make_digest, make_reader

pytestmark = pytest.mark.django_db(transaction=True)
OVER = NOON + timedelta(days=3)


def together(*works: Callable[[], Any]) -> list[Any]:
    start = Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        try:
            start.wait()
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as threads:
        return [future.result() for future in [threads.submit(run, work) for work in works]]


def make_due(count: int, slot: datetime) -> None:
    for _ in range(count):
        make_reader()
    Reader.objects.update(next_digest_at=slot)


def test_openers_at_once_give_each_reader_one_digest() -> None:
    make_due(30, NOON - timedelta(minutes=5))
    assert sum(together(*[lambda: open_due(NOON)] * 3)) >= 30
    assert Digest.objects.count() == 30
    assert set(Reader.objects.values_list("last_edition_on", flat=True)) == {TODAY}


@pytest.mark.parametrize("_", range(3))
def test_opening_and_closing_at_once_never_leave_a_digest_that_is_not_counted(_: int) -> None:
    make_due(20, datetime(2026, 3, 4, 7, tzinfo=UTC))
    Edition.objects.create(date=TODAY)
    together(lambda: open_due(OVER), lambda: close_over(OVER), lambda: close_over(OVER))
    close_over(OVER)
    edition = Edition.objects.get(date=TODAY)
    assert edition.counts == {"eligible": 20, "expired": 20}
    assert edition.digests.by_state() == edition.closed_with


@pytest.mark.parametrize("_", range(3))
def test_settling_and_closing_at_once_leave_the_equation_true(_: int) -> None:
    digests = [make_digest(make_reader(), state="uncertain", next_attempt_at=None, settled_at=NOON) for _ in range(10)]
    edition = digests[0].edition
    whose = Digest.objects.filter(pk__in=[digest.pk for digest in digests[:5]])
    together(lambda: close(edition, OVER), lambda: settle.by_hand(whose, NOON), lambda: settle.by_hand(whose, NOON))
    edition.refresh_from_db()
    assert edition.counts == {"eligible": 10, "accepted": 5, "uncertain": 5}
