"""What a search asks of the marks of a paper: that it has one, and what this is put together to.

The databases' spellings of it are those of `digest.models.paper_words`.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Has:
    """A condition on the marks of a paper: that it has `mark`."""

    mark: str


@dataclass(frozen=True, slots=True)
class All:
    """That every one of `parts` holds."""

    parts: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class Any:
    """That one of `parts` holds."""

    parts: "tuple[Condition, ...]"


Condition = Has | All | Any


def all_of(parts: Sequence[Condition]) -> Condition:
    return parts[0] if len(parts) == 1 else All(tuple(parts))


def any_of(parts: Sequence[Condition]) -> Condition:
    return parts[0] if len(parts) == 1 else Any(tuple(parts))
