"""What a source says about one paper, as plain data: the contract between parsing and storing.

No database, no network, no clean-up: `digest.sources` fills a Listing, `digest.ingest.clean` makes it presentable and
`digest.ingest.store` finds the Paper that it speaks of.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class AnnounceType(StrEnum):
    """Why a source lists a paper: arXiv's four words; every other source only knows NEW."""

    NEW = "new"
    CROSS = "cross"
    REPLACE = "replace"
    REPLACE_CROSS = "replace-cross"

    @property
    def is_announcement(self) -> bool:
        """Whether the paper is news, not a new version of an old one."""
        return self in (AnnounceType.NEW, AnnounceType.CROSS)


class Scheme(StrEnum):
    """Kinds of identifier, strongest first: a paper is looked up in this order."""

    ARXIV = "arxiv"  # base id without version: "2506.00001", "hep-th/9901001"
    DOI = "doi"  # lower case, without resolver: "10.5555/abc"
    PMID = "pmid"
    URL = "url"  # of a page: https even for http, no fragment, no tracking parameters, no slash at the end
    TITLE = "title"  # hash of the title with the first author; only where nothing better is known


class SignalKind(StrEnum):
    """Kinds of measured attention, each a running total."""

    UPVOTES = "upvotes"  # Hugging Face
    COMMENTS = "comments"
    STARS = "stars"  # of the paper's GitHub repository
    VOTES = "votes"  # of this installation's own readers


@dataclass(frozen=True, slots=True)
class Identifier:
    scheme: Scheme
    value: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A total as the source states it at the time of reading."""

    kind: SignalKind
    value: int


@dataclass(frozen=True, slots=True)
class Listing:
    """One item as a source states it.

    `identifiers` come strongest first and are never empty. `categories` start with the primary one. `announced_on` is
    the source's own date of announcement (arXiv: in Eastern time), None where the source gives no usable date.
    `author_count` may be larger than the number of `authors` kept; 0 says that these are all. A `withdrawn` paper was
    taken back by its authors or its journal: it stays known, and is announced to nobody.
    """

    title: str
    identifiers: tuple[Identifier, ...]
    abstract: str = ""
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    url: str = ""
    pdf_url: str = ""
    venue: str = ""
    version: int = 1
    announce_type: AnnounceType = AnnounceType.NEW
    announced_on: date | None = None
    submitted_at: datetime | None = None
    author_count: int = 0
    withdrawn: bool = False
    readings: tuple[Reading, ...] = ()


@dataclass(frozen=True, slots=True)
class Skipped:
    """An item that could not become a Listing, and why: `position` counts from 1 in the document."""

    position: int
    reason: str


@dataclass(frozen=True, slots=True)
class Parsed:
    """What one document holds.

    `url` is the address it gives for itself, "" where it gives none. `announced_on` is the day of its batch, or of the
    latest of its papers. A `truncated` document was cut off on its way; its complete items are here. `next_url` is the
    address of the page that continues it, "" for the last one; `ttl_minutes` how long it asks to be left alone, 0 where
    it does not say.
    """

    kind: str
    title: str
    url: str
    listings: tuple[Listing, ...]
    skipped: tuple[Skipped, ...] = ()
    announced_on: date | None = None
    truncated: bool = False
    next_url: str = ""
    ttl_minutes: int = 0
