"""Documents that somebody reads by hand, from a file or an address: read, stored, and said what came of it.

Sources that are fetched by themselves are `refresh`'s.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from digest.ingest.document import MAX_BYTES, ParseError
from digest.ingest.fetch import FetchError
from digest.ingest.guarded import read_guarded
from digest.ingest.politeness import politely
from digest.ingest.store import Stored, store
from digest.models import Source
from digest.sources.listing import Parsed, Skipped


@dataclass(frozen=True, slots=True)
class Report:
    """What one document brought. `seen` counts its items; each is stored or in `skipped`."""

    source: str
    kind: str
    seen: int
    stored: Stored
    skipped: tuple[Skipped, ...]
    truncated: bool


@dataclass(frozen=True, slots=True)
class Document:
    """What was read, the address to know its source by, and the HTTP header that names its charset."""

    body: bytes
    url: str = ""
    content_type: str = ""


class InputError(Exception):
    """An input that cannot be ingested; the message says why, in words for whoever gave it."""


def ingest(document: Document, *, now: datetime, kind: str | None = None, source: Source | None = None) -> Report:
    """Ingest one document. Without a `source`, the one that the document names itself is used, made if new."""
    try:
        parsed = read_guarded(document.body, kind=kind, url=document.url, content_type=document.content_type, now=now)
    except ParseError as error:
        raise InputError(str(error)) from error
    source = source or source_of(parsed, document.url)
    return Report(
        source=source.name,
        kind=parsed.kind,
        seen=len(parsed.listings) + len(parsed.skipped),
        stored=store(parsed.listings, source=source, now=now),
        skipped=parsed.skipped,
        truncated=parsed.truncated,
    )


def source_of(parsed: Parsed, url: str) -> Source:
    """Return the source that a document read by hand belongs to; a new one is not fetched by itself."""
    address = parsed.url or url
    source, _ = Source.objects.get_or_create(
        url=address[:2048],
        defaults={"name": _name(parsed, address), "kind": parsed.kind, "is_active": False},
    )
    return source


def _name(parsed: Parsed, address: str) -> str:
    """Return what mail calls the source: its own title, or its kind, or where it was read."""
    kinds = {"hf-daily": "Hugging Face", "topic-page": "Saved topic page"}
    return (parsed.title or kinds.get(parsed.kind) or address.rpartition("/")[2])[:200]


def read(path_or_url: str) -> Document:
    """Read a file or an address. Raises InputError."""
    if path_or_url.startswith(("http://", "https://")):
        return _fetched(path_or_url)
    path = Path(path_or_url)
    try:
        if path.exists() and not path.is_file():
            raise InputError("cannot be read: not a file")
        with path.open("rb") as file:
            body = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise InputError(f"cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if len(body) > MAX_BYTES:
        raise InputError(f"cannot be read: larger than {MAX_BYTES:,} bytes")
    return Document(body, f"file:{path.resolve()}")


def _fetched(url: str) -> Document:
    try:
        fetched = politely(url)
    except FetchError as error:
        raise InputError(str(error)) from error
    return Document(fetched.body, url, fetched.content_type)
