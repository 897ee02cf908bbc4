"""Which paper a listing speaks of, and which two papers turn out to be one.

The strongest kind of identifier that a listing and a paper both have decides: papers with different DOIs are different,
though both name the address of their journal. Two papers are one where a listing speaks of both, unless
both have an arXiv id, a DOI or a PMID: then these differ, and so do the papers.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db import IntegrityError

from digest.models import Paper, PaperIdentifier
from digest.sources.listing import Identifier, Listing, Scheme

STRONG = (Scheme.ARXIV, Scheme.DOI, Scheme.PMID)

Names = dict[Scheme, set[str]]


class Register:
    """The papers that a batch of listings names: those that are stored, and those that are new in it.

    `merged` maps a stored paper to the older one that it is one with.
    """

    def __init__(self, listings: Iterable[Listing]) -> None:
        """Read the stored papers that `listings` name, and hold them until the transaction ends."""
        owners = _owners(listings)
        keys = set(owners.values())
        # In the order of their keys, so that two workers wait for one another instead of both for ever.
        papers = {paper.pk: paper for paper in Paper.objects.filter(pk__in=keys).order_by("pk").select_for_update()}
        if len(papers) < len(keys):
            raise IntegrityError("a paper became one with another at this moment")
        self.merged: dict[Paper, Paper] = {}
        self._owners = {identifier: papers[key] for identifier, key in owners.items()}
        self._names: dict[int, Names] = defaultdict(lambda: defaultdict(set))
        rows = PaperIdentifier.objects.filter(paper__in=keys) if keys else PaperIdentifier.objects.none()
        for key, scheme, value in rows.values_list("paper_id", "scheme", "value"):
            self._names[id(papers[key])][Scheme(scheme)].add(value)

    def find(self, listing: Listing) -> Paper | None:
        """Return the paper that `listing` speaks of, None for a new one; of several those that are one become one."""
        named = {id(owner): owner for name in listing.identifiers if (owner := self._owners.get(name))}
        meant = [paper for paper in named.values() if self._is_meant(listing, paper)]
        for other in meant[1:]:
            meant[0] = self._made_one(meant[0], other)
        return meant[0] if meant else None

    def add(self, paper: Paper, identifiers: Sequence[Identifier]) -> list[Identifier]:
        """Note that `paper` is known by `identifiers`; return those that nobody was known by."""
        added = [identifier for identifier in identifiers if identifier not in self._owners]
        for identifier in added:
            self._owners[identifier] = paper
            self._names[id(paper)][identifier.scheme].add(identifier.value)
        return added

    def kept(self, paper: Paper) -> Paper:
        """Return the stored paper that `paper` is one with by now: itself as a rule."""
        while paper in self.merged:
            paper = self.merged[paper]
        return paper

    def _is_meant(self, listing: Listing, paper: Paper) -> bool:
        names = self._names[id(paper)]
        decisive = next((name.scheme for name in listing.identifiers if name.scheme in names), None)
        return any(name.value in names[decisive] for name in listing.identifiers if name.scheme is decisive)

    def _made_one(self, first: Paper, second: Paper) -> Paper:
        """Return the older of the two, which is the other one, too, from now on; `first` where they are not one."""
        names = self._names[id(first)], self._names[id(second)]
        if any(names[0].get(scheme) and names[1].get(scheme) for scheme in STRONG):
            return first
        if first.pk is None or second.pk is None:  # new in this batch: made one when they are read again
            return first
        kept, other = sorted((first, second), key=lambda paper: paper.pk)
        self.merged[other] = kept
        for scheme, values in self._names.pop(id(other)).items():
            self._names[id(kept)][scheme] |= values
            self._owners |= {Identifier(scheme, value): kept for value in values}
        return kept


def _owners(listings: Iterable[Listing]) -> dict[Identifier, int]:
    """Return the key of the paper that has each of the listings' identifiers, where there is one."""
    by_scheme: dict[Scheme, set[str]] = defaultdict(set)
    for listing in listings:
        for identifier in listing.identifiers:
            by_scheme[identifier.scheme].add(identifier.value)
    owners: dict[Identifier, int] = {}
    for scheme, values in by_scheme.items():
        rows = PaperIdentifier.objects.filter(scheme=scheme, value__in=values).values_list("value", "paper_id")
        owners |= {Identifier(scheme, value): paper for value, paper in rows}
    return owners
