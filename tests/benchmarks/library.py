"""A library of invented papers whose words are as common, as bursty and as close to one another as those of real ones.

Each is made of one real paper (of `../shared/data`) and sentences of others, so what it speaks of it comes back to; one
word in thirty is replaced by one of very many invented words, because a large library never stops having new ones.
"""

import random
import re
from collections.abc import Iterator
from datetime import date, timedelta

from digest.models import Paper
from digest.ranking.matching import Document

OWN = 0.7  # of the sentences
INVENTED, RARE = 0.03, 400_000
LAST_DAY = date(2026, 3, 4)
PER_DAY = 300
_SENTENCE = re.compile(r"(?<=[.?!])\s+(?=[A-Z])")
_SYLLABLES = [a + b for a in "bdfgklmnprstvz" for b in "aeiou"]


def invented_word(number: int) -> str:
    word = ""
    while number or len(word) < 4:
        number, place = divmod(number, len(_SYLLABLES))
        word += _SYLLABLES[place]
    return word


class Library:
    def __init__(self, real: list[Document], seed: int = 20260304) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - the same library on every run
        self._real = [(paper, _SENTENCE.split(paper.abstract)) for paper in real]
        self._authors = [author for paper in real for author in paper.authors]

    def papers(self, count: int, first: int = 1) -> Iterator[Paper]:
        for number in range(count):
            yield self._paper(first + number, LAST_DAY - timedelta(days=(count - 1 - number) // PER_DAY))

    def _paper(self, key: int, day: date) -> Paper:
        chance = self._chance
        (one, own), (other, others) = chance.choices(self._real, k=2)
        sentences = [
            chance.choice(own) if chance.random() < OWN else chance.choice(others) for _ in range(max(3, len(own)))
        ]
        mine, theirs = one.title.split(), other.title.split()
        cut = chance.randrange(len(mine) // 2, len(mine) + 1)
        return Paper(
            pk=key,
            title=self._varied(" ".join(mine[:cut] + theirs[cut:] or mine))[:1000],
            abstract=self._varied(" ".join(sentences)),
            authors=chance.choices(self._authors, k=chance.randrange(1, 8)),
            categories=list(one.categories) or ["cs.LG"],
            announced_on=day,
            match_due_at=None,
        )

    def _varied(self, text: str) -> str:
        chance = self._chance
        return " ".join(
            invented_word(int(RARE * chance.random() ** 2)) if chance.random() < INVENTED else word
            for word in text.split()
        )
