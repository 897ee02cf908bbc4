"""The pieces of a typed query: words, "phrases", cat: and author:, each with or without a minus before it.

Only the spelling is judged here, with messages for people who do not program; `query` gives the pieces their meaning.
"""

import re
import unicodedata
from typing import NamedTuple

MAX_LENGTH = 300
EXAMPLES = {"cat": "cat:cs.CL", "author": 'author:"Jane Doe"'}

_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂", '"'))
_MINUS = re.compile(r"(?<!\S)[−–—](?=\S)")
_CLAUSE = re.compile(r"""(?P<minus>-)?(?:(?P<prefix>[^\W\d_]+):)?(?:"(?P<quoted>[^"]*)"|(?P<bare>[^\s"]+))?\s*""")


class QueryError(ValueError):
    """A query that cannot be read; the message is meant for the person who typed it."""


class Clause(NamedTuple):
    """One piece of a query as typed: `prefix` is "cat", "author" or "" for text."""

    prefix: str
    value: str
    quoted: bool
    excluded: bool


def read_clauses(text: str) -> list[Clause]:
    """Take a query apart; raises QueryError."""
    return [_clause(match) for match in _CLAUSE.finditer(_cleaned(text)) if match[0]]


def _cleaned(text: str) -> str:
    """Return `text` with plain quotation marks, minus signs and spaces, if it is a query at all."""
    if len(text) > MAX_LENGTH:
        raise QueryError(
            f"This is {len(text)} characters long, and {MAX_LENGTH} is the most."
            " Follow several topics instead of one long one."
        )
    kept = "".join(char for char in text if unicodedata.category(char) != "Cf")
    for char in kept:
        if unicodedata.category(char).startswith("C") and not char.isspace():
            raise QueryError(f"There is an invisible character (code {ord(char)}) in this. Please type it anew.")
    plain = _MINUS.sub("-", " ".join(kept.translate(_QUOTES).split()))
    if not plain:
        raise QueryError("Nothing is written here. Write a few words, for example: knowledge transfer")
    if plain.count('"') % 2:
        raise QueryError(_unpaired(plain))
    return plain


def _unpaired(text: str) -> str:
    before, _, after = text.rpartition('"')
    where = f"before “{after[:30].strip()}”" if after.strip() else f"after “{before[-30:].strip()}”"
    return f'The quotation mark {where} has no partner. Put words that belong together between two marks: "like this"'


def _clause(match: re.Match[str]) -> Clause:
    prefix, quoted, bare = (match["prefix"] or ""), match["quoted"], match["bare"]
    excluded = match["minus"] is not None
    value = quoted if quoted is not None else bare
    known = prefix.lower() in EXAMPLES
    if value is None and not known:  # a word with a colon after it, as in a title, or a minus sign alone
        if not prefix:
            raise QueryError("A minus sign stands alone. Put it directly before what to leave out: -survey")
        return Clause("", prefix, quoted=False, excluded=excluded)
    if prefix and not known:
        raise QueryError(
            f"“{prefix}:” is not known here. There are {' and '.join(EXAMPLES.values())}."
            f" If you mean the word itself, put a space after the colon: {prefix}: {value[:30]}"
        )
    if known and not (value or "").strip():
        raise QueryError(
            f"After “{prefix}:” something is missing. Write it without a space: {EXAMPLES[prefix.lower()]}"
        )
    if bare == "NOT" and not prefix:
        raise QueryError("NOT is not known here. To leave a word out, put a minus sign before it: -survey")
    return Clause(prefix.lower(), value or "", quoted=quoted is not None, excluded=excluded)
