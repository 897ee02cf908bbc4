"""What "more like this" and "less like this" do to the order of papers that the reader has not seen: JSON lines.

A simulated reader follows everything in a collection, asks for more of k papers of one theme and less of k of another.
Held out are all other papers (of later days, where there are days); relevant are those of the wanted theme. Three
collections: the saved topic pages, and real arXiv days by the papers' own categories, first and cross-listed. Goal:
the mean average precision never falls with more feedback.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from math import exp
from random import Random
from statistics import mean

from digest.ranking.matching import Background, Document, match
from digest.ranking.query import parse_query
from digest.ranking.taste import STRENGTH, Vectors
from tests.benchmarks.match_quality import PAGES, average_precision, ndcg, read_collection
from tests.benchmarks.setting import report
from tests.digest.ranking.real import real_documents

VOTES = (0, 1, 3, 10)
SAMPLE = 1000
FIRST = ("cs.SD", "eess.IV", "cs.RO", "cs.IR", "cs.GR")
CROSS = ("cs.IR", "cs.CY", "cs.HC", "cs.CV", "cs.SE", "cs.CR", "cs.SI")


@dataclass(frozen=True)
class Collection:
    """Papers with their worth without feedback, by key, and the themes that a reader may want."""

    name: str
    documents: list[Document]
    worth: Mapping[int, float]
    themes: Sequence[set[int]]
    voted_on: set[int]  # only these get votes
    held_out: set[int]  # only these are ranked
    sample: list[Document]


def pages() -> Collection:
    documents, relevant = read_collection()
    topics = [(number, parse_query(query)) for number, query in enumerate(relevant)]
    worth = dict.fromkeys((paper.key for paper in documents), 0.01)
    for hit in match(documents, topics, Background.of(documents), bar=0, keep=None):
        worth[hit.paper] = max(worth[hit.paper], hit.score)
    return Collection("topic_pages", documents, worth, list(relevant.values()), set(worth), set(worth), documents)


def days(name: str, themes: Mapping[str, set[int]], papers: list[Document]) -> Collection:
    """Votes fall in the first half of the days, and the second is ranked; the worth is by chance, as in `choose`."""
    chosen = [paper for paper in papers if any(paper.key in keys for keys in themes.values())]
    dice = Random(name)  # noqa: S311 - the same figures on every run
    worth = {paper.key: dice.uniform(0.46, 1) for paper in chosen}
    early = {paper.key for paper in chosen[: len(chosen) // 2]}
    return Collection(name, chosen, worth, list(themes.values()), early, set(worth) - early, papers[-SAMPLE:])


def collections() -> Iterator[Collection]:
    yield pages()
    papers = real_documents()
    first = {name: {paper.key for paper in papers if paper.categories[:1] == (name,)} for name in FIRST}
    yield days("first_category", first, papers)
    linguistics = [paper for paper in papers if "cs.CL" in paper.categories]
    cross = {name: {paper.key for paper in linguistics if name in paper.categories} for name in CROSS}
    yield days("cross_listed", cross, papers)


def measured(collection: Collection) -> dict[int, tuple[float, float]]:
    """Return the means of average precision and nDCG of all readers, by the number of votes."""
    vectors = Vectors(collection.sample)
    vectors.add(collection.documents)
    found: dict[int, list[tuple[float, float]]] = {votes: [] for votes in VOTES}
    for number, (wanted, unwanted) in enumerate(permutations(collection.themes, 2)):
        dice = Random(number)  # noqa: S311
        groups = [sorted((a - b) & collection.voted_on) for a, b in ((wanted, unwanted), (unwanted, wanted))]
        if min(map(len, groups)) < max(VOTES):
            continue
        for _ in range(5):
            more, less = (dice.sample(group, max(VOTES)) for group in groups)
            ranked = collection.held_out - {*more, *less}
            for votes in VOTES:
                said = dict.fromkeys(more[:votes], True) | dict.fromkeys(less[:votes], False)
                tastes = vectors.tastes(said, ranked)
                worth = {key: collection.worth[key] * exp(STRENGTH * tastes[key]) for key in ranked}
                order = sorted(ranked, key=lambda key, worth=worth: (-worth[key], key))  # type: ignore[misc]
                found[votes].append((average_precision(order, wanted & ranked), ndcg(order, wanted & ranked)))
    return {votes: (mean(row[0] for row in rows), mean(row[1] for row in rows)) for votes, rows in found.items()}


def main() -> None:
    if not PAGES.is_dir():
        report("taste", skipped="needs ../shared/data")
        return
    for collection in collections():
        figures = measured(collection)
        for votes, (precision, gain) in figures.items():
            report("taste", collection=collection.name, papers=len(collection.documents), votes_each=votes,
                   map=precision, ndcg20=gain)  # fmt: skip
        order = [precision for precision, _ in figures.values()]
        report("taste_never_worse", collection=collection.name, holds=order == sorted(order))


if __name__ == "__main__":
    main()
