"""Any other feed of papers: RSS, Atom or RDF with PRISM and Dublin Core, as journals, PubMed and bioRxiv write them.

Entries come as feedparser leaves them, with sanitising off: titles and texts are HTML more or less, and become plain
text here. The feed's own author is nobody's author, and an address that several papers share is nobody's address.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urljoin

from digest.sources.abstracts import abstract_of, opening
from digest.sources.collect import collect
from digest.sources.dates import moment, past
from digest.sources.editorial import not_a_paper
from digest.sources.identifiers import arxiv_id, canonical_url, doi, identify, pmid
from digest.sources.listing import Listing, Parsed
from digest.sources.markup import plain_text
from digest.sources.names import entry_names, split_names

LONGEST_NAME = 80  # among names found in a text

_ASAP = re.compile(r"\[ASAP\]\s*")
_UNRESOLVED = re.compile(r"(?:&[\w#]+;\s*)+")
_STATED_DOI = re.compile(r"\bdoi:?\s*(?:https?://(?:dx\.)?doi\.org/)?(10\.\d{4,9}/\S+)", re.IGNORECASE)
_STATED_AUTHORS = re.compile(r"\bAuthor(?:s|\(s\)):\s*([^:]{1,5000}?)\s*(?:\b[A-Z]\w*:|$)")
_NAMES_ARXIV = re.compile(r"arxiv|ar5iv|huggingface\.co/papers/", re.IGNORECASE)

Entry = Mapping[str, Any]


def read(feed: Entry, entries: Sequence[Entry], *, base: str = "", now: datetime) -> Parsed:
    """Links may be relative to `base`, the feed's own address. Dates after `now` count as none."""
    entries = [{**entry, "link": _link(entry, base)} for entry in entries]
    shared = _shared_addresses(entries) | {_string(feed, "link")}
    listings, skipped = collect(entries, lambda entry: _listing(entry, feed, shared, now))
    return Parsed(kind="feed", title=plain_text(_string(feed, "title")), url="", listings=listings, skipped=skipped)


def _listing(entry: Entry, feed: Entry, shared: set[str], now: datetime) -> Listing:
    texts = [plain_text(text) for text in _texts(entry)]
    title = _title(entry, texts)
    authors = entry_names(entry.get("authors")) or _stated_authors(texts)
    addresses = [address for address in _addresses(entry) if address not in shared]
    arxiv = next(filter(None, map(_arxiv_id, addresses)), None)
    identifiers = identify(
        title=title,
        authors=authors,
        arxiv=arxiv and arxiv[0],
        doi=_doi(entry, addresses, texts),
        pmid=next(filter(None, map(pmid, addresses)), None),
        urls=addresses,
    )
    if not identifiers:
        raise ValueError("neither a title nor an address")
    published = _published(entry, now)
    submitted = past(moment(_string(entry, "prism_publicationdate")), now) or published
    return Listing(
        title=title,
        identifiers=identifiers,
        abstract=abstract_of(texts, title),
        authors=tuple(authors),
        categories=_categories(entry),
        url=_url(entry, arxiv and arxiv[0], addresses),
        pdf_url=f"https://arxiv.org/pdf/{arxiv[0]}" if arxiv else _pdf_url(entry),
        venue=_venue(entry, feed, title),
        version=arxiv[1] if arxiv else 1,
        announced_on=published.date() if published else None,
        submitted_at=submitted,
    )


def _link(entry: Entry, base: str) -> str:
    """Return the entry's link, made absolute; not of a guid that feedparser took for a link and that is none."""
    link = _string(entry, "link")
    try:
        return urljoin(base, link) if link and link != _string(entry, "id") else link
    except ValueError:
        return link


def _string(fields: Entry, name: str) -> str:
    value = fields.get(name)
    return value.strip() if isinstance(value, str) else ""


def _mappings(fields: Entry, name: str) -> list[Entry]:
    values = fields.get(name)
    return [value for value in values if isinstance(value, Mapping)] if isinstance(values, list) else []


