"""Author names: "Doe, Jane", "J. Doe" and "Jane Q. Doe" are taken for Jane Doe; John Doe is not.

Names are compared by whole parts, without case and accents. There is no telling two people of one name apart here.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from digest.ranking.text import fold

_AFFILIATION = re.compile(r"\([^)]*\)")
_PART = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv"})


@dataclass(frozen=True, slots=True)
class Name:
    """`given` is all that stands before the last part; `surnames` all that a person may be looked up by."""

    given: tuple[str, ...]
    last: str
    surnames: frozenset[str]


class AuthorIndex:
    """The authors of a batch of papers, found by name; papers are numbered in the order given."""

    def __init__(self, authors_of_papers: Iterable[Sequence[str]]) -> None:
        # By surname and initial: a common surname has hundreds of people in one day's papers.
        self._entries: defaultdict[tuple[str, str], list[tuple[int, str, Name]]] = defaultdict(list)
        for paper, authors in enumerate(authors_of_papers):
            for author in authors:
                name = parse_name(author)
                initials = {"", *(given[0] for given in name.given)}
                for place in product(name.surnames, initials):
                    self._entries[place].append((paper, author, name))

    def find(self, wanted: str) -> dict[int, list[str]]:
        """Return the papers by `wanted`, each with those authors, as the paper spells them, who may be meant."""
        name = parse_name(wanted)
        place = (name.last.partition("-")[0], name.given[0][0] if name.given else "")
        found: dict[int, list[str]] = {}
        for paper, author, candidate in self._entries.get(place, ()):
            if is_same(name, candidate):
                found.setdefault(paper, []).append(author)
        return found


@lru_cache(maxsize=2**16)
def parse_name(text: str) -> Name:
    """Read a name, given names first or after a comma. A name without any letter has no surname and is nobody's."""
    family, _, given = fold(_AFFILIATION.sub(" ", text)).replace("'", "").partition(",")
    family_parts, given_parts = _parts(family), _parts(given)
    parts = [*given_parts, *family_parts]
    if not parts:
        return Name((), "", frozenset())
    surnames = family_parts if family_parts and given_parts else parts[-1:]
    return Name(
        given=tuple(piece for part in parts[:-1] for piece in part.split("-") if piece not in _SUFFIXES),
        last=parts[-1],
        surnames=frozenset(piece for part in surnames for piece in part.split("-")),
    )


def canonical_name(text: str) -> str:
    """Return the one spelling of a name, "" if it holds none: "Doe, Jane Q." is "jane q doe"."""
    name = parse_name(text)
    return " ".join([*name.given, name.last]).strip()


def is_same(wanted: Name, found: Name) -> bool:
    """Tell whether the author `found` may be the person `wanted`; a wanted surname alone means anyone of that name."""
    if not found.surnames.issuperset(wanted.last.split("-")):
        return False
    if not wanted.given or "".join(wanted.given) == "".join(found.given):
        return True
    return any(_fits(wanted.given, found.given[start:]) for start in _starts(wanted.given[0], found.given))


def _parts(text: str) -> list[str]:
    return [part for part in _PART.findall(text) if part not in _SUFFIXES]


def _starts(first: str, given: tuple[str, ...]) -> list[int]:
    """Return where in `given` a person called `first` may be named: in front, or spelled out further on."""
    further = [place for place in range(1, len(given)) if len(first) > 1 and given[place] == first]
    return [0, *further] if given and _agree(first, given[0]) else further


def _fits(wanted: tuple[str, ...], found: tuple[str, ...]) -> bool:
    """Compare what follows the first given name: one may say more than the other, but nothing else."""
    return _is_part(wanted[1:], found[1:]) or _is_part(found[1:], wanted[1:])


def _is_part(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
    rest = iter(long)
    return all(any(_agree(name, other) for other in rest) for name in short)


def _agree(name: str, other: str) -> bool:
    """Compare two given names; an initial stands for any name that begins with it."""
    return name == other or (1 in (len(name), len(other)) and name[0] == other[0])
