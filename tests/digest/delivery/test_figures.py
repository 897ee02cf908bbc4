from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from digest.delivery import figures
from digest.delivery.tally import bring_up_to_date
from digest.models import Letter, Pace
from tests.make import NOON, TODAY, make_digest, make_reader, make_source

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon() -> Any:
    with time_machine.travel(NOON, tick=False):
        yield


def told() -> dict[str, float]:
    """Return every number as a scraper reads it: name{label} -> value."""
    text = generate_latest(figures.registry()).decode()
    return {
        sample.name + "".join(f"{{{value}}}" for value in sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_figures_of_an_empty_installation_are_zero() -> None:
    ours = {name: value for name, value in told().items() if name.startswith("broadsheet")}
    assert set(ours.values()) == {0}
    assert {"broadsheet_due{digests}", "broadsheet_lag_seconds{letters}", "broadsheet_sources{failing}"} <= set(ours)


def test_what_waits_is_counted_with_its_lag() -> None:
    reader = make_reader()
    type(reader).objects.update(next_digest_at=NOON - timedelta(seconds=30))
    make_digest(make_reader(next_digest_at=None))
    make_digest(make_reader(), next_attempt_at=NOON - timedelta(minutes=2))
    make_digest(make_reader(), next_attempt_at=NOON + timedelta(minutes=2))
    Letter.objects.post("code", "ada@example.org", now=NOON - timedelta(seconds=90))
    found = told()
    assert [found[f"broadsheet_due{{{what}}}"] for what in ("readers", "digests", "letters")] == [1, 2, 1]
    lags = [found[f"broadsheet_lag_seconds{{{what}}}"] for what in ("readers", "digests", "letters")]
    assert lags == [30, 5 * 3600, 90]


def test_counting_stops_where_more_says_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "ENOUGH", 2)
    for _ in range(3):
        make_digest(make_reader())
    assert told()["broadsheet_due{digests}"] == 2


def test_fates_are_told() -> None:
    settled: dict[str, Any] = {"next_attempt_at": None, "settled_at": NOON - timedelta(hours=1)}
    make_digest(make_reader(), state="failed", code=550, **settled)
    make_digest(make_reader(), state="failed", code=None, **settled)
    make_digest(make_reader(), state="failed", code=554, **settled | {"settled_at": NOON - timedelta(days=2)})
    make_digest(make_reader(), state="uncertain", **settled)
    make_digest(make_reader(), state="handing_over", next_attempt_at=NOON)
    found = told()
    assert found["broadsheet_digests{uncertain}"] == found["broadsheet_digests{handing_over}"] == 1
    assert (found["broadsheet_failed_lately{550}"], found["broadsheet_failed_lately{none}"]) == (1, 1)
    assert "broadsheet_failed_lately{554}" not in found
    assert found["broadsheet_open_editions"] == 1


def test_what_mail_systems_said_is_told_in_numbers_that_only_grow() -> None:
    Pace.objects.all_mail()
    Pace.objects.filter(is_all_mail=True).update(accepted_total=7, failed_total=2, retried_total=1, uncertain_total=3)
    Pace.objects.create(name="slow.example.net", accepted_total=4, is_paused=True)
    found = told()
    fates = [
        found[f"broadsheet_handed_over_total{{{fate}}}"] for fate in ("accepted", "failed", "retried", "uncertain")
    ]
    assert fates == [7, 2, 1, 3]
    assert (found["broadsheet_mail_held_back{all}"], found["broadsheet_mail_held_back{domains}"]) == (0, 1)


def test_sources_are_told_by_their_health() -> None:
    make_source(failing_since=NOON - timedelta(days=2), failures=3, last_error="the server answers 500")
    make_source()
    found = told()
    assert (found["broadsheet_sources{failing}"], found["broadsheet_sources_need_somebody"]) == (1, 1)


def test_what_the_clock_counted_is_told() -> None:
    make_digest(make_reader(), TODAY, state="accepted", next_attempt_at=None)
    make_reader(state="paused")
    bring_up_to_date(NOON)
    found = told()
    assert (found["broadsheet_readers{active}"], found["broadsheet_readers{paused}"]) == (1, 1)
    assert found["broadsheet_digests_of_today{accepted}"] == 1
    assert found["broadsheet_counted_timestamp_seconds"] == NOON.timestamp()


def test_process_tells_of_itself() -> None:
    assert {"process_resident_memory_bytes", "process_cpu_seconds_total"} <= set(told())


def test_no_number_tells_of_a_reader() -> None:
    make_digest(make_reader("ada@example.org", name="Ada"), state="failed", next_attempt_at=None, settled_at=NOON)
    assert not any("ada" in name.lower() for name in told())


def queries() -> int:
    with CaptureQueriesContext(connection) as caught:
        told()
    return len(caught)


def test_queries_are_as_many_for_many_rows() -> None:
    bring_up_to_date(NOON)
    few = queries()
    for _ in range(10):
        make_digest(make_reader())
        make_digest(make_reader(), state="failed", next_attempt_at=None, settled_at=NOON)
        make_source()
    Pace.objects.create(name="slow.example.net")
    assert queries() == few
