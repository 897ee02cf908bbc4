"""How well matching ranks papers for a topic: prints one JSON line per figure.

The collection is the three saved topic pages of `../shared/data/hf_topic_pages`, each paper once however many pages
list it; relevant for a topic are the papers of its page. Every ranking covers the whole collection, papers without any
word of the topic last, in collection order ("map_found" counts those as never found).

    .venv/bin/python tests/benchmarks/match_quality.py
"""

import json
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from digest.ranking.matching import DEFAULT_BAR, Background, Document, match  # noqa: E402
from digest.ranking.query import parse_query  # noqa: E402

PAGES = ROOT.parent / "shared" / "data" / "hf_topic_pages"
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
    """Return the normalised discounted cumulative gain of the first `depth` places, all relevant papers worth the same."""
    gains = 1 / np.log2(np.arange(2, depth + 2))
    found = np.array([key in relevant for key in ranking[:depth]])
    return float(gains[found].sum() / gains[: len(relevant)].sum())


def main() -> None:
    if not PAGES.is_dir():
        sys.exit(f"{PAGES} is not here: the figures need the saved topic pages")
    documents, relevant = read_collection()
    topics = [(number, parse_query(query)) for number, query in enumerate(relevant)]
    hits = match(documents, topics, Background.of(documents), bar=0, keep=None)
    figures: dict[str, list[float]] = {"map": [], "map_found": [], "ndcg20": [], "precision_at_bar": []}
    for number, (query, keys) in enumerate(relevant.items()):
        found = [hit.paper for hit in hits if hit.topic == number]
        ranking = found + sorted({paper.key for paper in documents}.difference(found))
        chosen = [hit.paper in keys for hit in hits if hit.topic == number and hit.score >= DEFAULT_BAR]
        row = (average_precision(ranking, keys), average_precision(found, keys), ndcg(ranking, keys), np.mean(chosen))
        for name, value in zip(figures, row, strict=True):
            figures[name].append(float(value))
            print(json.dumps({"figure": name, "query": query, "value": round(float(value), 4)}))
    for name, values in figures.items():
        print(json.dumps({"figure": name, "papers": len(documents), "value": round(float(np.mean(values)), 4)}))


if __name__ == "__main__":
    main()
