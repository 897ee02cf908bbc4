"""One record of arXiv's OAI-PMH, in any of the formats that it comes in, as the listing of a replacement.

arXivRaw tells each version with its moment, arXiv and oai_dc only days. Elements are found by their names in any
namespace, since some mirrors drop or change it. Whether a record is news is left to `arxiv_oai`, which also undoes the
XML.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from digest.sources.arxiv import codes, decoded
from digest.sources.arxiv_api import announced_on
from digest.sources.dates import moment
from digest.sources.identifiers import arxiv_id, doi, identify
from digest.sources.listing import AnnounceType, Listing
from digest.sources.names import inverted, split_names
from digest.sources.withdrawn import withdrawn, without_mark

_WITHOUT_TEXT = "I"  # among the source types of a version that was withdrawn
_NAME = ("forenames", "keyname", "suffix")
_VERSION = re.compile(r"v?(?P<number>\d{1,3})")

Element = Any  # lxml's, which has no types


@dataclass(frozen=True, slots=True)
class _Version:
    number: int
    at: datetime | None
    has_text: bool = True


def replacement(record: Element) -> Listing:
    """Return a record as a replacement, dated by its latest version."""
    header, metadata = _child(record, "header"), _child(record, "metadata")
    stated = text_of(_child(header, "identifier"))
    if header is not None and header.get("status") == "deleted":
        raise ValueError(f"the record was deleted: {stated}")
    fields = next(iter(metadata), None) if metadata is not None else None
    if fields is None:
        raise ValueError(f"a record without metadata: {stated}")
    found = arxiv_id(stated) or arxiv_id(text_of(_child(fields, "id")))
    if not found:
        raise ValueError(f"no arXiv identifier: {stated}")
    return _described(found[0], fields, header)


def _described(base_id: str, fields: Element, header: Element) -> Listing:
    texts = [decoded(text_of(found)) for name in ("abstract", "description") for found in children(fields, name)]
    title, abstract = decoded(text_of(_child(fields, "title"))), texts[0] if texts else ""
    comments = " ".join([text_of(_child(fields, "comments")), *texts[1:]])
    versions = _versions(fields)
    latest = versions[-1] if versions else _Version(1, None)
    return Listing(
        title=without_mark(title),
        identifiers=identify(title="", arxiv=base_id, doi=_doi(fields)),
        abstract=abstract,
        authors=_authors(fields),
        categories=_categories(fields, header),
        url=f"https://arxiv.org/abs/{base_id}",
        pdf_url=f"https://arxiv.org/pdf/{base_id}",
        version=latest.number,
        announce_type=AnnounceType.REPLACE,
        announced_on=announced_on(latest.at) if latest.at else None,
        submitted_at=_submitted_at(versions, base_id),
        withdrawn=not latest.has_text or withdrawn(title, abstract, comments),
    )


def _versions(fields: Element) -> list[_Version]:
    """Return the versions in their order; of a format without any, the dates as versions of number 1."""
    stated = [
        _Version(
            int(found["number"]),
            moment(text_of(_child(version, "date"))),
            _WITHOUT_TEXT not in text_of(_child(version, "source_type")),
        )
        for version in children(fields, "version")
        if (found := _VERSION.fullmatch(version.get("version", "")))
    ]
    dates = [text_of(found) for name in ("created", "updated", "date") for found in children(fields, name)]
    return sorted(stated, key=lambda version: version.number) or [_Version(1, moment(text)) for text in dates]


def _submitted_at(versions: Sequence[_Version], base_id: str) -> datetime | None:
    """Return the moment of the first version, None where it is told wrongly: the format arXiv may date the latest."""
    first = next((version.at for version in versions if version.number == 1), None)
    is_later = first is not None and base_id[:4].isdigit() and f"{first:%y%m}" > base_id[:4]
    return None if is_later else first


def _doi(fields: Element) -> str | None:
    """Return the journal's DOI; of several, which authors set apart by spaces, the first."""
    stated = [*children(fields, "doi"), *children(fields, "identifier")]
    return next(filter(None, (doi(word) for found in stated for word in text_of(found).split())), None)


def _authors(fields: Element) -> tuple[str, ...]:
    people = _child(fields, "authors")
    if people is None:
        return tuple(inverted(text_of(creator)) for creator in children(fields, "creator"))
    named = [" ".join(text_of(_child(person, part)) for part in _NAME) for person in children(people, "author")]
    return tuple(" ".join(name.split()) for name in named) if named else tuple(split_names(text_of(people)))


def _categories(fields: Element, header: Element) -> tuple[str, ...]:
    stated = text_of(_child(fields, "categories")).split()
    return codes(stated or [category_of(text_of(found)) for found in children(header, "setSpec")])


def category_of(spec: str) -> str:
    """Return the category of a set, "" of a set that holds several: "cs.CL" for "cs:cs:CL", "hep-th" for its own."""
    found = codes([".".join(spec.split(":")[1:])])
    return found[0] if found else ""


def name_of(element: Element) -> str:
    """Return the name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def children(element: Element, name: str) -> Iterator[Element]:
    """Return the children of that name; none where there is no element at all."""
    if element is not None:
        yield from (found for found in element if name_of(found) == name)


def _child(element: Element, name: str) -> Element:
    return next(children(element, name), None)


def text_of(element: Element) -> str:
    """Return all the text in it, "" where there is no element."""
    return "".join(element.itertext()).strip() if element is not None else ""
