"""A batch of papers, read once and then matched with as many topics as there are."""

from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property

import numpy as np

from digest.ranking.authors import AuthorIndex
from digest.ranking.corpus import Document, Ints, Texts

Facet = tuple[str, str]  # ("cat", a category or archive) or ("author", a name), as a Query spells them


class Batch:
    """Papers by position: their words, authors and categories."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self.documents = documents
        self.texts = Texts(documents)
        self.keys: Ints = np.array([paper.key for paper in documents], np.int64)
        self._found: dict[Facet, dict[int, list[str]]] = {}

    @cached_property
    def _authors(self) -> AuthorIndex:
        return AuthorIndex(paper.authors for paper in self.documents)

    @cached_property
    def _categories(self) -> dict[str, dict[int, list[str]]]:
        found: defaultdict[str, dict[int, list[str]]] = defaultdict(dict)
        for position, paper in enumerate(self.documents):
            for category in paper.categories:
                name = " ".join(category.casefold().split())
                for place in {name, name.partition(".")[0]}:
                    found[place].setdefault(position, []).append(category)
        return found

    def listed(self, facet: Facet) -> dict[int, list[str]]:
        """Return the papers with this facet, each with what it says of it: its categories, or the authors meant."""
        if facet not in self._found:
            what, name = facet
            by_author = what == "author"
            self._found[facet] = self._authors.find(name) if by_author else self._categories.get(name.casefold(), {})
        return self._found[facet]
