"""How one edition went: its closing equation, whether it holds, and each reader who got nothing, and why."""

import sys
from datetime import date
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from digest.delivery.closing import Verdict, check, who_got_nothing
from digest.delivery.equations import label
from digest.management.output import DataCommand, add_json_option, day, print_json
from digest.models import Edition


class Command(DataCommand):
    help = (
        "Print the equation of an edition, and who got nothing, and why; exit with 1 where it does not hold or digests "
        "are overdue."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("date", type=day, metavar="DATE", help="the date of the edition, e.g. 2026-03-04")
        add_json_option(parser)

    def handle(self, *args: Any, date: date, json: bool, **options: Any) -> None:
        edition = Edition.objects.filter(date=date).first()
        if edition is None:
            raise CommandError(f"There is no edition of {date}.{_known()}")
        now = timezone.now()
        verdict = check(edition, now)
        if json:
            print_json(self, _as_json(edition, verdict))
        else:
            self._print(edition, verdict)
        for address, state, reason in who_got_nothing(edition, now):
            if json:
                print_json(self, {"reader": address, "state": state, "reason": reason})
            else:
                self.stdout.write(f"  {address}  {label(state)}: {reason}")
        if not verdict.holds:
            sys.exit(1)  # a CommandError would add a line about an error, where the command did its work

    def _print(self, edition: Edition, verdict: Verdict) -> None:
        when = f"closed {edition.closed_at:%Y-%m-%d %H:%M} UTC" if edition.closed_at else "still open"
        self.stdout.write(f"Edition of {edition.date}, {when}\n{verdict.equation}")
        for problem in verdict.problems:
            self.stdout.write(self.style.ERROR(problem))
        if verdict.holds:
            self.stdout.write("The equation holds." if edition.closed_at else "Nothing is overdue.")
        for note in verdict.notes:
            self.stdout.write(note)
        if verdict.equation.counts.keys() - {"accepted", "pending", "handing_over"} or verdict.problems:
            self.stdout.write("Who got nothing, and why:")


def _as_json(edition: Edition, verdict: Verdict) -> dict[str, Any]:
    return {
        "edition": str(edition.date),
        "closes_at": edition.closes_at.isoformat(),
        "closed_at": edition.closed_at and edition.closed_at.isoformat(),
        "eligible": edition.counts.get("eligible", 0) if edition.closed_at else verdict.equation.eligible,
        "counts": verdict.equation.counts,
        "holds": verdict.holds,
        "problems": verdict.problems,
        "notes": verdict.notes,
    }


def _known() -> str:
    """Return which editions there are."""
    dates = Edition.objects.order_by("date").values_list("date", flat=True)
    if (first := dates.first()) is None:
        return " There is none at all yet: the first opens when the first reader's hour comes."
    return f" The first is of {first}, the latest of {dates.last()}."
