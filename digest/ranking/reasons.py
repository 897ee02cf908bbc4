"""Why a paper belongs to a topic, in a few plain words, of what was really found in it."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np

from digest.ranking.batch import Batch, Facet
from digest.ranking.presence import Ints, Presence
from digest.ranking.query import Query
from digest.ranking.topics import TopicIndex

LONGEST = 300  # characters: a reason is one line in a mail, however long the topic


class _Found(NamedTuple):
    """What of a topic was found in a paper. Far fewer than there are pairs: each is put into words once."""

    topic: int
    words: bytes  # for each bare word 1 or 0
    phrases_in_title: tuple[bool, ...] = ()
    authors: tuple[str, ...] = ()  # as the paper spells them
    categories: tuple[str, ...] = ()


def explain(batch: Batch, index: TopicIndex, presence: Presence, topics: Ints, papers: Ints) -> list[str]:
    """Say for each pair of topic and paper, by position, why the paper belongs to the topic."""
    columns, places = index.words.of(topics)
    words = presence.has(papers[places], columns).tobytes()
    ends = np.cumsum(index.words.sizes[topics]).tolist()
    known: dict[_Found, str] = {}
    reasons, start = [], 0
    for topic, paper, end in zip(topics.tolist(), papers.tolist(), ends, strict=True):
        found = _Found(topic, words[start:end])
        if index.conditional[topic]:
            found = _conditions(batch, index, found, paper)
        reason = known.get(found)
        if reason is None:
            reason = known[found] = _reason(index.queries[topic], found)
        reasons.append(reason)
        start = end
    return reasons


def _conditions(batch: Batch, index: TopicIndex, found: _Found, paper: int) -> _Found:
    query, title = index.queries[found.topic], batch.texts.titles[paper]
    return _Found(
        found.topic,
        found.words,
        tuple([phrase in title for phrase in index.spelled_phrases[found.topic]]),
        _spelled(batch, [("author", name) for name in query.authors], paper),
        _spelled(batch, [("cat", name) for name in query.categories], paper),
    )


def _spelled(batch: Batch, facets: Iterable[Facet], paper: int) -> tuple[str, ...]:
    return tuple([spelled for facet in facets for spelled in batch.listed(facet).get(paper, ())])


def _reason(query: Query, found: _Found) -> str:
    text = matched_words(query.words, found.words)
    reasons = [text] if text else []
    reasons += phrase_reasons(query.phrases, found.phrases_in_title)
    reasons += [listed_reason("by", found.authors)] if found.authors else []
    reasons += [listed_reason("in", found.categories)] if found.categories else []
    return joined(reasons)


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
