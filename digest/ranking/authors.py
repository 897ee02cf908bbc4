"""Author names: "Doe, Jane", "J. Doe" and "Jane Q. Doe" are taken for Jane Doe; John Doe is not.

Names are compared by whole parts, without case and accents; a hyphen between two surnames makes no difference. Two
people of one name cannot be told apart here.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from digest.ranking.text import fold

_AFFILIATION = re.compile(r"\([^)]*\)")
_PART = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
# "JD Smith" and "Smith, JD": two capitals are initials where a surname follows them or stands before the comma.
_JOINED_INITIALS = re.compile(r"((?<!\S)[A-ZÀ-ÖØ-Þ])([A-ZÀ-ÖØ-Þ]\s+\w)|(,\s*[A-ZÀ-ÖØ-Þ])([A-ZÀ-ÖØ-Þ])\b")
_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv"})


@dataclass(frozen=True, slots=True)
class Name:
    """`given` is all that stands before the last part; `surnames` all that a person may be looked up by."""

    given: tuple[str, ...]
    last: str
    surnames: frozenset[str]

    @property
    def parts(self) -> tuple[str, ...]:
        """The whole name in order, parted at hyphens, too."""
        return (*self.given, *self.last.split("-"))


class AuthorIndex:
    """The authors of a batch of papers, found by name; papers are numbered in the order given."""

    def __init__(self, authors_of_papers: Iterable[Sequence[str]]) -> None:
        # By surname and initial: a common surname has hundreds of people in one day's papers.
        self._entries: defaultdict[tuple[str, str], list[tuple[int, str, Name]]] = defaultdict(list)
        for paper, authors in enumerate(authors_of_papers):
            for author in authors:
                name = parse_name(author)
                for place in places(name):
                    self._entries[place].append((paper, author, name))

    def find(self, wanted: str) -> dict[int, list[str]]:
        """Return the papers by `wanted`, each with those authors, as the paper spells them, who may be meant."""
        name = parse_name(wanted)
        place = sought(name)
        found: dict[int, list[str]] = {}
        for paper, author, candidate in self._entries.get(place, ()):
            if is_same(name, candidate):
                found.setdefault(paper, []).append(author)
        return found


@lru_cache(maxsize=2**16)
def parse_name(text: str) -> Name:
    """Read a name, given names first or after a comma. A name without any letter has no surname and is nobody's."""
    text = _AFFILIATION.sub(" ", text)
    if not text.isupper():  # else "WEI LI" would be somebody with the initials W. E.
        text = _JOINED_INITIALS.sub(r"\1\3 \2\4", text)
    family, _, given = fold(text).replace("'", "").partition(",")
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


def places(name: Name) -> Iterator[tuple[str, str]]:
    """Yield the surnames and initials under which a person may be sought; the initial "" is for a surname alone."""
    return product(name.surnames, {"", *(part[0] for part in name.parts[:-1])})


def sought(name: Name) -> tuple[str, str]:
    """Return the surname and initial under which a wanted person is sought: others there may have another name."""
    return name.parts[-1], name.given[0][0] if name.given else ""


def canonical_name(text: str) -> str:
    """Return the one spelling of a name, "" if it holds none: "Doe, Jane Q." is "jane q doe"."""
    name = parse_name(text)
    return " ".join([*name.given, name.last]).strip()


def is_same(wanted: Name, found: Name) -> bool:
    """Tell whether the author `found` may be the person `wanted`; a wanted surname alone means anyone of that name."""
    given = _given_beside(tuple(wanted.last.split("-")), found)
    if given is None:
        return False
    if not wanted.given or "".join(wanted.given) == "".join(given):
        return True
    return any(_fits(wanted.given, given[start:]) for start in _starts(wanted.given[0], given))


def _given_beside(surname: tuple[str, ...], found: Name) -> tuple[str, ...] | None:
    """Return the names of `found` beside this surname, None where nobody would look for them under it."""
    if found.surnames and found.parts[-len(surname) :] == surname:
        return found.parts[: -len(surname)]
    return found.given if found.surnames.issuperset(surname) else None


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
