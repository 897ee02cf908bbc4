"""Searches the stored papers for those that belong to a topic, best first."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from digest.ingest.rank import background, documents, match_query
from digest.management.output import DataCommand, add_json_option, print_json, progress
from digest.models import Paper, PaperIdentifier
from digest.ranking.matching import Background, Hit
from digest.ranking.query import Query, QueryError, parse_query
from digest.ranking.related import FEEDBACK_PAPERS, related_query

PIECE = 2000


class Command(DataCommand):
    help = "Print the stored papers that belong to a topic, best first, with score and reason."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "query",
            metavar="QUERY",
            help='words, "a phrase", -not-this, cat:cs.CL, author:"Jane Doe"; quote it whole',
        )
        parser.add_argument("--limit", type=int, default=20, help="how many to print (default: 20; 0: all)")
        add_json_option(parser)

    def handle(self, *args: Any, query: str, limit: int, json: bool, **options: Any) -> None:
        if limit < 0:
            raise CommandError("--limit must be 0 (all) or more.")
        try:
            hits = self._search(parse_query(query), limit, quiet=json)
        except QueryError as error:
            raise CommandError(str(error)) from error
        papers = Paper.objects.in_bulk([hit.paper for hit in hits])
        identifiers = _identifiers(papers)
        for rank, hit in enumerate(hits, start=1):
            title = papers[hit.paper].title
            if json:
                line = {"rank": rank, "score": hit.score, "title": title}
                print_json(self, line | {"identifiers": identifiers[hit.paper], "why": hit.why})
            else:
                self.stdout.write(f"{rank:>4}  {hit.score:.3f}  {title}\n             {hit.why}")
        if not hits and not json:
            self.stdout.write("No stored paper belongs to this topic.")

    def _search(self, query: Query, limit: int, *, quiet: bool) -> list[Hit]:
        """Return the matches, best first, and after them, where there is room, what is related to the best."""
        frequencies = background()
        hits = _pass(query, frequencies, quiet=quiet)
        if hits and (not limit or len(hits) < limit):
            papers = Paper.objects.in_bulk([hit.paper for hit in hits[:FEEDBACK_PAPERS]])
            best = documents(papers[hit.paper] for hit in hits[:FEEDBACK_PAPERS])
            if related := related_query(query, best, frequencies):
                hits += _weaker(_pass(related, frequencies, quiet=quiet), hits)
        return hits[:limit] if limit else hits


def _pass(query: Query, frequencies: Background, *, quiet: bool) -> list[Hit]:
    """Match the query with all stored papers, piece by piece."""
    keys = list(Paper.objects.order_by("pk").values_list("pk", flat=True))
    pieces = [keys[start : start + PIECE] for start in range(0, len(keys), PIECE)]
    hits = [
        hit
        for piece in progress(pieces, quiet=quiet, unit=f" x {PIECE:,} papers")
        for hit in match_query(query, Paper.objects.filter(pk__in=piece).order_by("pk"), frequencies)
    ]
    return sorted(hits, key=lambda hit: (-hit.score, -hit.paper))  # of equally good ones the newest first


def _weaker(related: list[Hit], hits: list[Hit]) -> list[Hit]:
    """Return the related papers that are no matches themselves, with scores below the weakest match."""
    known = {hit.paper for hit in hits}
    least = hits[-1].score
    return [
        hit._replace(score=least * hit.score, why="related to the best matches")
        for hit in related
        if hit.paper not in known
    ]


def _identifiers(papers: dict[int, Paper]) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = {key: {} for key in papers}
    for row in PaperIdentifier.objects.filter(paper__in=papers).order_by("pk"):
        found[row.paper_id].setdefault(row.scheme, row.value)
    return found
