"""How fast digests become mail: `python -m tests.benchmarks.render [DIGESTS]` prints one line of JSON.

2,000 different digests of 10 to 12 picks and 5 trending papers share 200 papers in 40 topics, in one process. What is
rendered once per paper is part of the time. The ratio is `build`'s speed to that of Django's MIME for the same mails.
"""

import os
import random
import sys
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import TypeVar

import django

from digest.delivery.content import Card, DigestContent, Section
from digest.delivery.message import as_django, build
from digest.delivery.render import render
from tests.benchmarks.setting import report
from tests.digest.delivery.make import SENT_AT, make_card, make_content, make_trending

T = TypeVar("T")
PAPERS, TOPICS, FOLLOWED = 200, 40, 5


def make_digests(count: int) -> list[DigestContent]:
    chance = random.Random(1)  # noqa: S311
    topics = [f"topic number {number}" for number in range(TOPICS)]
    papers = {
        topic: [
            make_card(number, title=rf"Paper {number} on $\alpha_{{{number}}}$-fair caf\'es", topics=(topic,))
            for number in range(place, PAPERS, TOPICS)
        ]
        for place, topic in enumerate(topics)
    }
    trending = make_trending(papers=20)
    return [
        make_content(
            *make_sections(papers, picks=chance.randint(10, 12), chance=chance),
            key=f"{number:032x}",
            email=f"reader{number}@example.org",
            trending=tuple(chance.sample(trending, 5)),
        )
        for number in range(count)
    ]


def make_sections(papers: dict[str, list[Card]], *, picks: int, chance: random.Random) -> list[Section]:
    topics = chance.sample(list(papers), FOLLOWED)
    shares = [picks // FOLLOWED + (place < picks % FOLLOWED) for place in range(FOLLOWED)]
    return [
        Section(topic, tuple(chance.sample(papers[topic], share))) for topic, share in zip(topics, shares, strict=True)
    ]


def per_second(work: Callable[[T], object], items: Sequence[T]) -> float:
    start = perf_counter()
    for item in items:
        work(item)
    return len(items) / (perf_counter() - start)


def main(count: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    contents = make_digests(count)
    rendering = per_second(render, contents)
    pairs = [(render(content), content) for content in contents]
    building = per_second(lambda pair: build(pair[0], content=pair[1], sent_at=SENT_AT), pairs)
    django_building = per_second(
        lambda pair: as_django(pair[0], content=pair[1], sent_at=SENT_AT).message().as_bytes(), pairs
    )
    report(
        "render",
        digests=count,
        html_bytes=sum(len(rendered.html.encode()) for rendered, _ in pairs) // count,
        rendered_per_s=rendering,
        built_per_s=building,
        rendered_and_built_per_s=1 / (1 / rendering + 1 / building),
        built_ratio_to_django=building / django_building,
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
