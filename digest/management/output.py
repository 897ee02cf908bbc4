"""How commands speak: a progress bar for people, JSON lines for machines, never both."""

import json
import sys
from collections.abc import Iterable
from typing import Any, TypeVar

from django.core.management.base import BaseCommand, CommandParser
from tqdm import tqdm

Item = TypeVar("Item")


def add_json_option(parser: CommandParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON object per line and nothing else")


def progress(items: Iterable[Item], *, quiet: bool, unit: str, total: int | None = None) -> Iterable[Item]:
    """Show how far it is, on a terminal only."""
    return tqdm(items, total=total, unit=unit, leave=False, disable=quiet or not sys.stderr.isatty())


def print_json(command: BaseCommand, line: dict[str, Any]) -> None:
    command.stdout.write(json.dumps(line, ensure_ascii=False))
