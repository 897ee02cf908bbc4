"""A listing made presentable: one line each, no control characters, readable names, bounded lengths, web links only.

HTML is gone already: the source that writes it takes it out. TeX in titles and abstracts stays, for matching and for
`digest.sources.latex` when a paper is shown; escaping belongs to output.
"""

import re
import unicodedata
from dataclasses import replace
from itertools import count, islice

from digest.ingest.document import MAX_ITEMS
from digest.sources.abstracts import opening
from digest.sources.identifiers import canonical_url, identify
from digest.sources.latex import readable_name
from digest.sources.listing import Listing, Parsed, Scheme, Skipped

MAX_TITLE = 1000
MAX_ABSTRACT = 20_000
MAX_AUTHORS = 500
MAX_NAME = 200
MAX_CATEGORIES = 50
MAX_CATEGORY = 100
MAX_VENUE = 300
MAX_REASON = 200
MAX_FEED_TITLE = 200
UNTITLED = "(untitled)"

# What people do not see: controls, zero-width signs and the marks that turn the direction of the text after them.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ufffe\uffff\U000e0000-\U000e007f]"
)
_HALVES = re.compile("[\ud800-\udfff]")  # of surrogate pairs: no encoding has them


def clean_all(parsed: Parsed) -> Parsed:
    """Return `parsed` with its listings cleaned; those that cannot be used are skipped, each in its place.

    Of a document with too many items the first ones are kept, and what is left out is counted in one reason.
    """
    skipped = {item.position: one_line(item.reason, MAX_REASON) for item in parsed.skipped}
    places = islice((place for place in count(1) if place not in skipped), len(parsed.listings))
    listings = []
    for place, listing in islice(zip(places, parsed.listings, strict=True), MAX_ITEMS):
        cleaned = _cleaned(listing)
        if isinstance(cleaned, Skipped):
            skipped[place] = cleaned.reason
        else:
            listings.append(cleaned)
    return replace(
        parsed,
        title=one_line(parsed.title, MAX_FEED_TITLE),
        url=canonical_url(parsed.url) or "",
        listings=tuple(listings),
        skipped=_told(skipped, len(parsed.listings) - MAX_ITEMS),
    )


def _told(skipped: dict[int, str], left_out: int) -> tuple[Skipped, ...]:
    told = [Skipped(position, reason) for position, reason in sorted(skipped.items())]
    left_out = max(left_out, 0) + len(told[MAX_ITEMS:])
    if left_out:
        told[MAX_ITEMS:] = [Skipped(MAX_ITEMS + 1, f"{left_out:,} more items: only {MAX_ITEMS:,} are read")]
    return tuple(told)


def clean(listing: Listing) -> Listing | Skipped:
    """Return `listing` fit to be stored and shown; Skipped, with position 0, where nothing names the paper."""
    abstract = one_line(listing.abstract, MAX_ABSTRACT)
    title = one_line(listing.title, MAX_TITLE) or one_line(opening(abstract), MAX_TITLE)
    authors = _names(listing.authors)
    identifiers = listing.identifiers
    if all(identifier.scheme is Scheme.TITLE for identifier in identifiers):
        identifiers = identify(title=title, authors=authors)
    if not identifiers:
        return Skipped(0, "no title, no abstract and no identifier")
    return replace(
        listing,
        title=title or UNTITLED,
        identifiers=identifiers,
        abstract=abstract,
        authors=authors,
        author_count=listing.author_count or (len(listing.authors) if len(listing.authors) > MAX_AUTHORS else 0),
        categories=_terms(listing.categories),
        url=canonical_url(listing.url) or "",
        pdf_url=canonical_url(listing.pdf_url) or "",
        venue=one_line(listing.venue, MAX_VENUE),
    )


def _cleaned(listing: Listing) -> Listing | Skipped:
    """Clean one listing; that it cannot be done is this listing's failure, not the document's."""
    try:
        return clean(listing)
    except Exception as error:  # what sources send is not bounded by what we foresaw
        return Skipped(0, one_line(f"{type(error).__name__}: {error}", MAX_REASON))


def one_line(text: str, limit: int) -> str:
    """Return `text` in NFC on one line of at most `limit` characters; an ellipsis says where it was cut."""
    if len(text) > 4 * limit:
        text = text[: 4 * limit]
    if not (text.isascii() and text.isprintable()):  # most texts are plain, and there are thousands of them
        text = unicodedata.normalize("NFC", _HALVES.sub("\ufffd", _UNSEEN.sub("", text)))
    line = " ".join(text.split())
    if len(line) <= limit:
        return line
    return (line[: limit - 1].rpartition(" ")[0] or line[: limit - 1]) + "…"


def _names(authors: tuple[str, ...]) -> tuple[str, ...]:
    names = (one_line(readable_name(one_line(name, MAX_NAME)), MAX_NAME) for name in authors[:MAX_AUTHORS])
    return tuple(name for name in names if name)


def _terms(categories: tuple[str, ...]) -> tuple[str, ...]:
    terms = dict.fromkeys(one_line(term, MAX_CATEGORY) for term in categories)
    return tuple(term for term in terms if term)[:MAX_CATEGORIES]
