"""Searches the stored papers for those that belong to a topic, best first."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from digest.ingest.rank import background, match_query
from digest.management.output import add_json_option, print_json, progress
from digest.models import Paper, PaperIdentifier
from digest.ranking.matching import Hit
from digest.ranking.query import Query, QueryError, parse_query

PIECE = 2000


class Command(BaseCommand):
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
            hits = self._search(parse_query(query), quiet=json)
        except QueryError as error:
            raise CommandError(str(error)) from error
        hits = hits[:limit] if limit else hits
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

    def _search(self, query: Query, *, quiet: bool) -> list[Hit]:
        words = background()
        keys = list(Paper.objects.order_by("pk").values_list("pk", flat=True))
        pieces = [keys[start : start + PIECE] for start in range(0, len(keys), PIECE)]
        hits = [
            hit
            for piece in progress(pieces, quiet=quiet, unit=f" x {PIECE:,} papers")
            for hit in match_query(query, Paper.objects.filter(pk__in=piece).order_by("pk"), words)
        ]
        return sorted(hits, key=lambda hit: (-hit.score, hit.paper))


def _identifiers(papers: dict[int, Paper]) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = {key: {} for key in papers}
    for row in PaperIdentifier.objects.filter(paper__in=papers).order_by("pk"):
        found[row.paper_id].setdefault(row.scheme, row.value)
    return found
