"""A listing made presentable: one line each, no control characters, readable names, bounded lengths, web links only.

HTML is gone already: the source that writes it takes it out. TeX in titles and abstracts stays, for matching and for
`digest.sources.latex` when a paper is shown; escaping belongs to output.
"""

import re
import unicodedata
from dataclasses import replace

from digest.sources.abstracts import opening
from digest.sources.identifiers import canonical_url, identify
from digest.sources.latex import readable_name
from digest.sources.listing import Listing, Scheme, Skipped

MAX_TITLE = 1000
MAX_ABSTRACT = 20_000
MAX_AUTHORS = 500
MAX_NAME = 200
MAX_CATEGORIES = 50
MAX_CATEGORY = 100
MAX_VENUE = 300
UNTITLED = "(untitled)"

# What people do not see: controls, zero-width signs and the marks that turn the direction of the text after them.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ufffe\uffff\U000e0000-\U000e007f]"
)
_HALVES = re.compile("[\ud800-\udfff]")  # of surrogate pairs: no encoding has them


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
        categories=_terms(listing.categories),
        url=canonical_url(listing.url) or "",
        pdf_url=canonical_url(listing.pdf_url) or "",
        venue=one_line(listing.venue, MAX_VENUE),
    )


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
