"""Author names out of the strings that sources put them in. Accents and length are `digest.ingest.clean`'s business."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

_AFFILIATION = re.compile(r"\s*\([^()]*\)")
_COMMA = re.compile(r"\s*,\s*")
_AND = re.compile(r"\s+and\s+", re.IGNORECASE)
_INITIALS = re.compile(r"(?:[^\W\d_]\.?[\s-]*){1,4}")
_SUFFIX = re.compile(r"(?:Jr|Sr)\.?|I{2,3}|IV")
_NO_NAME = re.compile(r"[\W\d_]*")


def split_names(text: str) -> list[str]:
    """Return the people named in "A. One (Lab, City), B. Two and C. Three Jr.", without their affiliations."""
    text = _without_affiliations(text)
    if ";" in text:
        return _named(inverted(name) for name in text.split(";"))
    pieces = _pieces(text)
    if len(pieces) > 1 and len(pieces) % 2 == 0 and all(_INITIALS.fullmatch(given) for given in pieces[1::2]):
        # "LAMB, N., SIMON, A.": the commas also stand inside the names
        return _named(f"{given} {family}" for family, given in zip(pieces[::2], pieces[1::2], strict=True))
    return _named(pieces)


def entry_names(authors: object) -> list[str]:
    """Return the people of a feed entry's `authors`: one element each, or all of them in one."""
    people = authors if isinstance(authors, list) else []
    names = [str(person.get("name") or "") for person in people if isinstance(person, Mapping)]
    if len(names) == 1:
        return [inverted(names[0])] if _is_inverted(names[0]) else split_names(names[0])
    return _named(inverted(_without_affiliations(name)) for name in names)


def inverted(name: str) -> str:
    """Return "Given Family" of "Family, Given"; any other name as it is."""
    family, comma, given = name.partition(",")
    return f"{given.strip()} {family.strip()}" if comma and "," not in given else name


def _is_inverted(name: str) -> bool:
    """Say whether a lone "Inoda, Toshio" is one person: "Ann Lee, Bo Kim" are two."""
    family, comma, given = name.partition(",")
    return bool(comma and given.strip() and "," not in given) and " " not in family.strip() and ";" not in name


def _without_affiliations(text: str) -> str:
    """Drop parentheses from the inside out; one that never closes stays."""
    while "(" in text:
        shorter = _AFFILIATION.sub("", text)
        if shorter == text:
            break
        text = shorter
    return text


def _pieces(text: str) -> list[str]:
    pieces = _COMMA.split(text)
    pieces[-1:] = _AND.split(re.sub(r"^and\s+", "", pieces[-1]))
    whole: list[str] = []
    for piece in pieces:
        if whole and _SUFFIX.fullmatch(piece):
            whole[-1] += f" {piece}"
        else:
            whole.append(piece)
    return whole


def _named(names: Iterable[Any]) -> list[str]:
    stripped = (" ".join(name.split()) for name in names)
    return [name for name in stripped if not _NO_NAME.fullmatch(name)]
