"""What happens around a visit: staff change the source meanwhile, storing or recording fails."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from digest.ingest import refresh
from digest.ingest.refresh import refresh_due
from digest.ingest.store import store
from digest.models import Fetch, Host, Paper, Source
from tests.digest.ingest.make import make_item, make_rss
from tests.feedserver import Answer, FeedServer, feed_server
from tests.make import NOON, make_source

pytestmark = pytest.mark.django_db(transaction=True)

HOSTS = ["127.0.3.1", "127.0.3.2"]


@pytest.fixture
def feeds(settings: Any) -> Iterator[FeedServer]:
    settings.FETCH_ALLOWED_HOSTS = HOSTS
    Host.objects.update_or_create(name="*", defaults={"gap_seconds": 0})
    with feed_server() as server:
        yield server


def clock() -> datetime:
    return NOON


def make_due(feeds: FeedServer, path: str, *, host: str = HOSTS[0], seconds: float = 0) -> Source:
    feeds.answers[path] = Answer(make_rss(make_item(len(feeds.answers))), headers={"ETag": '"e"'}, seconds=seconds)
    return make_source(kind="feed", url=feeds.url(path, host), next_check_at=NOON - timedelta(minutes=1))


def meanwhile(monkeypatch: pytest.MonkeyPatch, source: Source, happens: Any) -> None:
    """Let something happen to a source after it was read and before it is stored."""

    def stored_after(*given: Any, **named: Any) -> Any:
        if named["source"].pk == source.pk:
            happens()
        return store(*given, **named)

    monkeypatch.setattr(refresh, "store", stored_after)


def test_source_that_is_deleted_meanwhile_stops_no_other(feeds: FeedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    doomed, other = make_due(feeds, "/doomed"), make_due(feeds, "/other", host=HOSTS[1], seconds=0.5)
    meanwhile(monkeypatch, doomed, Source.objects.filter(pk=doomed.pk).delete)
    assert refresh_due(clock) == 2
    assert list(Fetch.objects.values_list("source", "outcome")) == [(other.pk, "stored")]
    assert Paper.objects.count() == 1


def test_source_that_gets_another_address_meanwhile_remembers_nothing_of_the_old_one(
    feeds: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = make_due(feeds, "/old")
    address = feeds.url("/new", HOSTS[1])
    meanwhile(monkeypatch, source, lambda: Source.objects.filter(pk=source.pk).update(url=address, next_check_at=NOON))
    assert refresh_due(clock) == 1
    source.refresh_from_db()
    assert (source.url, source.etag, source.body_hash, source.next_check_at) == (address, "", "", NOON)
    assert not Fetch.objects.exists()


def test_visit_that_cannot_be_recorded_stops_no_other(feeds: FeedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    make_due(feeds, "/one")
    make_due(feeds, "/two", host=HOSTS[1])

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("no such luck")

    monkeypatch.setattr(refresh, "record_stored", fail)
    monkeypatch.setattr(refresh, "record_failure", fail)
    assert refresh_due(clock) == 2
    assert Paper.objects.count() == 2
    assert set(Source.objects.values_list("next_check_at", flat=True)) == {NOON + timedelta(minutes=10)}


def test_what_a_failed_step_had_in_mind_is_not_recorded(feeds: FeedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    source = make_due(feeds, "/feed")

    def fail_midway(visit: Any, *_: object) -> None:
        visit.source.etag, visit.source.batch_on = '"e"', NOON.date()
        raise RuntimeError("no such luck")

    monkeypatch.setattr(refresh, "record_stored", fail_midway)
    assert refresh_due(clock) == 1
    source.refresh_from_db()
    assert (source.etag, source.batch_on, source.last_error_kind, source.failures) == ("", None, "error", 1)
