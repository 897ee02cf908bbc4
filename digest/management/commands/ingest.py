"""Reads listings now, from files or addresses, and says what came of each input."""

from datetime import UTC, date, datetime, time
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from digest.ingest.by_hand import InputError, Report, ingest, read
from digest.ingest.rank import update_trends
from digest.management.output import DataCommand, add_json_option, day, print_json, progress
from digest.models import Source
from digest.sources.address import without_login


class Command(DataCommand):
    help = "Read listings from files or addresses, and store their papers. Reading the same again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("inputs", nargs="+", metavar="PATH_OR_URL")
        parser.add_argument("--kind", choices=Source.Kind.values, help="what the inputs are (default: told by content)")
        parser.add_argument(
            "--on",
            type=day,
            metavar="DATE",
            help="read them as of this day (YYYY-MM-DD, noon UTC) instead of now",
        )
        add_json_option(parser)

    def handle(self, *args: Any, inputs: list[str], **options: Any) -> None:
        on: date | None = options["on"]
        now = datetime.combine(on, time(12), tzinfo=UTC) if on else timezone.now()
        failed = 0
        for given in progress(inputs, quiet=options["json"] or len(inputs) == 1, unit="input"):
            shown = without_login(given) if given.startswith(("http://", "https://")) else given
            try:
                if shown != given:
                    raise InputError("give the address without a user name and password, which many would see")
                report = ingest(read(given), kind=options["kind"], now=now)
            except InputError as error:
                failed += 1
                self._say_error(shown, str(error), as_json=options["json"])
            else:
                self._say(given, report, as_json=options["json"])
        update_trends(now)
        if failed:
            others = "; the others are stored" if failed < len(inputs) else ""
            raise CommandError(f"{failed} of {len(inputs)} inputs could not be read{others}.")

    def _say(self, given: str, report: Report, *, as_json: bool) -> None:
        stored, skipped = report.stored, report.skipped
        if as_json:
            reasons = [{"position": item.position, "reason": item.reason} for item in skipped]
            line = {"input": given, "kind": report.kind, "source": report.source, "seen": report.seen}
            counts = {"new": stored.new, "updated": stored.updated, "skipped": len(skipped)}
            print_json(self, line | counts | {"truncated": report.truncated, "reasons": reasons})
            return
        self.stdout.write(
            f"{given}: {report.kind}, {report.seen:,} seen, {stored.new:,} new, {stored.updated:,} updated, "
            f"{len(skipped):,} skipped" + (" (the document was cut short)" if report.truncated else "")
        )
        for item in skipped[:10]:
            self.stdout.write(f"  item {item.position} skipped: {item.reason}")

    def _say_error(self, given: str, error: str, *, as_json: bool) -> None:
        if as_json:
            print_json(self, {"input": given, "error": error})
        else:
            self.stderr.write(self.style.ERROR(f"{given}: {error}"))
