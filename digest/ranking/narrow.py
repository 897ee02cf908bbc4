"""How a broad topic could be narrower: what a good part of its papers share, and other papers do not."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from digest.ranking.batch import Batch
from digest.ranking.clauses import QueryError
from digest.ranking.corpus import Terms
from digest.ranking.query import Query, parse_query
from digest.ranking.text import is_term, stem, words

LOOKED_AT = 60  # papers: more say the same, and reading them takes the time of somebody who types
LEAST, MOST = 0.1, 0.7  # of the topic's papers share it: less would be a topic of its own, more would not narrow
TELLING = 3.0  # times as frequent in the topic's papers as in all
PHRASES, CATEGORIES = 3, 2  # offered at most
_CANDIDATES = 40
_PLAIN = re.compile(r"[\w.-]+")


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
    shared = [name for name, count in counts.most_common() if LEAST <= count / len(papers) <= MOST][:CATEGORIES]
    return [
        Narrower(f"in {name}", f"{text} cat:{name}" if _PLAIN.fullmatch(name) else f'{text} cat:"{name}"')
        for name in shared
    ]


def _phrases(query: Query, batch: Batch, papers: Sequence[int]) -> list[str]:
    """Return pairs of words, the most telling first."""
    looked_at = papers[:: math.ceil(len(papers) / LOOKED_AT)]
    own = {stem(word) for word in (*query.words, *" ".join(query.phrases).split())}
    spelled: dict[tuple[str, str], str] = {}
    counts: Counter[tuple[str, str]] = Counter()
    for paper in looked_at:
        found = _pairs(batch, paper)
        spelled |= found
        counts.update(pair for pair in found if not own.issuperset(pair))
    common = [
        (pair, count / len(looked_at))
        for pair, count in counts.most_common(_CANDIDATES)
        if count > 1 and LEAST <= count / len(looked_at) <= MOST
    ]
    telling = _telling(batch, dict(common))
    return [spelled[pair] for pair in sorted(telling, key=lambda pair: (-telling[pair], pair))[:PHRASES]]


def _telling(batch: Batch, shares: dict[tuple[str, str], float]) -> dict[tuple[str, str], float]:
    """Return of these pairs, with their shares among the topic's papers, those that set these papers apart."""
    table = Terms(shares).count(batch.texts)
    everywhere = [count / len(batch.documents) for count in (table > 0).sum(axis=0).tolist()]
    gains = {pair: share / seen for (pair, share), seen in zip(shares.items(), everywhere, strict=True) if seen}
    return {pair: shares[pair] * math.log(gain) for pair, gain in gains.items() if gain >= TELLING}


def _pairs(batch: Batch, paper: int) -> dict[tuple[str, str], str]:
    """Return the pairs of neighbouring words of content in a paper, by their stems."""
    document = batch.documents[paper]
    return {
        pair: f"{first} {second}"
        for field in (document.title, document.abstract)
        for first, second in pairwise(words(field))
        if all(map(is_term, pair := (stem(first), stem(second)))) and not any(map(str.isdigit, (first, second)))
    }


def _can_be_read(text: str) -> bool:
    try:
        return bool(parse_query(text))
    except QueryError:
        return False