def _texts(entry: Entry) -> Iterator[str]:
    yield from {_string(content, "value"): None for content in _mappings(entry, "content")}
    yield _string(entry, "summary")


def _title(entry: Entry, texts: Sequence[str]) -> str:
    title = _ASAP.sub("", plain_text(_string(entry, "title")))
    if _UNRESOLVED.fullmatch(title):
        raise ValueError(f"nothing but unresolved entities in the title: {title[:50]}")
    if reason := not_a_paper(title):
        raise ValueError(reason)
    return title or next((opening(text) for text in texts if text), "")


def _addresses(entry: Entry) -> list[str]:
    """Return what may name the paper, the surest first: its guid, its link, and the publisher's own link of it."""
    names = ("id", "link", "prism_url", "feedburner_origlink")
    return list(dict.fromkeys(address for name in names if (address := _string(entry, name))))


def _shared_addresses(entries: Sequence[Entry]) -> set[str]:
    """Return the addresses that entries of different titles have in common."""
    titles = defaultdict(set)
    for entry in entries:
        for address in _addresses(entry):
            titles[address].add(_string(entry, "title"))
    return {address for address, told in titles.items() if len(told) > 1 and not _arxiv_id(address)}


def _arxiv_id(address: str) -> tuple[str, int] | None:
    """Return the arXiv id of an address that says it is one: bare numbers in guids are anything."""
    return arxiv_id(address) if _NAMES_ARXIV.search(address) else None


def _doi(entry: Entry, addresses: Sequence[str], texts: Sequence[str]) -> str | None:
    stated = (_string(entry, name) for name in ("prism_doi", "dc_identifier", "doi"))
    found = next(filter(None, map(doi, (*stated, *addresses))), None)
    if found:
        return found
    in_text = (match for text in texts if (match := _STATED_DOI.search(text[:2000])))
    return next((doi(match[1]) for match in in_text), None)


def _stated_authors(texts: Sequence[str]) -> list[str]:
    found = next((match for text in texts if (match := _STATED_AUTHORS.search(text[:8000]))), None)
    names = split_names(found[1]) if found else []
    return names if all(len(name) <= LONGEST_NAME for name in names) else []


def _published(entry: Entry, now: datetime) -> datetime | None:
    """Return when the entry says it was published: RSS 1.0's dc:date and a lone Atom date end up in "updated"."""
    dates = (past(moment(_string(entry, name)), now) for name in ("published", "updated"))
    return next(filter(None, dates), None)


def _categories(entry: Entry) -> tuple[str, ...]:
    terms = [_string(entry, "prism_section"), *(_string(tag, "term") for tag in _mappings(entry, "tags"))]
    return tuple(dict.fromkeys(term for term in map(plain_text, terms) if term))


def _url(entry: Entry, arxiv: str | None, addresses: Sequence[str]) -> str:
    if arxiv:
        return f"https://arxiv.org/abs/{arxiv}"
    own = [canonical_url(address) for address in (_string(entry, "link"), *addresses)]
    found = next(filter(None, own), "")
    number = pmid(found)
    return f"https://pubmed.ncbi.nlm.nih.gov/{number}/" if number else found


def _pdf_url(entry: Entry) -> str:
    links = (_string(link, "href") for link in _mappings(entry, "links") if link.get("type") == "application/pdf")
    return next(filter(None, map(canonical_url, links)), "")


def _venue(entry: Entry, feed: Entry, title: str) -> str:
    """Return the journal's name: some publishers put the article's title or a citation in its place."""
    source = entry.get("source")
    names = [_string(entry, name) for name in ("prism_publicationname", "prism_publicationtitle", "dc_source")]
    names += [_string(source, "title") if isinstance(source, Mapping) else "", _string(feed, "prism_publicationname")]
    plain = (plain_text(name) for name in names)
    return next((name for name in plain if name and name != title and not re.search(r"[;|]|\d{4}|https?:", name)), "")
