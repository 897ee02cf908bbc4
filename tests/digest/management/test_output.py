import argparse
from datetime import date
from pathlib import Path

import pytest

from digest.management.output import day
from tests.config.installation import run


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


def test_day_is_read_or_refused_in_plain_words() -> None:
    assert day("2026-03-01") == date(2026, 3, 1)
    with pytest.raises(argparse.ArgumentTypeError, match="'2026-02-30' is not a day; write one like 2026-03-01"):
        day("2026-02-30")
