"""Marks in a text what a query found in it, and chooses the part of a long text that shows it.

It works on the text that people see: LaTeX is Unicode by then. Words are compared as the matching does
(`digest.ranking.text`), so that "transferring" is marked where somebody looks for "transfer". Of a phrase all words
are marked, where they stand together; what the query leaves out, categories and authors never are.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from digest.ranking.query import Query
from digest.ranking.text import PREFIXES, tokens
from digest.templatetags.papers import excerpt

Span = tuple[int, int]

BEFORE = 60  # characters before the first match, in an excerpt that does not begin with the text
# A word with its accents, also where these are characters of their own, and with its index: "x_1".
_WORD = re.compile(r"[^\W_](?:[^\W_]|[_^](?=\d)|[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f])*")
_BEGINNINGS = frozenset(tuple(tokens(prefix)) for prefix in PREFIXES)
_BETWEEN = re.compile(r"[\s\u2010\u2011-]+")  # what two words may have between them to be marked as one


def highlighted(text: str, query: Query) -> SafeString:
    """Return `text` as HTML, with the words of `query` in <mark>."""
    pieces, end = [], 0
    for start, stop in spans(text, query):
        pieces += [(text[end:start], "", ""), (text[start:stop], "<mark>", "</mark>")]
        end = stop
    pieces.append((text[end:], "", ""))
    return format_html_join(
        "", "{}{}{}", ((SafeString(before), piece, SafeString(after)) for piece, before, after in pieces if piece)
    )


def telling(text: str, query: Query, length: int) -> str:
    """Return the part of `text` that holds the first match, at most `length` characters and an ellipsis on each side.

    It begins with the text where the match is near enough to its start.
    """
    opening = excerpt(text, length)
    if len(text) <= length or spans(opening, query):
        return opening
    start, _ = next(iter(spans(text, query)), (0, 0))
    if not start:
        return opening
    begin = text.rfind(" ", 0, max(0, start - BEFORE)) + 1
    if start - begin > 2 * BEFORE:  # a very long word stands there
        begin = start
    return "…" + excerpt(text[begin:], length)


def spans(text: str, query: Query) -> list[Span]:
    """Return where in `text` words and phrases of `query` are, in order; those next to each other are one."""
    wanted = {tuple(tokens(term)) for term in (*query.words, *query.phrases)}
    units = _units(text)
    found = set()
    for sought in wanted:
        found.update(_places([token for token, _ in units], sought))
    return _joined(text, [units[place][1] for place in sorted(found)])


def _places(read: Sequence[str], sought: tuple[str, ...]) -> set[int]:
    """Return the positions of all tokens of `sought`, wherever they stand together."""
    size = len(sought)
    starts = [
        at for at in range(len(read) - size + 1) if read[at] == sought[0] and tuple(read[at : at + size]) == sought
    ]
    return {at + step for at in starts for step in range(size)}


def _units(text: str) -> list[tuple[str, Span]]:
    """Return the tokens of `text` with their places; a beginning and its word, "pre-training", are one token."""
    words = list(_WORD.finditer(text))
    units: list[tuple[str, Span]] = []
    place = 0
    while place < len(words):
        (start, end), found = words[place].span(), _tokens(words[place][0])
        place += 1
        if found in _BEGINNINGS and place < len(words):
            both = words[place].end()
            if len(joined := _tokens(text[start:both])) == 1:
                end, found = both, joined
                place += 1
        units += [(token, (start, end)) for token in found]
    return units


@lru_cache(maxsize=2**14)
def _tokens(text: str) -> tuple[str, ...]:
    return tuple(tokens(text))


def _joined(text: str, found: Sequence[Span]) -> list[Span]:
    spans: list[Span] = []
    for start, end in found:
        if spans and (start <= spans[-1][1] or _BETWEEN.fullmatch(text, spans[-1][1], start)):
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return spans
