import json
from contextlib import nullcontext
from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command

from digest.delivery.editions import close
from digest.models import Edition
from tests.make import NOON, TODAY, make_digest, make_reader

pytestmark = pytest.mark.django_db
OVER = NOON + timedelta(days=3)


def run(*arguments: str, code: int = 0) -> list[str]:
    out = StringIO()
    with time_machine.travel(OVER, tick=False), pytest.raises(SystemExit) if code else nullcontext() as ended:
        call_command("check_edition", *arguments, stdout=out)
    assert not code or (ended is not None and ended.value.code == code)
    return out.getvalue().splitlines()


def make_closed() -> Edition:
    make_digest(make_reader("ada@example.org"), state="accepted", next_attempt_at=None)
    make_digest(make_reader("bo@example.org"), state="failed", reason="550 no such mailbox", next_attempt_at=None)
    make_digest(make_reader("cy@example.org"), state="empty", reason="nothing was close", next_attempt_at=None)
    edition = Edition.objects.get()
    assert close(edition, OVER)
    return edition


def test_closed_edition_is_told_in_words_with_each_reader_who_got_nothing() -> None:
    make_closed()
    assert run("2026-03-04") == [
        "Edition of 2026-03-04, closed 2026-03-07 12:00 UTC",
        "3 eligible = 1 accepted + 1 failed + 1 empty",
        "The equation holds.",
        "Who got nothing, and why:",
        "  cy@example.org  empty: nothing was close",
        "  bo@example.org  failed: 550 no such mailbox",
    ]


def test_closed_edition_is_told_in_lines_of_json() -> None:
    make_closed()
    first, *readers = map(json.loads, run("2026-03-04", "--json"))
    assert first == {
        "edition": "2026-03-04",
        "closes_at": "2026-03-06T08:00:00+00:00",
        "closed_at": "2026-03-07T12:00:00+00:00",
        "eligible": 3,
        "counts": {"accepted": 1, "failed": 1, "empty": 1},
        "holds": True,
        "problems": [],
        "notes": [],
    }
    assert readers == [
        {"reader": "cy@example.org", "state": "empty", "reason": "nothing was close"},
        {"reader": "bo@example.org", "state": "failed", "reason": "550 no such mailbox"},
    ]


def test_everybody_who_got_it_leaves_no_list() -> None:
    make_digest(make_reader(), state="accepted", next_attempt_at=None)
    close(Edition.objects.get(), OVER)
    assert run("2026-03-04")[1:] == ["1 eligible = 1 accepted", "The equation holds."]


def test_equation_that_does_not_hold_exits_with_one() -> None:
    make_closed()
    Edition.objects.update(counts={"eligible": 4, "accepted": 1, "failed": 1, "empty": 1})
    said = run("2026-03-04", code=1)
    assert said[2] == "It closed with 4 eligible readers, and says of 3 what became of them."
    assert "The equation holds." not in said


def test_overdue_digest_exits_with_one_and_names_its_reader() -> None:
    make_digest(make_reader("ada@example.org"), TODAY + timedelta(days=2))
    said = run("2026-03-06", code=1)
    assert said[:3] == [
        "Edition of 2026-03-06, still open",
        "1 eligible = 1 waiting",
        "1 are overdue: see that the workers run.",
    ]
    assert said[-1] == "  ada@example.org  waiting: due since 2026-03-06 07:00 UTC"


def test_edition_that_does_not_exist_is_an_error_that_says_which_do() -> None:
    with pytest.raises(CommandError, match=r"There is no edition of 2026-03-05\. There is none at all yet"):
        run("2026-03-05")
    make_closed()
    with pytest.raises(CommandError, match=r"2026-03-05\. The first is of 2026-03-04, the latest of 2026-03-04\."):
        run("2026-03-05")


@pytest.mark.parametrize("text", ["yesterday", "2026-02-30", "04.03.2026", ""])
def test_date_that_is_none_is_an_error_that_says_how_to_write_one(text: str) -> None:
    with pytest.raises(CommandError, match="is not a day; write one like 2026-03-01"):
        run(text)
