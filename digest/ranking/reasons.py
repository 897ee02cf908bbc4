"""Why a paper belongs to a topic, in a few plain words: only what was really found in the paper is named.

What was found is decided in `digest.ranking.matching`; the reason of a trend is `digest.ranking.trending`'s.
"""

from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from itertools import pairwise

import numpy as np

from digest.ranking.batch import Batch
from digest.ranking.presence import Ints, Lists, Presence
from digest.ranking.query import Query
from digest.ranking.topics import TopicIndex

Found = tuple[bytes, bytes]  # of a topic's bare words, and of its pairs of neighbours: 1 where the paper has it

LONGEST = 300  # characters: a reason is one line in a mail, however long the topic


def explain(batch: Batch, index: TopicIndex, presence: Presence, topics: Ints, papers: Ints) -> list[str]:
    """Say for each pair of topic and paper, by position, why the paper belongs to the topic.

    The pairs of one topic stand next to each other, in any order. Many have the same reason; it is put into words once.
    """
    words_found, pairs_found = (_found(lists, presence, topics, papers) for lists in (index.words, index.pairs))
    starts = np.flatnonzero(np.diff(topics, prepend=-1)).tolist()
    numbers, positions = topics.tolist(), papers.tolist()
    reasons: list[str] = []
    for start, end in pairwise([*starts, len(numbers)]):
        topic = numbers[start]
        size = len(index.queries[topic].words)
        named = _rows(words_found, size, end - start)
        together = _rows(pairs_found, max(0, size - 1), end - start)
        words = list(zip(named, together, strict=True))
        if index.conditional[topic]:
            reasons += _of_conditions(batch, index, topic, positions[start:end], words)
        else:
            reasons += _of_words(index.queries[topic].words, words)
    return reasons


def _found(lists: Lists, presence: Presence, topics: Ints, papers: Ints) -> BytesIO:
    """Return, for every term in the lists of the pairs of topic and paper, one byte: 1 where the paper has it."""
    columns, places = lists.of(topics)
    return BytesIO(presence.has(papers[places], columns).tobytes())


def _rows(found: BytesIO, size: int, count: int) -> list[bytes]:
    return [found.read(size) for _ in range(count)]


def _of_words(names: Sequence[str], words: Sequence[Found]) -> list[str]:
    texts = {found: joined([matched_words(names, *found)]) for found in set(words)}
    return [texts[found] for found in words]


def _of_conditions(
    batch: Batch, index: TopicIndex, topic: int, papers: Sequence[int], words: Sequence[Found]
) -> list[str]:
    query, phrases, titles = index.queries[topic], index.spelled_phrases[topic], batch.texts.titles
    in_title = [tuple([phrase in titles[paper] for phrase in phrases]) for paper in papers]
    authors = _spelled([batch.listed(("author", name)) for name in query.authors], papers)
    categories = _spelled([batch.listed(("cat", name)) for name in query.categories], papers)
    everything = list(zip(words, in_title, authors, categories, strict=True))
    texts = {found: _reason(query, *found) for found in set(everything)}
    return [texts[found] for found in everything]


def _spelled(lists: Sequence[Mapping[int, Sequence[str]]], papers: Iterable[int]) -> list[tuple[str, ...]]:
    """Return for each paper what these lists say of it."""
    return [tuple([name for listed in lists for name in listed.get(paper, ())]) for paper in papers]


def _reason(
    query: Query, words: Found, in_title: Sequence[bool], authors: Sequence[str], categories: Sequence[str]
) -> str:
    text = matched_words(query.words, *words)
    reasons = [text] if text else []
    reasons += phrase_reasons(query.phrases, in_title)
    reasons += [listed_reason(word, names) for word, names in (("by", authors), ("in", categories)) if names]
    return joined(reasons)


def matched_words(words: Sequence[str], found: Sequence[int], together: Sequence[int]) -> str:
    """Name the words that were found (1, not 0), joined only where they stand together in the paper too.

    All of them together: "matches graph neural networks". Otherwise: "mentions graph and neural networks".
    """
    runs: list[list[str]] = []
    for place, word in enumerate(words):
        if not found[place]:
            continue
        if place and found[place - 1] and together[place - 1]:
            runs[-1].append(word)
        else:
            runs.append([word])
    if not runs:
        return ""
    if len(runs[0]) == len(words):
        return f"matches {' '.join(words)}"
    *others, last = (" ".join(run) for run in runs)
    return f"mentions {', '.join(others)} and {last}" if others else f"mentions {last}"


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
