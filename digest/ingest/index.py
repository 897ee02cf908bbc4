"""The index of the search: the words of papers that are new or have changed are written for the database to look up.

A pass takes a slice of the papers that are due, works on it outside a transaction, and writes it; what came last goes
first. It stops after MOST papers, so that a whole library, which is due after an update, holds nothing else up for
long, and goes on a minute later. What the search makes of it is told in `digest.ingest.search`.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from digest.models import Change, Paper, PaperWords
from digest.ranking.marks import marks
from digest.ranking.text import tokens

SLICE = 500
MOST = 10_000  # papers in one pass: some ten seconds
WRITTEN = ("announced_on", "title", "abstract", "marks")


def index_due(now: datetime, *, most: int = MOST) -> int:
    """Index up to `most` papers that are due; return how many."""
    total = 0
    while total < most and (papers := Paper.objects.claim_for_indexing(now, limit=min(SLICE, most - total))):
        record(papers, [words_of(paper) for paper in papers])
        total += len(papers)
    return total


def words_of(paper: Paper) -> PaperWords:
    title, abstract = tokens(paper.title), tokens(paper.abstract)
    return PaperWords(
        paper_id=paper.pk,
        announced_on=paper.announced_on,
        title=" ".join(title),
        abstract=" ".join(abstract),
        marks=" ".join(marks(title, abstract, paper.authors, paper.categories)),
    )


def record(papers: Sequence[Paper], words: Sequence[PaperWords]) -> None:
    """Write the words of these papers and release them, but for those that have changed since they were claimed."""
    claimed = {paper.pk: paper.index_due_at for paper in papers}
    with transaction.atomic():
        # Meanwhile some may have become one with others. Held in the order in which storing holds them.
        held = Paper.objects.filter(pk__in=claimed).order_by("pk").select_for_update()
        due = dict(held.values_list("pk", "index_due_at"))
        PaperWords.objects.bulk_create(
            [row for row in words if row.paper_id in due],
            batch_size=SLICE,
            update_conflicts=True,
            unique_fields=["paper"],
            update_fields=WRITTEN,
        )
        unchanged = [key for key, due_at in due.items() if due_at == claimed[key]]
        Paper.objects.filter(pk__in=unchanged).update(index_due_at=None)
        Change.objects.note()  # searches find more now than they did
