"""Any other feed of papers: RSS, Atom or RDF with PRISM and Dublin Core, as journals, PubMed and bioRxiv write them.

Entries come as feedparser leaves them, with sanitising off: titles and texts are HTML more or less, and become plain
text here. The feed's own author is nobody's author, and an address that several papers share is nobody's address.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import urljoin

from digest.sources.abstracts import abstract_of, opening
from digest.sources.collect import collect
from digest.sources.dates import moment, past
from digest.sources.editorial import not_a_paper
from digest.sources.entry import Entry, mappings, string, texts
from digest.sources.identifiers import arxiv_id, canonical_url, doi, identify, pmid
from digest.sources.listing import Listing, Parsed
from digest.sources.markup import plain_text
from digest.sources.names import entry_names, split_names
from digest.sources.publishers import adjusted, nature
from digest.sources.venues import framed_journal
from digest.sources.withdrawn import withdrawn, without_mark

LONGEST_NAME = 80  # among names found in a text
MAX_TTL = 31 * 24 * 60  # minutes; nobody means more

_SCHEME = re.compile(r"[A-Za-z][\w+.-]*:")
_ANY_TAG = re.compile(r"<[^<>]*>")
_WORD = re.compile(r"[^\W_]")
_UNRESOLVED = re.compile(r"(?:&[\w#]+;\s*)+")
_STATED_DOI = re.compile(r"\bdoi:?\s*(?:https?://(?:dx\.)?doi\.org/)?(10\.\d{4,9}/\S+)", re.IGNORECASE)
_STATED_AUTHORS = re.compile(r"\bAuthor(?:s|\(s\)):\s*([^:]{1,5000}?)\s*(?:\b[A-Z]\w*:|$)")
_PERIODS = {"hourly": 60, "daily": 1440, "weekly": 10_080, "monthly": 43_200}  # minutes
_JOURNAL_SYSTEMS = re.compile(r"OJS\b|Open Journal Systems|Pensoft|Silverchair", re.IGNORECASE)
_NO_NAME = re.compile(r"[;|]|\d{4}|https?:")
_NAMES_ARXIV = re.compile(r"arxiv|ar5iv|huggingface\.co/papers/", re.IGNORECASE)


def read(feed: Entry, entries: Sequence[Entry], *, base: str = "", now: datetime) -> Parsed:
    """Links may be relative to `base`, the feed's own address. Dates after `now` count as none."""
    entries = [{**entry, "link": _link(entry, base)} for entry in entries]
    shared = _shared_addresses(entries) | {string(feed, "link")}
    mixes_news = nature.mixes_news(entries)

    def listing(entry: Entry) -> Listing:
        if mixes_news and nature.is_news(entry):
            raise ValueError(f"news, no paper: {plain_text(string(entry, 'title'))[:100]}")
        return _listing(adjusted(entry), feed, shared, now)

    listings, skipped = collect(entries, listing)
    title = plain_text(string(feed, "title"))
    return Parsed(kind="feed", title=title, url="", listings=listings, skipped=skipped, ttl_minutes=_ttl_minutes(feed))


def _ttl_minutes(feed: Entry) -> int:
    """Return how long the feed asks to be left alone: its "ttl", or its period by how often that brings news."""
    stated, period = string(feed, "ttl"), _PERIODS.get(string(feed, "sy_updateperiod").lower(), 0)
    frequency = string(feed, "sy_updatefrequency") or "1"
    if stated:
        minutes = int(stated) if stated.isdecimal() and len(stated) < 10 else 0
    else:
        minutes = period // max(1, int(frequency)) if frequency.isdecimal() and len(frequency) < 10 else period
    return minutes if minutes <= MAX_TTL else 0


def _listing(entry: Entry, feed: Entry, shared: set[str], now: datetime) -> Listing:
    plain = [plain_text(text) for text in texts(entry)]
    title = _title(entry, plain)
    abstract = plain_text(string(entry, "stated_abstract")) or abstract_of(plain, title)
    authors = entry_names(entry.get("authors")) or _stated_authors(plain)
    addresses = [address for address in _addresses(entry) if address not in shared]
    arxiv = next(filter(None, map(_arxiv_id, addresses)), None)
    identifiers = identify(
        title=title,
        authors=authors,
        arxiv=arxiv and arxiv[0],
        doi=_doi(entry, addresses, plain),
        pmid=next(filter(None, map(pmid, addresses)), None),
        urls=addresses,
    )
    if not identifiers:
        raise ValueError("neither a title nor an address")
    published = _published(entry, now)
    return Listing(
        title=without_mark(title),
        identifiers=identifiers,
        abstract=abstract,
        authors=tuple(authors),
        categories=_categories(entry),
        url=_url(entry, arxiv and arxiv[0], addresses),
        pdf_url=f"https://arxiv.org/pdf/{arxiv[0]}" if arxiv else _pdf_url(entry),
        venue=_venue(entry, feed, title),
        version=arxiv[1] if arxiv else 1,
        announced_on=published.date() if published else None,
        submitted_at=past(moment(string(entry, "prism_publicationdate")), now) or published,
        withdrawn=withdrawn(title, abstract),
    )


