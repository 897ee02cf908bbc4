"""Composing and rendering in one process: choosing each reader's papers, subject, text, HTML and the bytes of the mail.

3,000 readers with 5 of 600 topics each over a real arXiv day; no mail system. Goal: at least 1,000 digests a second.
"""

from time import perf_counter

from tests.benchmarks.setting import DATA, report, set_up
from tests.benchmarks.whole_day import FEED, NOW, make_day

READERS = 3000
SLICE = 100


def main() -> None:
    set_up()
    if not DATA.exists():
        report("compose_and_render", skipped="needs ../shared/data")
        return
    from digest.delivery.compose import compose
    from digest.delivery.deliver import write
    from digest.delivery.editions import open_due
    from digest.delivery.pool import CandidatePool
    from digest.models import Digest

    make_day(FEED, READERS)
    open_due(NOW)
    digests = list(Digest.objects.select_related("reader", "edition").order_by("pk"))
    start = perf_counter()
    pool = CandidatePool(NOW.date())
    letters, composing = 0, 0.0
    for first in range(0, len(digests), SLICE):
        begun = perf_counter()
        composed = compose(digests[first : first + SLICE], pool, NOW)
        composing += perf_counter() - begun
        letters += len([write(digest, choice, said, NOW) for digest, choice, said in composed.contents])
    seconds = perf_counter() - start
    report(
        "compose_and_render",
        digests=letters,
        compose_s=composing,
        render_s=seconds - composing,
        digests_per_s=letters / seconds,
        goal="digests_per_s >= 1000",
    )


if __name__ == "__main__":
    main()
