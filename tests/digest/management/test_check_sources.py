import json
from datetime import date, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from pytest_django import DjangoAssertNumQueries

from digest.models import Gap, Source
from tests.config.installation import run
from tests.make import NOON, make_source

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def checked(*arguments: str, now: datetime = NOON) -> tuple[str, int]:
    """Return what the command prints at `now`, and its exit code."""
    out, code = StringIO(), 0
    with time_machine.travel(now, tick=False):
        try:
            call_command("check_sources", *arguments, "--no-color", stdout=out)
        except SystemExit as end:
            code = int(end.code or 0)
    return out.getvalue(), code


def make_healthy(name: str = "Journal of Tests", **given: Any) -> Source:
    visited = dict.fromkeys(("last_checked_at", "last_success_at", "last_new_at"), NOON - 10 * MINUTE)
    stated = {"kind": "feed", "healthy_since": NOON - 3 * DAY, "next_check_at": NOON + HOUR, "created_at": NOON}
    return make_source(name=name, **stated | visited | given)


def make_failing(name: str = "Gone Quarterly", **given: Any) -> Source:
    failing = {"failures": 40, "failing_since": NOON - 2 * DAY, "last_error": "the server answers 500"}
    return make_healthy(name, **failing | given)


def make_gap(source: Source, **given: Any) -> Gap:
    stated = {"category": "cs.CL", "first": date(2026, 2, 26), "last": date(2026, 2, 27), "next_attempt_at": NOON}
    return Gap.objects.create(source=source, **stated | given)


def test_no_sources_says_how_to_add_one() -> None:
    assert checked() == ("No sources yet. Add one with manage.py add_source.\n", 0)
    assert checked("--json") == ("", 0)


def test_healthy_sources_are_a_table_and_exit_with_zero() -> None:
    make_healthy("Journal of Tests")
    make_healthy("Annals", healthy_since=NOON - 40 * DAY)
    make_source(name="New one", kind="feed", created_at=NOON, next_check_at=NOON)
    said, code = checked()
    assert said.splitlines() == [
        "NAME              HEALTH  SINCE       LAST VISIT      NOTE",
        "New one           quiet   just now    never           Not read yet.",
        "Annals            ok      2026-01-23  10 minutes ago",
        "Journal of Tests  ok      3 days ago  10 minutes ago",
        "3 sources: 2 ok, 1 quiet. None needs you.",
    ]
    assert code == 0


def test_source_that_needs_a_person_comes_first_and_exits_with_one() -> None:
    make_healthy("Annals")
    make_failing("Zoology", failing_since=NOON - HOUR)
    make_failing("Gone Quarterly")
    make_healthy("By hand", is_active=False)
    said, code = checked()
    assert said.splitlines() == [
        "NAME            HEALTH    SINCE           LAST VISIT      NOTE",
        "Gone Quarterly  failing   2 days ago      10 minutes ago  40 visits in a row failed: the server answers 500.",
        "Zoology         failing   1 hour ago      10 minutes ago  40 visits in a row failed: the server answers 500.",
        "Annals          ok        3 days ago      10 minutes ago",
        "By hand         disabled  10 minutes ago  10 minutes ago  Switched off by staff.",
        "4 sources: 1 ok, 2 failing, 1 disabled. 1 needs you.",
    ]
    assert code == 1


def test_sources_of_one_name_are_told_apart_by_host_and_else_by_address() -> None:
    make_healthy("Annals", url="https://a.example.org/1")
    make_healthy("Annals", url="https://b.example.org/1")
    make_healthy("Annals", url="https://b.example.org/2")
    make_healthy("Annals", url="file:annals.xml", is_active=False)
    make_healthy("Zoology")
    assert [line.partition("  ")[0] for line in checked()[0].splitlines()[1:-1]] == [
        "Annals (a.example.org)",
        "Annals (https://b.example.org/1)",
        "Annals (https://b.example.org/2)",
        "Zoology",
        "Annals (file:annals.xml)",
    ]


@pytest.mark.parametrize(
    ("ahead", "note"),
    [
        (DAY, ""),
        (3 * DAY, "Next visit in 3 days."),
        (9 * DAY, "The next visit is planned for 13 March 2026 only: set the next check to today."),
    ],
)
def test_next_visit_is_told_where_it_is_far(ahead: timedelta, note: str) -> None:
    make_healthy("Weekly", next_check_at=NOON + ahead)
    make_healthy("Off", next_check_at=NOON + ahead, is_active=False)
    by_name = {line.partition(" ")[0]: line for line in checked()[0].splitlines()}
    assert by_name["Weekly"].rpartition("10 minutes ago")[2].strip() == note
    assert by_name["Off"].endswith("Switched off by staff.")