def _link(entry: Entry, base: str) -> str:
    """Return the entry's link, made absolute; not of a guid that feedparser took for a link and that is none."""
    link = string(entry, "link")
    try:
        return link if _SCHEME.match(link) or link in ("", string(entry, "id")) else urljoin(base, link)
    except ValueError:
        return link


def _title(entry: Entry, texts: Sequence[str]) -> str:
    title = plain_text(string(entry, "title"))
    if _UNRESOLVED.fullmatch(title):
        raise ValueError(f"nothing but unresolved entities in the title: {title[:50]}")
    if reason := not_a_paper(title):
        raise ValueError(reason)
    return title or next((opening(text) for text in texts if text), "") or _as_written(string(entry, "title"))


def _as_written(title: str) -> str:
    """Return a title of which no text is left, if anything but tags stands in it: Atom's titles may be plain text."""
    return title if _WORD.search(_ANY_TAG.sub("", title)) else ""


def _addresses(entry: Entry) -> list[str]:
    """Return what may name the paper, the surest first: its guid, its link, and the publisher's own link of it."""
    names = ("id", "link", "prism_url", "feedburner_origlink")
    return list(dict.fromkeys(address for name in names if (address := string(entry, name))))


def _shared_addresses(entries: Sequence[Entry]) -> set[str]:
    """Return the addresses that entries of different titles have in common."""
    titles = defaultdict(set)
    for entry in entries:
        for address in _addresses(entry):
            titles[address].add(string(entry, "title"))
    return {address for address, told in titles.items() if len(told) > 1 and not _arxiv_id(address)}


def _arxiv_id(address: str) -> tuple[str, int] | None:
    """Return the arXiv id of an address that says it is one: bare numbers in guids are anything."""
    return arxiv_id(address) if _NAMES_ARXIV.search(address) else None


def _doi(entry: Entry, addresses: Sequence[str], texts: Sequence[str]) -> str | None:
    stated = (string(entry, name) for name in ("prism_doi", "dc_identifier", "doi"))
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
    dates = (past(moment(string(entry, name)), now) for name in ("published", "updated"))
    return next(filter(None, dates), None)


def _categories(entry: Entry) -> tuple[str, ...]:
    terms = [string(entry, "prism_section"), *(string(tag, "term") for tag in mappings(entry, "tags"))]
    return tuple(dict.fromkeys(term for term in map(plain_text, terms) if term))


def _url(entry: Entry, arxiv: str | None, addresses: Sequence[str]) -> str:
    if arxiv:
        return f"https://arxiv.org/abs/{arxiv}"
    own = [canonical_url(address) for address in (string(entry, "link"), *addresses)]
    found = next(filter(None, own), "")
    number = pmid(found)
    return f"https://pubmed.ncbi.nlm.nih.gov/{number}/" if number else found


def _pdf_url(entry: Entry) -> str:
    links = [string(link, "href") for link in mappings(entry, "links") if link.get("type") == "application/pdf"]
    return next(filter(None, map(canonical_url, (*links, string(entry, "pdf_url")))), "")


def _venue(entry: Entry, feed: Entry, title: str) -> str:
    """Return the journal's name: some publishers put the article's title or a citation in its place."""
    source = entry.get("source")
    names = [string(entry, name) for name in ("prism_publicationname", "prism_publicationtitle", "dc_source")]
    names += [string(source, "title") if isinstance(source, Mapping) else "", string(feed, "prism_publicationname")]
    stated = (name for name in map(plain_text, names) if name and name != title and not _NO_NAME.search(name))
    found = next(stated, "")
    return framed_journal(found) or found or _feeds_journal(feed)


def _feeds_journal(feed: Entry) -> str:
    """Return the journal that a feed is named after, where its name is sure to be one."""
    name = plain_text(string(feed, "title"))
    if framed := framed_journal(name):
        return framed
    return name if _JOURNAL_SYSTEMS.search(string(feed, "generator")) else ""
