"""The web page of one paper, as it describes itself to machines: Highwire tags, Dublin Core, JSON-LD or OpenGraph.

Of these the first that states a title and authors is believed; what it leaves out, the others fill. A page that states
none of this is no page of a paper, however it looks to people: who asked is told what to paste instead.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple
from urllib.parse import urljoin

from lxml import etree

from digest.sources.dates import moment, past
from digest.sources.identifiers import arxiv_id, canonical_url, doi, identify, pmid
from digest.sources.listing import Listing, Parsed
from digest.sources.markup import plain_text
from digest.sources.names import inverted, split_names

MAX_BYTES = 5_000_000
MAX_TAGS = 2000  # of a page, and authors among them
NO_PAPER = "the page does not say in its tags that it is about a paper, with a title and authors"
_ARTICLES = ("scholarlyarticle", "medicalscholarlyarticle", "article", "techarticle", "report", "thesis")

Tags = dict[str, list[str]]


class Stated(NamedTuple):
    """What one vocabulary says of the paper: "" and () for what it leaves out."""

    title: str = ""
    authors: tuple[str, ...] = ()
    abstract: str = ""
    names: tuple[str, ...] = ()  # identifiers, in any spelling
    date: str = ""
    venue: str = ""
    pdf_url: str = ""

    @property
    def is_paper(self) -> bool:
        return bool(self.title and self.authors)


def read(page: bytes, *, url: str, now: datetime) -> Parsed:
    """Return the paper that the page at `url` is about. Raises ValueError for what is no page of a paper."""
    if page.lstrip().startswith(b"%PDF"):
        raise ValueError("this is a PDF, which cannot be read here")
    tags, data = _described(page[:MAX_BYTES])
    stated = (_highwire(tags), _dublin_core(tags), _json_ld(data), _open_graph(tags))
    first = next((one for one in stated if one.is_paper), None)
    if first is None:
        raise ValueError(NO_PAPER)
    listing = _listing(first, stated, url, now)
    return Parsed("paper-page", first.venue, "", (listing,), announced_on=listing.announced_on)


def _listing(first: Stated, stated: tuple[Stated, ...], url: str, now: datetime) -> Listing:
    names = [name for one in stated for name in one.names]
    arxiv = next(filter(None, map(arxiv_id, names)), None)
    pdf_url = _link(next((one.pdf_url for one in stated if one.pdf_url), ""), url)
    return Listing(
        title=first.title,
        identifiers=identify(
            title=first.title,
            authors=first.authors,
            arxiv=arxiv[0] if arxiv else None,
            doi=next(filter(None, map(doi, names)), None),
            pmid=next(filter(None, map(pmid, names)), None),
            urls=[url],
        ),
        abstract=first.abstract or next((one.abstract for one in stated if one.abstract), ""),
        authors=first.authors,
        url=url,
        pdf_url=pdf_url,
        venue=first.venue or next((one.venue for one in stated if one.venue), ""),
        announced_on=_day(next((one.date for one in stated if one.date), ""), now),
    )


def _described(page: bytes) -> tuple[Tags, list[Any]]:
    """Return the page's meta tags by name in lower case, in their order, and what its JSON-LD holds."""
    try:
        page.decode()
        encoding = "utf-8"
    except UnicodeDecodeError:
        encoding = None  # as the page says itself
    parser = etree.HTMLParser(encoding=encoding, no_network=True, huge_tree=False, remove_comments=True)
    try:
        root = etree.fromstring(page, parser)
    except (etree.LxmlError, ValueError) as error:
        raise ValueError(NO_PAPER) from error
    tags: Tags = {}
    data: list[Any] = []
    if root is None:
        return tags, data
    for count, element in enumerate(root.iter("meta", "script")):
        if count >= MAX_TAGS:
            break
        if element.tag == "script":
            data += _data(element)
            continue
        name, said = element.get("name") or element.get("property"), plain_text(element.get("content") or "")
        if name and said:
            tags.setdefault(name.strip().lower().removeprefix("bepress_"), []).append(said)
    return tags, data


def _data(script: Any) -> list[Any]:
    if (script.get("type") or "").strip().lower() != "application/ld+json" or not script.text:
        return []
    try:
        return [json.loads(script.text)]
    except (ValueError, RecursionError):  # one that is broken says nothing
        return []


