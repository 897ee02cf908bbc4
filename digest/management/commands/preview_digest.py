"""Writes what would be mailed as .eml, .html and .txt, without sending or recording."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from accounts.models import Reader
from digest.delivery.pool import CandidatePool
from digest.delivery.preview import Preview, preview_reader, preview_topics
from digest.ingest.rank import background, match_query
from digest.management.output import DataCommand, day, progress
from digest.models import Paper
from digest.models.match import FRESH_DAYS
from digest.ranking.label import label
from digest.ranking.matching import DEFAULT_BAR
from digest.ranking.query import QueryError, parse_query


class Command(DataCommand):
    help = "Write the digest that would be mailed, as .eml, .html and .txt. Nothing is sent or recorded."

    def add_arguments(self, parser: CommandParser) -> None:
        whom = parser.add_mutually_exclusive_group(required=True)
        whom.add_argument("--reader", metavar="EMAIL", help="for this reader")
        whom.add_argument("--topics", metavar='"A; B; C"', help="for somebody new who follows these topics")
        parser.add_argument("--on", type=day, metavar="DATE", help="the edition of this day (default: today)")
        parser.add_argument("--out", type=Path, metavar="DIR", help="where to write (default: var/preview)")

    def handle(self, *args: Any, reader: str | None, topics: str | None, **options: Any) -> None:
        on: date = options["on"] or timezone.now().date()
        preview = self._for_reader(reader, on) if reader else self._for_topics(topics or "", on)
        if preview is None:
            self.stdout.write("No paper is close enough: there would be no mail.")
            return
        finished = preview.finished
        folder: Path = options["out"] or settings.VAR_DIR / "preview"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "digest.eml").write_bytes(finished.mail.raw)
            (folder / "digest.html").write_text(finished.rendered.html, encoding="utf-8")
            (folder / "digest.txt").write_text(finished.rendered.text, encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{folder} cannot be written: {error.strerror}") from error
        self.stdout.write(f"{finished.written['subject']}\n{folder}/digest.eml, digest.html, digest.txt")

    def _for_reader(self, email: str, on: date) -> Preview | None:
        reader = Reader.objects.filter(email=email.strip().lower()).first()
        if reader is None:
            raise CommandError(f"There is no reader with the address {email}.")
        return preview_reader(reader, on)

    def _for_topics(self, topics: str, on: date) -> Preview | None:
        queries = list(dict.fromkeys(query.strip() for query in topics.split(";") if query.strip()))
        if not queries:
            raise CommandError('Name at least one topic, such as --topics "knowledge transfer; cat:cs.CL".')
        pool = CandidatePool(on)
        papers = Paper.objects.announced_between(on - timedelta(days=FRESH_DAYS), on).in_bulk()
        words = background()
        for place, query in progress(enumerate(queries), quiet=False, unit="topic", total=len(queries)):
            try:
                hits = match_query(parse_query(query), papers.values(), words, bar=DEFAULT_BAR)
            except QueryError as error:
                raise CommandError(f"{query}: {error}") from error
            pool.add(place, label(query), [(papers[hit.paper], hit.score, hit.why) for hit in hits])
        return preview_topics(pool, range(len(queries)))
