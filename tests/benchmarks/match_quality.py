"""How well matching ranks papers for a topic, by the three saved topic pages: one JSON line per figure.

The collection is the papers of all pages, each once however many pages list it; relevant for a topic are the papers of
its page. Every ranking covers the whole collection, papers without any word of the topic last, in collection order;
"map_found" is stricter and counts those as never found. Goal: map >= 0.77, ndcg20 >= 0.95.
"""

from math import log2
from pathlib import Path
from statistics import mean

from digest.ranking.matching import Background, Document, Hit, match
from digest.ranking.query import parse_query
from tests.benchmarks.setting import DATA, report

PAGES = DATA / "hf_topic_pages"
QUERIES = {"000": "transfer adaptation", "002": "adaptive instance normalization", "003": "knowledge transfer"}
HEADER_LINES = 2


def read_page(path: Path) -> list[tuple[str, str]]:
    """Return the (title, abstract) pairs of a page of layout A."""
    lines = path.read_text(encoding="utf-8").splitlines()[HEADER_LINES:]
    lines[0] = lines[0].removeprefix("Subscribe")
    return list(zip(lines[::2], lines[1::2], strict=True))


def read_collection() -> tuple[list[Document], dict[str, set[int]]]:
    """Return each distinct paper once, and for each query the keys of the papers of its page."""
    keys: dict[tuple[str, str], int] = {}
    relevant: dict[str, set[int]] = {}
    for number, query in QUERIES.items():
        (path,) = PAGES.glob(f"{number}_*.txt")
        relevant[query] = {keys.setdefault(paper, len(keys)) for paper in read_page(path)}
    return [Document(key, title, abstract) for (title, abstract), key in keys.items()], relevant


def average_precision(ranking: list[int], relevant: set[int]) -> float:
    ranks = [rank for rank, key in enumerate(ranking, start=1) if key in relevant]
    return sum(found / rank for found, rank in enumerate(ranks, start=1)) / len(relevant)


def ndcg(ranking: list[int], relevant: set[int], depth: int = 20) -> float:
    """Return the normalised discounted cumulative gain of the first `depth` places; a paper is worth 1 or 0."""
    gains = [1 / log2(rank + 1) for rank in range(1, depth + 1)]
    found = sum(gain for gain, key in zip(gains, ranking, strict=False) if key in relevant)
    return found / sum(gains[: len(relevant)])


def figures(hits: list[Hit], passed: list[Hit], documents: list[Document], relevant: set[int]) -> dict[str, float]:
    found = [hit.paper for hit in hits]
    ranking = found + sorted({paper.key for paper in documents}.difference(found))
    chosen = [hit.paper in relevant for hit in passed]
    return {
        "map": average_precision(ranking, relevant),
        "map_found": average_precision(found, relevant),
        "ndcg20": ndcg(ranking, relevant),
        "precision_at_bar": mean(chosen),
        "recall_at_bar": sum(chosen) / len(relevant),
    }


def measured() -> dict[str, dict[str, float]]:
    """Return the figures of each query."""
    documents, relevant = read_collection()
    topics = [(number, parse_query(query)) for number, query in enumerate(relevant)]
    background = Background.of(documents)
    hits = match(documents, topics, background, bar=0, keep=None)
    passed = match(documents, topics, background, keep=None)
    rows = {}
    for number, (query, keys) in enumerate(relevant.items()):
        found, chosen = ([hit for hit in group if hit.topic == number] for group in (hits, passed))
        rows[query] = figures(found, chosen, documents, keys)
    return rows


def main() -> None:
    if not PAGES.is_dir():
        report("match_quality", skipped="needs ../shared/data")
        return
    rows = measured()
    for query, row in rows.items():
        report("match_quality", query=query, **row)
    for name in next(iter(rows.values())):
        report(name, value=mean(row[name] for row in rows.values()))


if __name__ == "__main__":
    main()
