import argparse
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

import pytest
from django.conf import settings
from django.core.management import call_command

from digest.management.output import DataCommand, day
from tests.config.installation import environment, run


class Interrupted(DataCommand):
    def handle(self, *args: Any, **options: Any) -> NoReturn:
        raise KeyboardInterrupt


def unread(*arguments: str, var: Path) -> tuple[int, str]:
    """Run a command whose output nobody reads; return its exit code and what it says of that."""
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-W", "error", "manage.py", *arguments]
    try:
        done = subprocess.run(
            command,
            cwd=settings.BASE_DIR,
            env=environment(var),
            stdout=writing,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=60,
        )
    finally:
        os.close(writing)
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["ingest", "README.md"],
        ["match", "knowledge transfer"],
        ["preview_digest", "--topics", "knowledge transfer"],
        ["preview_digest", "--reader", "ada@example.net"],
        ["run_due"],
    ],
)
def test_command_without_a_database_says_how_to_make_one(tmp_path: Path, arguments: list[str]) -> None:
    document = tmp_path / "daily.json"
    document.write_text('[{"paper": {"id": "2603.00001", "title": "One paper"}}]')
    done = run("manage.py", *[str(document) if word == "README.md" else word for word in arguments], var=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("CommandError: The database cannot be used: run `manage.py migrate` once.")


@pytest.mark.parametrize("arguments", [["add_source", "--list"], ["add_source", "--list", "--json"], ["check_sources"]])
def test_command_whose_output_nobody_reads_ends_quietly(tmp_path: Path, arguments: list[str]) -> None:
    assert run("manage.py", "migrate", "-v0", var=tmp_path).returncode == 0
    assert unread(*arguments, var=tmp_path) == (141, "")


def test_check_that_found_something_ends_as_unread_and_not_with_its_own_code(tmp_path: Path) -> None:
    assert run("manage.py", "migrate", "-v0", var=tmp_path).returncode == 0
    lost = "Source(name='Lost', kind='feed', next_check_at='2026-03-04 12:00Z')"
    assert run("manage.py", "shell", "-v0", "-c", f"from digest.models import Source; {lost}.save()", var=tmp_path)
    assert run("manage.py", "check_sources", var=tmp_path).returncode == 1
    assert unread("check_sources", var=tmp_path) == (141, "")


def test_command_that_is_interrupted_ends_as_shells_expect(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        call_command(Interrupted())
    assert end.value.code == 130
    assert capsys.readouterr() == ("", "")


def test_day_is_read_or_refused_in_plain_words() -> None:
    assert day("2026-03-01") == date(2026, 3, 1)
    with pytest.raises(argparse.ArgumentTypeError, match="'2026-02-30' is not a day; write one like 2026-03-01"):
        day("2026-02-30")
