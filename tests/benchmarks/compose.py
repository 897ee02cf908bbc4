"""Composing and rendering in one process: choosing each reader's papers, subject, text, HTML and the bytes of the mail.

3,000 readers with 5 of 600 topics each over a real arXiv day; no mail system. Goal: at least 1,000 digests
per second of processor time.
Then 1,000 of them once more, in turn without feedback and with 10 votes each, 7 for more, on papers of the day: goal at
most 1.5 times the processor's seconds for it all, of which the least of three rounds count.
"""

import random
from datetime import timedelta
from time import process_time
from typing import Any

from tests.benchmarks.day import NOW, make_day
from tests.benchmarks.setting import DATA, report, set_up

READERS = 3000
SLICE = 100
VOTERS, VOTES, MORE = 1000, 10, 7


def main() -> None:
    set_up()
    if not DATA.exists():
        report("compose_and_render", skipped="needs ../shared/data")
        return
    from digest.delivery.editions import open_due
    from digest.models import Digest

    make_day(READERS)
    open_due(NOW)
    digests = list(Digest.objects.select_related("reader", "edition").order_by("pk"))
    start = process_time()
    letters, composing = compose_all(digests)
    seconds = process_time() - start
    report(
        "compose_and_render",
        digests=letters,
        compose_s=composing,
        render_s=seconds - composing,
        digests_per_s=letters / seconds,
        goal="digests_per_s >= 1000",
    )
    compare(digests)


def compose_all(digests: list[Any]) -> tuple[int, float]:
    """Compose and render; return the number of mails and the processor's seconds of composing."""
    from digest.delivery.compose import compose
    from digest.delivery.finished import write
    from digest.delivery.pool import CandidatePool

    pool = CandidatePool(NOW.date())
    letters, composing = 0, 0.0
    for first in range(0, len(digests), SLICE):
        begun = process_time()
        composed = compose(digests[first : first + SLICE], pool, NOW)
        composing += process_time() - begun
        letters += len([write(digest, choice, said, NOW) for digest, choice, said in composed.contents])
    return letters, composing


def compare(digests: list[Any]) -> None:
    from digest.models import Feedback

    seconds: dict[str, list[tuple[float, float]]] = {"without": [], "with": []}
    for _ in range(3):
        for kind, rounds in seconds.items():
            if kind == "with":
                vote(digests)
            start = process_time()
            _, composing = compose_all(digests[:VOTERS])
            rounds.append((composing, process_time() - start))
            Feedback.objects.all().delete()
    best = {kind: [min(column) for column in zip(*rounds, strict=True)] for kind, rounds in seconds.items()}
    report(
        "compose_with_feedback",
        readers=VOTERS,
        votes_each=VOTES,
        compose_s=best["with"][0],
        compose_s_without=best["without"][0],
        compose_ratio=best["with"][0] / best["without"][0],
        compose_and_render_ratio=best["with"][1] / best["without"][1],
        goal="compose_and_render_ratio <= 1.5",
    )


def vote(digests: list[Any]) -> None:
    from digest.models import Feedback, Match

    dice = random.Random(1971)  # noqa: S311 - the same votes on every run
    papers = list(Match.objects.order_by("paper").values_list("paper", flat=True).distinct())
    Feedback.objects.bulk_create(
        Feedback(
            reader_id=digest.reader_id, paper_id=paper, wants_more=place < MORE, said_at=NOW - timedelta(hours=place)
        )
        for digest in digests[:VOTERS]
        for place, paper in enumerate(dice.sample(papers, VOTES))
    )


if __name__ == "__main__":
    main()
