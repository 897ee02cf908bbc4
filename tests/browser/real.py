"""A few real days, as arXiv and Hugging Face announced them: read in, ranked, matched, indexed, one paper featured.

Of each day's arXiv feed the first items are enough for every page. The days lie behind us, so that those who visit
them stop the clock at `NOW`, the evening of the last.
"""

import gzip
import json
import re
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from digest.ingest.by_hand import Document, ingest
from digest.ingest.index import index_due
from digest.ingest.rank import match_due, open_topic_pages, update_trends
from digest.ingest.topic_days import count_days_due
from digest.models import Paper

DATA = Path(__file__).parents[2].parent / "shared" / "data"
DAYS = (date(2025, 5, 2), date(2025, 5, 6), date(2025, 5, 7))  # a Friday; Tuesday and Wednesday of the next week
NOW = datetime(2025, 5, 7, 20, tzinfo=UTC)
OF_ARXIV = 60  # of each day
FEATURED = "2505.03730"
WORD_OF_STAFF = "A clear account, with code"


def read_real_days() -> None:
    """Live through the days, as the clock of a service does."""
    open_topic_pages(NOW - timedelta(days=7))
    listed = _listed()
    for day in DAYS:
        evening = datetime(day.year, day.month, day.day, NOW.hour, tzinfo=UTC)
        for body in (_announced(day), listed[day]):
            ingest(Document(body), now=evening)
        update_trends(evening)
    Paper.objects.get(identifiers__value=FEATURED).feature(WORD_OF_STAFF, NOW - timedelta(hours=1))
    match_due(NOW)
    count_days_due(NOW)
    index_due(NOW)


def _announced(day: date) -> bytes:
    """Return arXiv's feed of the day, with its first items only."""
    feed = gzip.decompress((DATA / "arxiv_feeds" / f"{day}__csCL+4.rss.xml.gz").read_bytes())
    head, *items = feed.split(b"<item>")
    tail = items[-1].partition(b"</item>")[2]
    kept = [b"<item>" + item.partition(b"</item>")[0] + b"</item>" for item in islice(items, OF_ARXIV)]
    return head + b"".join(kept) + tail


def _listed() -> dict[date, bytes]:
    """Return what Hugging Face listed at the end of each day, in the shape of its API."""
    items: dict[date, list[dict[str, Any]]] = {day: [] for day in DAYS}
    with gzip.open(DATA / "hf_daily" / "daily_snapshots.jsonl.gz", "rt") as lines:
        for line in lines:
            found = re.match(r'\{"snapshot": ?"(\d{4}-\d\d-\d\d)', line)
            assert found
            day = date.fromisoformat(found[1]) - timedelta(days=1)
            if day in items:
                items[day].append(_item(json.loads(line), day))
    return {day: json.dumps(found).encode() for day, found in items.items()}


def _item(row: dict[str, Any], day: date) -> dict[str, Any]:
    stated = {"id": row["arxiv_id"], "title": row["title"], "summary": row["summary"], "upvotes": row["upvotes"]}
    stated |= {"authors": [{"name": name} for name in row["authors"]], "publishedAt": row["published"]}
    return {"paper": stated | {"submittedOnDailyAt": f"{day}T00:00:00.000Z"}}