def test_two_that_need_a_person_are_counted_in_plain_words() -> None:
    make_failing("One")
    make_failing("Two")
    assert checked()[0].endswith("2 sources: 2 failing. 2 need you.\n")


def test_command_looks_at_the_sources_as_they_are_now() -> None:
    make_healthy()
    assert checked()[0].endswith("1 source: 1 ok. None needs you.\n")
    assert checked(now=NOON + 4 * HOUR)[0].endswith("1 source: 1 stale. 1 needs you.\n")


def test_json_is_one_object_per_source() -> None:
    source = make_failing(url="https://feeds.example.org/gone", kind="arxiv")
    make_gap(source)
    make_source(name="New one", kind="feed", created_at=NOON, next_check_at=NOON)
    said, code = checked("--json")
    first, second = map(json.loads, said.splitlines())
    assert first == {
        "source": "Gone Quarterly",
        "kind": "arxiv",
        "url": "https://feeds.example.org/gone",
        "health": "failing",
        "since": "2026-03-02T12:00:00+00:00",
        "last_visit": "2026-03-04T11:50:00+00:00",
        "note": "40 visits in a row failed: the server answers 500.",
        "gaps": ["cs.CL misses the days from 2026-02-26 to 2026-02-27: being caught up"],
        "needs_person": True,
    }
    assert (second["last_visit"], second["gaps"], second["needs_person"]) == (None, [], False)
    assert code == 1


def test_missed_days_that_are_being_caught_up_are_shown_and_need_nobody() -> None:
    source = make_healthy()
    make_gap(source, attempts=4, note="too slow")
    make_gap(source, category="cs.AI", last=date(2026, 2, 26))
    said, code = checked()
    assert said.splitlines()[2:-1] == [
        "  cs.CL misses the days from 2026-02-26 to 2026-02-27: being caught up, 4 failed so far (too slow)",
        "  cs.AI misses 2026-02-26: being caught up",
    ]
    assert code == 0


@pytest.mark.parametrize(
    ("given", "state"),
    [
        ({"attempts": 5}, "being caught up, 5 failed so far (429)"),
        ({"attempts": 20, "next_attempt_at": None}, "given up, 20 failed so far (429)"),
    ],
)
def test_missed_days_that_do_not_come_need_a_person(given: dict[str, Any], state: str) -> None:
    make_healthy("Annals")
    make_gap(make_healthy("arXiv cs.CL"), note="429", **given)
    said, code = checked()
    assert [line.partition(" ")[0] for line in said.splitlines()] == ["NAME", "arXiv", "", "Annals", "2"]
    assert said.splitlines()[2] == f"  cs.CL misses the days from 2026-02-26 to 2026-02-27: {state}"
    assert (said.splitlines()[-1], code) == ("2 sources: 2 ok. 1 needs you.", 1)


def test_missed_days_that_came_are_not_shown() -> None:
    make_gap(make_healthy(), next_attempt_at=None, papers=400)
    assert len(checked()[0].splitlines()) == 3


def test_long_and_crafted_names_and_errors_stay_on_their_line() -> None:
    make_failing("A name of\nmany words, " + "x" * 100, last_error="it says \x1b[2J\x07 and\r\ngoes on")
    row = checked()[0].splitlines()[1]
    assert row.startswith("A name of many words, xxxxxxxxxxxxxxxxx…  failing  ")
    assert row.endswith("  40 visits in a row failed: it says [2J and goes on.")


@pytest.mark.parametrize("count", [1, 3])
def test_command_asks_the_database_twice(count: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for _ in range(count):
        make_gap(make_healthy())
    with django_assert_num_queries(2):
        checked()


def test_command_as_a_process_prints_the_table_alone_and_tells_the_shell(tmp_path: Path) -> None:
    assert run("manage.py", "migrate", "-v0", var=tmp_path).returncode == 0
    lost = "Source(name='Lost', kind='feed', next_check_at='2026-03-04 12:00Z')"
    add = f"from digest.models import Source; {lost}.save()"
    assert run("manage.py", "shell", "-v0", "-c", add, var=tmp_path).stderr == ""
    done = run("manage.py", "check_sources", var=tmp_path)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.endswith("\n1 source: 1 stale. 1 needs you.\n")
