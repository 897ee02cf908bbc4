"""Why a paper belongs to a topic, in a few plain words, of what was really found in it."""

from collections.abc import Iterable, Sequence
from itertools import groupby

LONGEST = 300  # characters: a reason is one line in a mail, however long the topic


def matched_words(words: Sequence[str], found: Sequence[int]) -> str:
    """Name the words that were found (1, not 0); where one in between was not, with "and": "graph neural and drug"."""
    runs = groupby(zip(words, found, strict=True), key=lambda pair: pair[1])
    named = [" ".join(word for word, _ in run) for is_found, run in runs if is_found]
    return f"matches {' and '.join(named)}" if named else ""


def phrase_reasons(phrases: Sequence[str], in_title: Sequence[bool]) -> list[str]:
    """Name the phrases of a query, all of which the paper has, some of them in its title."""
    first = [phrase for phrase, where in zip(phrases, in_title, strict=True) if where]
    others = [phrase for phrase, where in zip(phrases, in_title, strict=True) if not where]
    reasons = [f"has {_quoted(first)} in its title"] if first else []
    return [*reasons, f"has {_quoted(others)}"] if others else reasons


def listed_reason(word: str, names: Iterable[str]) -> str:
    """Name categories or authors as the paper spells them: "in cs.CL", "by Jane Doe and John Roe"."""
    return f"{word} {' and '.join(dict.fromkeys(names))}"


def joined(reasons: Sequence[str]) -> str:
    text = ", ".join(reasons)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _quoted(phrases: Sequence[str]) -> str:
    return " and ".join(f'"{phrase}"' for phrase in phrases)
