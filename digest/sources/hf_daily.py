"""The daily papers of Hugging Face, as `GET /api/daily_papers` answers: what was listed when, and the attention it got.

The list and each item come as JSON decodes them. Fields that do not apply are left out there, never null. Another
Broadsheet answers the same, with `doi`, `url` and `pdfUrl` besides, and with papers that are not of arXiv.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from digest.sources.collect import collect
from digest.sources.dates import day, moment
from digest.sources.identifiers import arxiv_id, doi, identify
from digest.sources.listing import Listing, Parsed, Reading, SignalKind

MAX_READING = 2**31 - 1  # beyond any paper's attention, and what a database holds


def read(items: Sequence[object]) -> Parsed:
    listings, skipped = collect(items, _listing)
    days = [listing.announced_on for listing in listings if listing.announced_on]
    return Parsed(
        kind="hf-daily",
        title="Hugging Face daily papers",
        url="",
        listings=listings,
        skipped=skipped,
        announced_on=max(days, default=None),
    )


def _listing(item: object) -> Listing:
    if not isinstance(item, Mapping) or not isinstance(item.get("paper"), Mapping):
        raise ValueError("no paper in this item")
    paper = item["paper"]
    title = _text(paper, "title") or _text(item, "title")
    arxiv, _ = arxiv_id(_text(paper, "id")) or ("", 1)
    work, page = doi(_text(paper, "doi")) or doi(_text(paper, "id")), _text(paper, "url")
    identifiers = identify(title="", arxiv=arxiv, doi=work, urls=[page])
    if not identifiers:
        raise ValueError(f"no arXiv identifier, DOI or address: {_text(paper, 'id')!r}")
    if not title.strip():
        raise ValueError(f"no title: {identifiers[0].value}")
    return Listing(
        title=title,
        identifiers=identifiers,
        abstract=_text(paper, "summary") or _text(item, "summary"),
        authors=tuple(_authors(paper)),
        url=page or (f"https://arxiv.org/abs/{arxiv}" if arxiv else f"https://doi.org/{work}"),
        pdf_url=_text(paper, "pdfUrl") or (f"https://arxiv.org/pdf/{arxiv}" if arxiv else ""),
        # The outer publishedAt is shifted against the paper's own; it only helps where the day of listing is missing.
        announced_on=day(_text(paper, "submittedOnDailyAt")) or day(_text(item, "publishedAt")),
        submitted_at=moment(_text(paper, "publishedAt")),
        readings=tuple(_readings(item, paper)),
    )


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    return value if isinstance(value, str) else ""


def _authors(paper: Mapping[str, Any]) -> list[str]:
    people = paper.get("authors")
    shown = [person for person in people if isinstance(person, Mapping)] if isinstance(people, list) else []
    return [name for person in shown if person.get("hidden") is not True and (name := _text(person, "name").strip())]


def _readings(item: Mapping[str, Any], paper: Mapping[str, Any]) -> list[Reading]:
    stated = (
        (SignalKind.UPVOTES, paper.get("upvotes")),
        (SignalKind.COMMENTS, item.get("numComments")),
        (SignalKind.STARS, paper.get("githubStars")),
    )
    return [
        Reading(kind, value)
        for kind, value in stated
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_READING
    ]
