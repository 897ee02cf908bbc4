"""One document's items, read one by one: an item that cannot be read is that item's own failure, not the document's."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from digest.sources.listing import Listing, Skipped

Item = TypeVar("Item")


def collect(items: Iterable[Item], read: Callable[[Item], Listing]) -> tuple[tuple[Listing, ...], tuple[Skipped, ...]]:
    """Return what `read` makes of each item, and of the items that it rejects the position and the reason."""
    listings, skipped = [], []
    for position, item in enumerate(items, start=1):
        try:
            listings.append(read(item))
        except ValueError as error:
            skipped.append(Skipped(position, str(error)))
        except Exception as error:  # what sources send is not bounded by what we foresaw
            skipped.append(Skipped(position, f"{type(error).__name__}: {error}"))
    return tuple(listings), tuple(skipped)