def _first(tags: Tags, *names: str) -> str:
    return next((tags[name][0] for name in names if name in tags), "")


def _all(tags: Tags, *names: str) -> tuple[str, ...]:
    return tuple(said for name in names for said in tags.get(name, ()))


def _highwire(tags: Tags) -> Stated:
    people = [inverted(name) for name in _all(tags, "citation_author")]
    if not people and (together := _first(tags, "citation_authors")):
        people = split_names(together)
    numbers = [f"pmid:{number}" for number in _all(tags, "citation_pmid")]
    return Stated(
        title=_first(tags, "citation_title"),
        authors=tuple(people),
        abstract=_first(tags, "citation_abstract"),
        names=(*_all(tags, "citation_doi", "citation_arxiv_id"), *numbers),
        date=_first(tags, "citation_online_date", "citation_publication_date", "citation_date"),
        venue=_first(tags, "citation_journal_title", "citation_conference_title", "citation_inbook_title"),
        pdf_url=_first(tags, "citation_pdf_url"),
    )


def _dublin_core(tags: Tags) -> Stated:
    plain = {
        name.removeprefix("dcterms.").removeprefix("dc.").partition(".")[0]: said
        for name, said in reversed(tags.items())
        if name.startswith(("dc.", "dcterms."))
    }
    return Stated(
        title=_first(plain, "title"),
        authors=tuple(inverted(name) for name in _all(plain, "creator")),
        abstract=_first(plain, "abstract", "description"),
        names=_all(plain, "identifier"),
        date=_first(plain, "issued", "date"),
        venue=_first(plain, "source", "publisher"),
    )


def _open_graph(tags: Tags) -> Stated:
    is_article = _first(tags, "og:type").lower() == "article"
    people = [name for name in _all(tags, "article:author", "author") if "://" not in name] if is_article else []
    return Stated(
        title=_first(tags, "og:title"),
        authors=tuple(dict.fromkeys(people)),
        abstract=_first(tags, "og:description", "description"),
        date=_first(tags, "article:published_time"),
        venue=_first(tags, "og:site_name"),
    )


def _json_ld(data: list[Any]) -> Stated:
    for fields in _things(data):
        kinds = fields.get("@type")
        named = [kind.lower() for kind in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(kind, str)]
        if any(kind in _ARTICLES for kind in named):
            stated = _article(fields)
            if stated.is_paper:
                return stated
    return Stated()


def _things(data: list[Any]) -> Iterator[Mapping[str, Any]]:
    """Yield what JSON-LD describes: a thing, several, or those of a graph."""
    for found in data:
        for thing in found if isinstance(found, list) else [found]:
            if isinstance(thing, Mapping):
                yield thing
                graph = thing.get("@graph")
                yield from (one for one in graph if isinstance(one, Mapping)) if isinstance(graph, list) else ()


def _article(fields: Mapping[str, Any]) -> Stated:
    return Stated(
        title=_said(fields, "headline", "name"),
        authors=tuple(_people(fields.get("author"))),
        abstract=_said(fields, "abstract", "description"),
        names=tuple(filter(None, (_said(fields, name) for name in ("sameAs", "identifier", "@id")))),
        date=_said(fields, "datePublished", "dateCreated"),
        venue=_said(fields, "isPartOf", "publisher"),
    )


def _said(fields: Mapping[str, Any], *names: str) -> str:
    """Return the first of these that is a text, or a thing with a name or a value."""
    for name in names:
        value = fields.get(name)
        value = value[0] if isinstance(value, list) and value else value
        if isinstance(value, Mapping):
            value = value.get("name") or value.get("value")
        if isinstance(value, str) and value.strip():
            return plain_text(value)
    return ""


def _people(found: object) -> Iterator[str]:
    for person in found if isinstance(found, list) else [found]:
        name = person.get("name") if isinstance(person, Mapping) else person
        if isinstance(name, str) and name.strip() and "://" not in name:
            yield plain_text(name)


def _link(text: str, base: str) -> str:
    try:
        return canonical_url(urljoin(base, text)) or "" if text else ""
    except ValueError:
        return ""


def _day(text: str, now: datetime) -> date | None:
    """Return the day that a page names, as "2026/03/04" too; None for a month or a year, and for a day to come."""
    found = past(moment(text.replace("/", "-")), now)
    return found.date() if found else None
