"""One pass over everything that is due: for cron, for tests, and for the curious."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from digest.delivery.deliver import deliver_due
from digest.delivery.editions import close_over
from digest.delivery.finished import Clock
from digest.delivery.letters import deliver_letters_due
from digest.delivery.tally import bring_up_to_date
from digest.ingest.catch_up import catch_up_due
from digest.ingest.complete import complete_due
from digest.ingest.index import index_due
from digest.ingest.rank import match_due, open_topic_pages, update_trends
from digest.ingest.refresh import refresh_due
from digest.ingest.signals import refresh_signals
from digest.ingest.topic_days import count_days_due
from digest.management.output import DataCommand, add_json_option, print_json, progress


def moment(text: str) -> datetime:
    """Return the moment that an ISO text names; without an offset it is UTC."""
    parsed = datetime.fromisoformat(text)
    if not 2000 <= parsed.year < 3000:
        raise ValueError("no year of this service")
    return timezone.make_aware(parsed) if timezone.is_naive(parsed) else parsed


class Command(DataCommand):
    help = "Do what is due, once: refresh sources, rank, match, deliver, close. Several at once are safe."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--now", metavar="ISO", help="act as if it were this moment, e.g. 2026-03-01T07:00+01:00")
        add_json_option(parser)

    def handle(self, *args: Any, now: str | None, **options: Any) -> None:
        try:
            fixed = None if now is None else moment(now)
        except ValueError as error:
            raise CommandError(f"--now {now!r}: not a moment; write one like 2026-03-01T07:00+01:00.") from error
        counts = run(lambda: fixed or timezone.now(), quiet=options["json"])
        if options["json"]:
            print_json(self, counts)
        else:
            self.stdout.write(", ".join(f"{count:,} {what}" for what, count in counts.items()))


def run(clock: Clock, *, quiet: bool) -> dict[str, int]:
    """Do one pass by `clock` and return how much was done of each."""
    steps: dict[str, Callable[[], int]] = {
        "sources visited": lambda: refresh_due(clock),
        "missed pages read": lambda: catch_up_due(clock),
        "vote lists read": lambda: refresh_signals(clock()),
        "papers completed": lambda: complete_due(clock()),
        "trends changed": lambda: update_trends(clock()),
        "pages of topics opened or closed": lambda: open_topic_pages(clock()),
        "papers and topics matched": lambda: match_due(clock()),
        "days counted by topic": lambda: count_days_due(clock()),
        "papers indexed": lambda: index_due(clock()),
        "digests handled": lambda: deliver_due(clock=clock),
        "letters handled": lambda: deliver_letters_due(clock=clock),
        "editions closed": lambda: close_over(clock()),
        "readers and digests counted": lambda: bring_up_to_date(clock()),
    }
    return {what: step() for what, step in progress(steps.items(), quiet=quiet, unit="step", total=len(steps))}
