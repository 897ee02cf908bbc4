"""One day for benchmarks of delivery: real papers, some of them trending, and any number of readers of any topics."""

import gzip
import random
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

from tests.benchmarks.setting import DATA

NOW = datetime(2025, 5, 6, 12, tzinfo=UTC)
FEED = DATA / "arxiv_feeds" / "2025-05-06__csCL+4.rss.xml.gz"
TOPICS_EACH = 5
READERS_PER_TOPIC = 5  # as with the invented readers of `make_readers`
TRENDING = 60
PIECE = 10_000


def make_day(readers: int, *, papers: int = 0, topics: int = 0) -> dict[str, float]:
    """Make papers, topics and readers, and match; return the seconds of ingest and matching.

    Without `papers` they are those of one real day. With it they are that many, of as many real days as it takes, all
    said to be announced on this one.
    """
    start = perf_counter()
    make_papers(papers)
    ingested = perf_counter() - start
    names = make_topics(topics or max(readers // READERS_PER_TOPIC, 20))
    make_readers(readers, names)
    return {"ingest_s": ingested, "match_s": match_all()}


def make_papers(wanted: int) -> None:
    from digest.ingest.by_hand import Document, ingest
    from digest.models import Paper

    for feed in _feeds() if wanted else [FEED]:
        ingest(Document(gzip.decompress(feed.read_bytes())), now=NOW)
        if 0 < wanted <= Paper.objects.count():
            break
    if wanted:
        keys = list(Paper.objects.order_by("pk").values_list("pk", flat=True))
        Paper.objects.filter(pk__in=keys[wanted:]).delete()
        Paper.objects.update(announced_on=NOW.date(), match_due_at=NOW)
    make_trends()


def _feeds() -> list[Path]:
    return sorted((DATA / "arxiv_feeds").glob("*csCL+4.rss.xml.gz"), reverse=True)


def make_trends() -> None:
    from digest.ingest.rank import update_trends
    from digest.models import Paper, Signal

    papers = list(Paper.objects.exclude(announced_on=None).order_by("pk").values_list("pk", flat=True))
    step = max(1, len(papers) // TRENDING)
    Signal.objects.bulk_create(
        Signal(paper_id=paper, kind="upvotes", value=votes, observed_at=NOW - timedelta(hours=hours))
        for paper in papers[::step]
        for hours, votes in ((30, paper % 40), (1, paper % 40 + paper % 7 + 1))
    )
    update_trends(NOW)


def make_topics(count: int) -> list[int]:
    """Return the keys of `count` topics, each two words of one of the day's own titles: each brings a few papers."""
    from digest.models import Paper, Topic
    from digest.ranking.query import QueryError, parse_query

    dice = random.Random(20250506)  # noqa: S311 - the same topics on every run
    titles = [
        re.findall(r"[A-Za-z]{4,}", title) for title in Paper.objects.order_by("pk").values_list("title", flat=True)
    ]
    texts: dict[str, str] = {}
    while len(texts) < count:
        words = dice.choice(titles)
        start = dice.randrange(max(1, len(words) - 1))
        # Neighbours while there are enough of them, and then any two.
        chosen = words[start : start + 2] if len(texts) < 2 * len(titles) else dice.sample(words, min(2, len(words)))
        try:
            texts.setdefault(parse_query(" ".join(chosen)).canonical, " ".join(chosen))
        except QueryError:
            continue
    return sorted({topic.pk for topic in Topic.objects.named_all(list(texts.values())).values()})


def make_readers(count: int, topics: list[int]) -> None:
    """Make readers who are due at NOW; of `topics` some are far more popular than others."""
    from django.db import transaction

    from accounts.models import Reader
    from digest.management.bulk import reserve, write, write_new
    from digest.management.invented import skewed
    from digest.models import Subscription

    dice = random.Random(count)  # noqa: S311
    for start in range(0, count, PIECE):
        with transaction.atomic():
            keys = reserve(Reader, min(PIECE, count - start))
            write(
                [Reader(pk=key, email=f"reader{key}@example.org", state="active", next_digest_at=NOW) for key in keys]
            )
            follows = []
            for key in keys:
                chosen: set[int] = set()
                while len(chosen) < min(TOPICS_EACH, len(topics)):
                    chosen.add(topics[skewed(dice, len(topics))])
                follows += [Subscription(reader_id=key, topic_id=topic) for topic in sorted(chosen)]
            write_new(follows)


def match_all() -> float:
    """Match the papers that are due with all topics; return the seconds it took."""
    from digest.ingest.rank import match_due
    from digest.models import Paper, Topic

    Topic.objects.update(match_due_at=None)  # only the papers are due, as on any day
    Paper.objects.exclude(announced_on=None).update(match_due_at=NOW)
    start = perf_counter()
    match_due(NOW)
    return perf_counter() - start


def forget_digests() -> None:
    """Have all readers due once more, as if none had got anything."""
    from accounts.models import Reader
    from digest.models import Digest, Edition

    Digest.objects.all().delete()
    Edition.objects.all().delete()
    Reader.objects.update(next_digest_at=NOW, last_edition_on=None)
