"""Author names out of the strings that sources put them in, given names first.

Accents and lengths are left to `digest.ingest.clean`, comparing names to `digest.ranking.authors`.
"""

import re
from collections.abc import Iterable, Mapping

LONGEST_NAME = 200  # characters; what is longer is no name, and takes long to take apart
MAX_NESTED = 4  # parentheses inside parentheses; deeper ones are no affiliations

_AFFILIATION = re.compile(r" ?\([^()]*\)")
_COMMA = re.compile(r" ?, ?")
_AND = re.compile(r" (?:and|&) ", re.IGNORECASE)
_LEADING_AND = re.compile(r"^(?:and|&) ", re.IGNORECASE)
_ET_AL = re.compile(r"[,;]? ?\bet al\.?$")
_FAMILY_FIRST = re.compile(r"(?P<family>.*[^\W\d_]{2}.*) (?P<initials>[A-ZÀ-Þ]{1,3})\.?")
_WIDE_SIGNS = str.maketrans("，、；", ",,;")  # between names in Chinese and Japanese
_INITIALS = re.compile(r"(?:[A-ZÀ-Þ]\.?[ -]?){1,4}")
_SUFFIX = re.compile(r"(?:Jr|Sr)\.?|I{2,3}|IV")
_LETTER = re.compile(r"[^\W\d_]")


def split_names(text: str) -> list[str]:
    """Return the people named in "A. One (Lab, City), B. Two and C. Three Jr.", without their affiliations."""
    text = _bare(" ".join((text if text.isascii() else text.translate(_WIDE_SIGNS)).split()))
    if ";" in text:
        return _named(inverted(name) for name in text.split(";"))
    *others, last = _COMMA.split(text)
    last = _LEADING_AND.sub("", last)
    if others and _INITIALS.fullmatch(last) and (pairs := _pairs(text)):
        return _named(f"{given} {family}" for family, given in pairs)
    return _named(_with_suffixes((*others, *_AND.split(last))))


def entry_names(authors: object) -> list[str]:
    """Return the people of a feed entry's `authors`: one element each, or all of them in one."""
    people = authors if isinstance(authors, list) else []
    names = [" ".join(str(person.get("name") or "").split()) for person in people if isinstance(person, Mapping)]
    names = [name for name in names if ":" not in name]  # "ScienceDirect Publication: ..." is nobody
    if len(names) == 1:
        return [inverted(names[0])] if _is_one_inverted(names[0]) else _given_first(split_names(names[0]))
    return _named(inverted(_bare(name)) for name in names)


def _pairs(text: str) -> list[tuple[str, str]]:
    """Return (family, given) of "LAMB, N., SIMON, A. and BERG, T.", where commas also stand inside the names."""
    parts = (part for piece in _COMMA.split(text) for part in _AND.split(_LEADING_AND.sub("", piece)))
    pieces = _with_suffixes(parts)
    if len(pieces) % 2 or not all(_INITIALS.fullmatch(given) for given in pieces[1::2]):
        return []
    return list(zip(pieces[::2], pieces[1::2], strict=True))


def inverted(name: str) -> str:
    """Return "Given Family" of "Family, Given"; any other name as it is."""
    family, comma, given = name.partition(",")
    return f"{given.strip()} {family.strip()}" if comma and given and "," not in given else name


def _given_first(names: list[str]) -> list[str]:
    """Turn round the names of a list like "Lindgren I, Zhang WJ", where every name is of this form.

    One of them must have a single initial: "Wei LU, Jia XU" has its surnames in capitals.
    """
    if any(len(name) > LONGEST_NAME for name in names):
        return names
    found = [match for name in names if (match := _FAMILY_FIRST.fullmatch(name))]
    if len(found) < max(2, len(names)) or all(len(name["initials"]) > 1 for name in found):
        return names
    return [f"{name['initials']} {name['family']}" for name in found]


def _is_one_inverted(name: str) -> bool:
    """Say whether a lone "Lamb, Toshio" is one person: "Ann Lamb, Bo Kim" are two."""
    family, _, given = name.partition(",")
    return bool(given) and not re.search(r"[ ;]", family) and not re.search(r"[,;]", given)


def _bare(text: str) -> str:
    """Drop "et al.", and parentheses from the inside out; one that never closes stays."""
    for _ in range(MAX_NESTED):
        if "(" not in text:
            break
        text = _AFFILIATION.sub("", text)
    return _ET_AL.sub("", text) if "et al" in text else text


def _with_suffixes(pieces: Iterable[str]) -> list[str]:
    """Put "Jr." and the like back to the names before them."""
    whole: list[str] = []
    for piece in pieces:
        if whole and _SUFFIX.fullmatch(piece):
            whole[-1] += f" {piece}"
        else:
            whole.append(piece)
    return whole


def _named(names: Iterable[str]) -> list[str]:
    return [name.strip() for name in names if _LETTER.search(name)]
