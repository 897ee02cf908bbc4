"""By what a paper is known in addresses: its arXiv id, or else its DOI, or else our own number.

    /papers/2506.00001   /papers/hep-th/9901001   /papers/10.5555/abc   /papers/17

What a paper is known by can grow: the page of an older name leads to the newest.
"""

from collections.abc import Collection, Mapping

from digest.models.paper import Paper, PaperIdentifier
from digest.sources.identifiers import arxiv_id, doi
from digest.sources.listing import Scheme

SCHEMES = (Scheme.ARXIV, Scheme.DOI)  # the strongest first
MOST_DIGITS = 18  # of our own number


def public_ids(papers: Collection[int]) -> dict[int, str]:
    """Return what each of `papers`, by key, is known by; one query."""
    named = PaperIdentifier.objects.filter(paper__in=papers, scheme__in=SCHEMES).order_by("pk")
    found: dict[int, dict[str, str]] = {}
    for paper, scheme, value in named.values_list("paper_id", "scheme", "value"):
        found.setdefault(paper, {}).setdefault(scheme, value)
    return {paper: strongest(found.get(paper, {}), paper) for paper in papers}


def strongest(names: Mapping[str, str], paper: int) -> str:
    """Return which of its `names`, by scheme, a paper is known by; its own number where it has none that lasts."""
    return next((names[scheme] for scheme in SCHEMES if scheme in names), str(paper))


def known_paper(text: str) -> Paper | None:
    """Return the paper that `text` names by arXiv id, DOI or number: also a withdrawn or hidden one."""
    if text.isascii() and text.isdigit():
        return Paper.objects.filter(pk=int(text)).first() if len(text) <= MOST_DIGITS else None
    names = {Scheme.ARXIV: (arxiv_id(text) or ("", 1))[0], Scheme.DOI: doi(text) or ""}
    for scheme, value in names.items():
        paper = Paper.objects.filter(identifiers__scheme=scheme, identifiers__value=value).first() if value else None
        if paper:
            return paper
    return None
