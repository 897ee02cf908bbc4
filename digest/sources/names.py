"""Author names out of the strings that sources put them in. Accents and length are `digest.ingest.clean`'s business."""

import re
from collections.abc import Iterable, Mapping

MAX_NESTED = 4  # parentheses inside parentheses; deeper ones are no affiliations

_AFFILIATION = re.compile(r" ?\([^()]*\)")
_COMMA = re.compile(r" ?, ?")
_AND = re.compile(r" and | & ", re.IGNORECASE)
_INITIALS = re.compile(r"(?:[A-ZÀ-Þ]\.?[ -]?){1,4}")
_SUFFIX = re.compile(r"(?:Jr|Sr)\.?|I{2,3}|IV")
_LETTER = re.compile(r"[^\W\d_]")


def split_names(text: str) -> list[str]:
    """Return the people named in "A. One (Lab, City), B. Two and C. Three Jr.", without their affiliations."""
    text = _without_affiliations(" ".join(text.split()))
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
    names = [" ".join(str(person.get("name") or "").split()) for person in people if isinstance(person, Mapping)]
    names = [name for name in names if ":" not in name]  # "ScienceDirect Publication: ..." is nobody
    if len(names) == 1:
        return [inverted(names[0])] if _is_one_inverted(names[0]) else split_names(names[0])
    return _named(inverted(_without_affiliations(name)) for name in names)


def inverted(name: str) -> str:
    """Return "Given Family" of "Family, Given"; any other name as it is."""
    family, comma, given = name.partition(",")
    return f"{given.strip()} {family.strip()}" if comma and given and "," not in given else name


def _is_one_inverted(name: str) -> bool:
    """Say whether a lone "Lamb, Toshio" is one person: "Ann Lamb, Bo Kim" are two."""
    family, _, given = name.partition(",")
    return bool(given) and not re.search(r"[ ;]", family) and not re.search(r"[,;]", given)


def _without_affiliations(text: str) -> str:
    """Drop parentheses from the inside out; one that never closes stays."""
    for _ in range(MAX_NESTED):
        if "(" not in text:
            break
        text = _AFFILIATION.sub("", text)
    return text


def _pieces(text: str) -> list[str]:
    pieces = _COMMA.split(text)
    pieces[-1:] = _AND.split(pieces[-1].removeprefix("and "))
    whole: list[str] = []
    for piece in pieces:
        if whole and _SUFFIX.fullmatch(piece):
            whole[-1] += f" {piece}"
        else:
            whole.append(piece)
    return whole


def _named(names: Iterable[str]) -> list[str]:
    return [name.strip() for name in names if _LETTER.search(name)]
