"""Checks how an edition went: whether its closing equation holds, and who got nothing, and why.

`eligible = accepted + failed + uncertain + empty + suppressed + expired`: every reader whose hour came on that date has
one digest, and each digest ended in one of these states, for a reason. `digest.delivery.editions` closes editions and
stores what they closed with; this looks again, and says what is wrong in plain words.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.timesince import timesince

from digest.delivery.equations import GOT_NONE, Equation, label
from digest.delivery.forget import KEPT_DIGESTS
from digest.delivery.tally import LATE
from digest.models import Digest, Edition

PATIENCE = timedelta(hours=2)  # editions close once an hour
OPEN = [*Digest.WAITING, Digest.State.HANDING_OVER]


@dataclass(frozen=True, slots=True)
class Verdict:
    """How an edition stands. `problems` need a person; `notes` are good to know."""

    equation: Equation
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return not self.problems


def check(edition: Edition, now: datetime) -> Verdict:
    """Return whether the equation of `edition` holds; while it is open, whether anything is overdue."""
    counted = edition.digests.by_state()
    stored = edition.closed_with if edition.closed_at else counted
    verdict = Verdict(Equation(stored, edition.closed_at or now))
    if edition.closed_at:
        _check_closed(edition, counted, verdict, now)
    else:
        _check_open(edition, counted, verdict, now)
    if silent := edition.digests.filter(state__in=set(GOT_NONE) - {Digest.State.RETRY}, reason="").count():
        verdict.problems.append(f"{silent:,} ended without a reason.")
    return verdict


def _check_closed(edition: Edition, counted: dict[str, int], verdict: Verdict, now: datetime) -> None:
    stored, eligible = verdict.equation.counts, edition.counts.get("eligible", 0)
    if eligible != (told := sum(stored.values())):
        verdict.problems.append(
            f"It closed with {eligible:,} eligible readers, and says of {told:,} what became of them."
        )
    if waiting := sum(stored.get(state, 0) + counted.get(state, 0) for state in OPEN):
        verdict.problems.append(f"{waiting:,} were still waiting when it closed, or wait since.")
    for state, count in sorted(counted.items()):
        if state not in OPEN and count > stored.get(state, 0):
            closed = stored.get(state, 0)
            verdict.problems.append(f"{count:,} are {label(state)} now, and {closed:,} were when it closed.")
    if gone := eligible - sum(counted.values()):
        is_old = edition.date < (now - KEPT_DIGESTS).date()
        why = "are not kept any longer" if is_old else "went with readers who were erased since"
        if gone > 0:
            verdict.notes.append(f"{gone:,} of its digests {why}.")


def _check_open(edition: Edition, counted: dict[str, int], verdict: Verdict, now: datetime) -> None:
    if overdue := edition.digests.open().filter(next_attempt_at__lt=now - LATE).count():
        verdict.problems.append(f"{overdue:,} are overdue: see that the workers run.")
    if now > edition.closes_at + PATIENCE:
        late = timesince(edition.closes_at, now)
        verdict.problems.append(f"It should have closed {late} ago: see that the clock runs.")
    if waiting := sum(counted.get(state, 0) for state in OPEN):
        verdict.notes.append(f"{waiting:,} wait to be mailed.")
    verdict.notes.append("It is not closed yet: readers may be added whose hour is still to come.")


def who_got_nothing(edition: Edition, now: datetime) -> Iterator[tuple[str, str, str]]:
    """Yield address, state and reason of each reader without a digest, one by one: there may be very many."""
    late = Q(state__in=[Digest.State.PENDING, Digest.State.HANDING_OVER], next_attempt_at__lt=now - LATE)
    rows = edition.digests.filter(Q(state__in=GOT_NONE) | late).order_by("state", "-pk")
    found = rows.values_list("reader__email", "state", "reason", "next_attempt_at")
    for address, state, reason, at in found.iterator(chunk_size=2000):
        since = f"due since {at:%Y-%m-%d %H:%M} UTC" if at and at < now else ""
        yield address, state, "; ".join(filter(None, (reason, since))) or "no reason was given"
