"""What a search shows after its matches: papers without any word of the topic that speak of the same things.

Pseudo-relevance feedback (Rocchio, Relevance Feedback in Information Retrieval, 1971): the words that set the best
matches apart become a query of their own. Its papers come after all matches, never among them, because mixed into the
score it made the order worse; digests do not use it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from digest.ranking.corpus import TITLE_WEIGHT, Background, Document, Terms
from digest.ranking.query import Query
from digest.ranking.text import is_term, stem, words

FEEDBACK_PAPERS = 40
FEEDBACK_WORDS = 50
TELLING_WORDS = 8  # of one paper
LEAST_PAPERS = 2  # a word of one paper alone says nothing of the topic


def related_query(query: Query, best: Sequence[Document], background: Background) -> Query | None:
    """Return a query for what `best`, the first matches of `query`, have in common; None where that makes no sense.

    Only bare words have such neighbours: who writes a phrase, a name or a category means just that.
    """
    if not query.words or query.phrases:
        return None
    own = {stem(word) for word in query.words}
    spelled: dict[str, str] = {}
    papers: Counter[str] = Counter()
    for paper in best[:FEEDBACK_PAPERS]:
        found = {stem(word): word for word in words(f"{paper.title} {paper.abstract}")}
        spelled |= found
        papers.update(token for token in found if is_term(token) and token not in own)
    shared = [token for token, count in papers.items() if count >= LEAST_PAPERS]
    rarity = dict(zip(shared, background.rarity(Terms((token,) for token in shared)), strict=True))
    telling = sorted(shared, key=lambda token: (-papers[token] * rarity[token], token))[:FEEDBACK_WORDS]
    return replace(query, words=tuple(spelled[token] for token in telling)) if telling else None


def telling_query(paper: Document, background: Background) -> Query | None:
    """Return a query of the words that tell most of one paper: rare ones, and those it comes back to."""
    counts: Counter[str] = Counter()
    spelled: dict[str, str] = {}
    for text, weight in ((paper.title, TITLE_WEIGHT), (paper.abstract, 1)):
        for word in words(text):
            if is_term(token := stem(word)):
                counts[token] += weight
                spelled.setdefault(token, word)
    rarity = dict(zip(counts, background.rarity(Terms((token,) for token in counts)), strict=True))
    telling = sorted(counts, key=lambda token: (-counts[token] * rarity[token], token))[:TELLING_WORDS]
    return Query(words=tuple(spelled[token] for token in telling)) if telling else None
