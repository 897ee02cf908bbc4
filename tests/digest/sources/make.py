"""Entries as feedparser leaves them and items as JSON decodes them, sane unless told otherwise; all invented."""

from datetime import UTC, datetime
from typing import Any

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)

ABSTRACT = (
    "We ask how a model that was trained on one kind of text behaves on another, and find that most of what is lost "
    "comes back when a few hundred examples of the new kind are seen. The effect holds for three families of models "
    "and for texts of very different length, and it is strongest where the two kinds share the fewest words."
)
CITATION = (
    "Ida Lindgren , Tomas A. Berg , Wei Zhang , Maria de la Cruz , Piotr Nowak , Aiko Sato , John B. Miller , Anna "
    "Rossi Journal of Invented Results 2026.03.04; doi: https://doi.org/10.5555/jir.2026.17 Add to Selected Citations"
)


def make_arxiv_entry(**given: Any) -> dict[str, Any]:
    """Make an entry of arXiv's daily RSS: number, version, kind and abstract go where arXiv writes them."""
    number = given.pop("number", "2603.00001")
    version = given.pop("version", 1)
    kind = given.pop("kind", "new")
    abstract = given.pop("abstract", "We show that $n<p$ for all but finitely many cases.")
    stated = {
        "title": "On things that are not yet known",
        "link": f"https://arxiv.org/abs/{number}",
        "id": f"oai:arXiv.org:{number}v{version}",
        "summary": f"arXiv:{number}v{version} Announce Type: {kind} \nAbstract: {abstract}",
        "tags": [{"term": "cs.CL"}, {"term": "math.AG"}],
        "published": "Wed, 04 Mar 2026 00:00:00 -0500",
        "arxiv_announce_type": kind,
        "authors": [{"name": "Ida Lindgren, Wei Zhang"}],
    }
    return stated | given


def make_feed(**given: Any) -> dict[str, Any]:
    return {"title": "Journal of Invented Results", "link": "https://jir.example.org/"} | given


def make_entry(**given: Any) -> dict[str, Any]:
    """Make an entry of a journal's feed."""
    stated = {
        "title": "What comes back",
        "link": "https://jir.example.org/articles/17",
        "id": "https://jir.example.org/articles/17",
        "summary": ABSTRACT,
        "authors": [{"name": "Ida Lindgren"}, {"name": "Wei Zhang"}],
        "published": "Tue, 03 Mar 2026 08:30:00 GMT",
    }
    return stated | given


def make_daily_item(**given: Any) -> dict[str, Any]:
    """Make an item of the daily papers: what is given replaces the paper's own fields, "outer" those around it."""
    outer = given.pop("outer", {})
    paper = {
        "id": "2603.00001",
        "title": "What comes back",
        "summary": ABSTRACT,
        "authors": [{"name": "Ida Lindgren", "hidden": False}, {"name": "Wei Zhang", "hidden": False}],
        "publishedAt": "2026-03-01T00:00:00.000Z",
        "submittedOnDailyAt": "2026-03-04T00:00:00.000Z",
        "upvotes": 12,
        "githubStars": 340,
    }
    around = {"title": "What comes back", "publishedAt": "2026-02-28T19:00:00.000Z", "numComments": 3}
    return {"paper": paper | given} | around | dict(outer)
