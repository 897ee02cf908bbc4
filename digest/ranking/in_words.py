"""A query in a sentence: what a paper must have, or should, to belong to it. For the pages that explain a topic."""

from collections.abc import Sequence

from digest.ranking.query import Query


def in_words(query: Query) -> str:
    """Return which papers belong to `query`: "Papers that say “few shot”, in cs.CL or cs.LG, without “robots”." """
    text = _text(query)
    authors = f"by {_any(query.authors)}" if query.authors else ""
    categories = f"in {_any(query.categories)}" if query.categories else ""
    left_out = [*_quoted(query.excluded_words + query.excluded_phrases)]
    left_out += [f"the category {name}" for name in query.excluded_categories]
    left_out += [f"the author {name}" for name in query.excluded_authors]
    without = f"without {_any(left_out)}" if left_out else ""
    first, *more = filter(None, [text, authors, categories, without])
    return ", ".join([f"Papers {first}", *more]) + _how(query)


def _text(query: Query) -> str:
    if query.phrases:
        return f"that say {_all(_quoted(query.phrases))}"
    return f"about {' '.join(query.words)}" if query.words else ""


def _how(query: Query) -> str:
    """Return how the words count, as `digest.ranking.matching` counts them."""
    if query.phrases and query.words:
        return f". The more they say of {' '.join(query.words)}, the better."
    if len(query.words) > 1:
        return ". The more of these words a paper has, and the nearer they stand together, the better."
    if query.words:
        return ". The word stands in the title, or comes more than once."
    return "."


def _quoted(phrases: Sequence[str]) -> list[str]:
    return [f"“{phrase}”" for phrase in phrases]


def _any(names: Sequence[str]) -> str:
    return _listed(names, "or")


def _all(names: Sequence[str]) -> str:
    return _listed(names, "and")


def _listed(names: Sequence[str], last: str) -> str:
    *before, end = names
    return f"{', '.join(before)} {last} {end}" if before else end
