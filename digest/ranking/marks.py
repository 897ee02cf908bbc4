"""What is written of a paper into the index of the search: words that a database can look for.

A stem is there as it is ("neural"), and once more with a number for every level of richness that it reaches in this
paper ("neural~3"): so the database can look for papers that are full of a word, without weighing any. Neighbours in
the text are there as a pair ("neural+network~1"), from the first level on, which is what a title has. Categories are
"cat:cs.cl" and, where they are the primary one, "first:cs.cl", their archives too; an author is "by:lovelace", and
"by:lovelace:a" for each initial. What a query makes of this is told in `digest.ranking.ladder`.

How rich a paper is in a term is what BM25 looks at: how often it comes, by weight, for the length of the paper. The
length is taken in units of USUAL_LENGTH here, because what is usual in a library changes; `ladder` allows for that.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from urllib.parse import quote

from digest.ranking.authors import parse_name, places
from digest.ranking.corpus import TITLE_WEIGHT, USUAL_LENGTH
from digest.ranking.matching import K1, B
from digest.ranking.text import is_term

# From which richness on a term is on level 1, 2, 3...; on level 0 it is there at all. Once in a paper of usual length
# is 0.8, in its title 2.5, and 1.27 is what a topic of one word asks for.
LEVELS = (0.0, 1.2, 2.2, 3.5, 5.5, 8.0, 12.0)
LONGEST = 100  # characters of a mark, of which the databases take some thousands at most
MOST = 6000  # marks of a paper


def mark(term: Sequence[str], level: int = 0) -> str:
    """Return how the index spells a word, or a pair, that is on this level or above."""
    name = "+".join(token[:LONGEST] for token in term)
    return f"{name}~{level}" if level else name


def category_mark(name: str, *, first: bool = False) -> str:
    """Return how the index spells a category or an archive: in one word, whatever it is made of."""
    spelled = quote(" ".join(name.casefold().split()), safe="")
    return f"{'first' if first else 'cat'}:{spelled[:LONGEST]}"


def author_mark(surname: str, initial: str) -> str:
    return f"by:{surname[:LONGEST]}:{initial}" if initial else f"by:{surname[:LONGEST]}"


def marks(
    title: Sequence[str], abstract: Sequence[str], authors: Iterable[str], categories: Sequence[str]
) -> list[str]:
    """Return all that the index holds of a paper with these tokens, authors and categories; each once."""
    counts: Counter[tuple[str, ...]] = Counter()
    for field, weight in ((title, TITLE_WEIGHT), (abstract, 1)):
        for token in field:
            counts[(token,)] += weight
        for pair in pairwise(field):
            counts[pair] += weight
    length = sum(count for term, count in counts.items() if len(term) == 1 and is_term(term[0]))
    norm = K1 * (1 - B + B * length / USUAL_LENGTH)
    found = dict.fromkeys(_of_names(authors, categories))
    for term, count in counts.items():
        if all(map(is_term, term)):
            least = 0 if len(term) == 1 else 1
            for level in range(least, len(LEVELS)):
                if count < LEVELS[level] * norm:
                    break
                found[mark(term, level)] = None
    return list(found)[:MOST]


def _of_names(authors: Iterable[str], categories: Sequence[str]) -> Iterator[str]:
    for place, category in enumerate(categories):
        name = " ".join(category.casefold().split())
        for part in (name, name.partition(".")[0]):
            if part:
                yield category_mark(part)
                # The primary one may be listed under its archive by another of the paper's categories, too.
                if place == 0:
                    yield category_mark(part, first=True)
    for author in authors:
        for surname, initial in places(parse_name(author)):
            if surname:
                yield author_mark(surname, initial)
