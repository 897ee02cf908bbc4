"""How a broad topic could be narrower: what a good part of its papers share, and other papers do not."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from itertools import chain, pairwise
from typing import NamedTuple

import numpy as np

from digest.ranking.batch import Batch
from digest.ranking.clauses import QueryError
from digest.ranking.corpus import Terms
from digest.ranking.query import Query, parse_query
from digest.ranking.text import is_term, stem, words

LOOKED_AT = 30  # papers in which pairs of words are sought; they are then counted in all
LEAST, MOST = 0.1, 0.7  # of the topic's papers share it: less would be a topic of its own, more would not narrow
TELLING = 3.0  # times as frequent in the topic's papers as in all
PHRASES, CATEGORIES = 3, 2  # offered at most
_CANDIDATES = 100
_LINKS = frozenset(("across", "based", "between", "both", "over", "two"))  # name nothing, beside words that do
_COMPOUND = re.compile(r"\w+(?:-\w+)+")  # "generating high-quality images" is not about "generating high"
_PARTS = re.compile(r"[^\w\s'’-]+")  # no pair reaches across punctuation: "language models (LLMs)"
_PLAIN = re.compile(r"[\w.-]+")


Pair = tuple[str, str]  # of stems


class Narrower(NamedTuple):
    """A way to narrow a topic: what it adds, in words, and the topic with it."""

    adds: str
    text: str


def narrower(text: str, query: Query, batch: Batch, papers: Sequence[int]) -> list[Narrower]:
    """Return ways to narrow `text`, whose query brings the papers at these positions of the batch."""
    if not papers or not (query.words or query.phrases or query.categories):
        return []
    ways = [] if query.categories else _by_category(text, batch, papers)
    ways += [Narrower(f"with “{phrase}”", f'{text} "{phrase}"') for phrase in _phrases(query, batch, papers)]
    return [way for way in ways if _can_be_read(way.text)]


def _by_category(text: str, batch: Batch, papers: Sequence[int]) -> list[Narrower]:
    counts = Counter(name for paper in papers for name in dict.fromkeys(batch.documents[paper].categories))
    shared = [name for name, count in counts.most_common() if LEAST <= count / len(papers) <= MOST and '"' not in name][
        :CATEGORIES
    ]
    return [
        Narrower(f"in {name}", f"{text} cat:{name}" if _PLAIN.fullmatch(name) else f'{text} cat:"{name}"')
        for name in shared
    ]


def _phrases(query: Query, batch: Batch, papers: Sequence[int]) -> list[str]:
    """Return pairs of words, the most telling first."""
    own = {stem(word) for word in (*query.words, *" ".join(query.phrases).split())}
    spelled: dict[Pair, str] = {}
    counts: Counter[Pair] = Counter()
    for paper in papers[:: math.ceil(len(papers) / LOOKED_AT)]:
        found = _pairs(batch, paper)
        spelled |= found
        counts.update(pair for pair in found if not own.issuperset(pair))
    telling = _telling(batch, papers, [pair for pair, count in counts.most_common(_CANDIDATES) if count > 1])
    return [spelled[pair] for pair in sorted(telling, key=lambda pair: (-telling[pair], pair))[:PHRASES]]


def _telling(batch: Batch, papers: Sequence[int], pairs: Sequence[Pair]) -> dict[Pair, float]:
    """Return of these pairs those that set these papers apart, with what they are worth."""
    table = Terms(pairs).count(batch.texts) > 0
    among, everywhere = ((rows.sum(axis=0) / rows.shape[0]).tolist() for rows in (table[np.asarray(papers)], table))
    return {
        pair: share * math.log(share / seen)
        for pair, share, seen in zip(pairs, among, everywhere, strict=True)
        if LEAST <= share <= MOST and share >= TELLING * seen
    }


def _pairs(batch: Batch, paper: int) -> dict[Pair, str]:
    """Return the pairs of neighbouring words of content in a paper, by their stems."""
    document = batch.documents[paper]
    parts = _PARTS.split(_COMPOUND.sub(r". \g<0>. ", f"{document.title}. {document.abstract}"))
    return {
        pair: f"{first} {second}"
        for first, second in chain.from_iterable(pairwise(words(part)) for part in parts)
        if _names_something(first, second) and all(map(is_term, pair := (stem(first), stem(second))))
    }


def _names_something(first: str, second: str) -> bool:
    return min(len(first), len(second)) > 1 and _LINKS.isdisjoint((first, second))


def _can_be_read(text: str) -> bool:
    try:
        return bool(parse_query(text))
    except QueryError:
        return False
