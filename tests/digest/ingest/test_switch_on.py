from datetime import timedelta

import pytest

from digest.ingest.switch_on import Outcome, enable, move, switch_on
from digest.models import Source
from digest.sources.catalogue import find
from tests.make import NOON, make_source

pytestmark = pytest.mark.django_db


def make_disabled(**given: object) -> Source:
    source = make_source(
        **{"failures": 7, "failing_since": NOON - timedelta(days=8), "last_error": "gone", "last_error_kind": "gone"}
        | given
    )
    source.disable(NOON - timedelta(days=1), "It is gone.")
    source.save()
    return source


def fields(source: Source) -> dict[str, object]:
    return {field.name: getattr(source, field.name) for field in Source._meta.concrete_fields}


def test_switch_on_makes_a_source_that_is_due() -> None:
    entry = find("cs.CL")
    source, outcome = switch_on(entry, NOON)
    assert outcome is Outcome.ADDED
    assert (source.name, source.kind, source.url) == (entry.name, entry.kind, entry.url)
    assert (source.check_minutes, source.quiet_days, source.host) == (60, 14, "rss.arxiv.org")
    assert list(Source.objects.due(NOON)) == [source]


def test_switch_on_again_changes_nothing() -> None:
    first, _ = switch_on(find("cs.CL"), NOON)
    before = fields(first)
    again, outcome = switch_on(find("cs.CL"), NOON + timedelta(hours=1))
    assert outcome is Outcome.THERE
    assert fields(again) == before


def test_switch_on_of_a_source_that_is_off_lets_it_be_fetched_as_if_it_had_never_failed() -> None:
    disabled = make_disabled(url=find("cs.CL").url, name="Ours", etag='"1"')
    source, outcome = switch_on(find("cs.CL"), NOON)
    assert (source, outcome) == (disabled, Outcome.ENABLED)
    assert list(Source.objects.due(NOON)) == [source]
    source.refresh_from_db()
    assert (source.name, source.etag, source.failures, source.disabled_reason) == ("Ours", '"1"', 0, "")


def test_enable_writes_all_that_it_changes() -> None:
    source = make_disabled(healthy_since=NOON - timedelta(days=30))
    enable(source, NOON)
    assert fields(Source.objects.get()) == fields(source)


def test_enable_leaves_alone_what_a_visit_has_written_meanwhile() -> None:
    source = make_disabled()
    Source.objects.update(etag='"new"')
    enable(source, NOON)
    assert Source.objects.get().etag == '"new"'


def test_votes_are_read_again_of_hugging_face_alone() -> None:
    daily, _ = switch_on(find("Hugging Face daily papers"), NOON)
    switch_on(find("cs.CL"), NOON)
    assert Source.objects.claim_for_signals(NOON, limit=9) == [daily]


def test_move_forgets_what_the_old_server_said() -> None:
    source = make_disabled(
        kind="arxiv",
        etag='"1"',
        last_modified="x",
        body_hash="y",
        last_full_at=NOON,
        page_url="https://a.example.org/2",
    )
    move(source, url="https://new.example.org/feed", kind="feed", now=NOON)
    moved = Source.objects.get()
    assert fields(moved) == fields(source)
    assert (moved.url, moved.kind, moved.host) == ("https://new.example.org/feed", "feed", "new.example.org")
    assert (moved.etag, moved.last_modified, moved.body_hash, moved.last_full_at) == ("", "", "", None)
    assert (moved.page_url, moved.is_active, moved.next_check_at) == ("", True, NOON)
