"""A saved topic page of Hugging Face Papers: plain text, a title on one line, its abstract on the next.

Two layouts exist: with the first title glued to the word "Subscribe" and no blank lines, and with blank lines between
all and two lines more in front, "by ... and the research community" and a date. The page names no identifiers: a paper
is known by its title.
"""

import re
from collections.abc import Iterator, Sequence

from digest.sources.collect import collect
from digest.sources.identifiers import identify
from digest.sources.listing import Listing, Parsed

BANNER = "Get trending papers in your email inbox"
_SUBSCRIBE = "Subscribe"
_NEW_LINE = re.compile(r"\r\n?|\n")  # an abstract may hold what else Unicode calls the end of a line
_CURATOR = re.compile(r"by.{0,100}\band the research community", re.IGNORECASE)
_DAY = re.compile(r"[A-Z][a-z]{2,8}\.? \d{1,2}(?:, \d{4})?|\d{1,2} [A-Z][a-z]{2,8}(?: \d{4})?")


def read(text: str) -> Parsed:
    """Raises ValueError for a text without the page's first line."""
    lines = [line.strip() for line in _NEW_LINE.split(text.removeprefix("\ufeff")) if line.strip()]
    if not lines or not lines[0].startswith(BANNER):
        raise ValueError(f"not a topic page: it does not begin with {BANNER!r}")
    listings, skipped = collect(_pairs(_papers(lines)), _listing)
    return Parsed(kind="topic-page", title="", url="", listings=listings, skipped=skipped)


def _papers(lines: Sequence[str]) -> list[str]:
    """Return the lines from the first title on."""
    rest = list(lines)
    while rest and rest[0].startswith(BANNER):
        del rest[0]
    if rest and rest[0].startswith(_SUBSCRIBE):
        rest[0] = rest[0].removeprefix(_SUBSCRIBE).strip()
        if rest[0]:
            return rest
        del rest[0]
    if rest and _CURATOR.fullmatch(rest[0]):
        del rest[0]
        if rest and _DAY.fullmatch(rest[0]):
            del rest[0]
    return rest


def _pairs(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    for position in range(0, len(lines), 2):
        yield lines[position], lines[position + 1] if position + 1 < len(lines) else ""


def _listing(pair: tuple[str, str]) -> Listing:
    title, abstract = pair
    identifiers = identify(title=title)
    if not identifiers:
        raise ValueError(f"no words in the title {title!r}")
    return Listing(title=title, identifiers=identifiers, abstract=abstract)
