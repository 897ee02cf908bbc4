"""Invented words, names and topics for the commands that fill a database to see how the service is with many rows.

Nothing here is anybody's: words are put together from syllables, and addresses are at example.org and example.net,
which exist for examples alone. The words are the same on every run, so that topics and papers speak of the same things.
"""

import argparse
import random
from collections.abc import Iterator

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from digest.delivery.wire.outbox import OUTBOX_BACKEND

DOMAINS = ("example.org", "example.net")
_SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou"]
_ENDINGS = ("", "n", "r", "s", "l", "x", "nt", "ric", "tion", "ment")
WORDS = 6000


def refuse_in_production() -> None:
    """Keep invented rows out of an installation that real readers use."""
    if settings.HTTPS:
        raise CommandError("This installation is in production (HTTPS is on): invented rows do not belong in it.")
    if settings.EMAIL_BACKEND != OUTBOX_BACKEND:
        raise CommandError(
            "Mail goes to a real mail system here, and invented readers must not be mailed: "
            "leave EMAIL_URL and EMAIL_BACKEND empty."
        )


def add_count(parser: CommandParser, what: str) -> None:
    parser.add_argument("count", metavar="N", type=positive, help=f"how many {what}")
    parser.add_argument("--seed", type=int, default=1, help="the same number gives the same rows (default: 1)")


def positive(text: str) -> int:
    """Read a number from 1 up as argparse reads a type."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 up")
    return int(text)


def pieces(total: int, size: int) -> Iterator[int]:
    """Yield the sizes of the pieces in which `total` rows are made."""
    while total > 0:
        yield min(size, total)
        total -= size


def vocabulary() -> list[str]:
    """Return the invented words, each once."""
    chance = random.Random("broadsheet")  # noqa: S311 - the same words on every run
    words: dict[str, None] = {}
    while len(words) < WORDS:
        words["".join(chance.choices(_SYLLABLES, k=chance.choice((2, 2, 3)))) + chance.choice(_ENDINGS)] = None
    return list(words)


def skewed(chance: random.Random, size: int) -> int:
    """Return a place below `size`; low ones are far more common, with a long tail, as with topics and words."""
    return int(size * chance.random() ** 3)
