"""A run of digests, how they stand after it, and a mail system that fails."""

from typing import Any

from digest.delivery.deliver import deliver_due
from digest.delivery.wire.handover import Fate, Mail, Outcome
from digest.models import Digest
from tests.make import NOON


def run(moment: Any = NOON) -> int:
    return deliver_due(clock=lambda: moment)


def states() -> dict[str, str]:
    return dict(Digest.objects.values_list("reader__email", "state"))


class Failing:
    """A way to a mail system that takes one mail, and then does what it is told."""

    def __init__(self, error: Exception) -> None:
        self.error, self.taken = error, 0

    def open(self) -> None: ...

    def close(self) -> None: ...

    def send(self, mail: Mail, then: Mail | None = None) -> Outcome:
        self.taken += 1
        if self.taken > 1:
            raise self.error
        return Outcome(Fate.ACCEPTED)
