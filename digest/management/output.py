"""How commands speak: a progress bar for people, JSON lines for machines, never both, and errors in plain words."""

import argparse
import json
import os
import sys
from collections.abc import Iterable
from datetime import date
from typing import Any, TypeVar

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, ProgrammingError
from tqdm import tqdm

Item = TypeVar("Item")

# What shells say of a command that a signal has ended: 128 and the signal's number.
INTERRUPTED = 130
NOBODY_READS = 141


class DataCommand(BaseCommand):
    """A command that needs the database, and says so where it cannot be used.

    It ends without a word when somebody interrupts it, or when nobody reads on what it prints, as `head` does.
    """

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            return self._execute_and_flush(*args, **options)
        except KeyboardInterrupt:
            sys.exit(INTERRUPTED)
        except BrokenPipeError:
            # Python flushes once more at its exit, and would complain there.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(NOBODY_READS)

    def _execute_and_flush(self, *args: Any, **options: Any) -> str | None:
        try:
            return super().execute(*args, **options)
        except ProgrammingError as error:
            raise CommandError(f"The database is not set up: run `manage.py migrate` once. ({error})") from error
        except OperationalError as error:
            hint = "run `manage.py migrate` once" if "no such table" in str(error) else "see DATABASE_URL"
            raise CommandError(f"The database cannot be used: {hint}. ({error})") from error
        finally:
            self.stdout.flush()


def add_json_option(parser: CommandParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON object per line and nothing else")


def day(text: str) -> date:
    """Read a day as argparse reads a type."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day; write one like 2026-03-01") from error


def progress(items: Iterable[Item], *, quiet: bool, unit: str, total: int | None = None) -> Iterable[Item]:
    """Show how far it is, on a terminal only."""
    return tqdm(items, total=total, unit=unit, leave=False, disable=quiet or not sys.stderr.isatty())


def print_json(command: BaseCommand, line: dict[str, Any]) -> None:
    command.stdout.write(json.dumps(line, ensure_ascii=False))
