"""The story of one slice of digests: claim, compose, render, hand over, record.

One digest's failure is that digest's own. What may be done at once by many workers is decided in `ledger`.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from email.utils import parseaddr
from functools import partial
from itertools import groupby
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from digest.delivery import ledger
from digest.delivery.compose import Choice, compose
from digest.delivery.content import DigestContent
from digest.delivery.editions import open_due
from digest.delivery.handover import Fate, Mail, MailSystemDown, Outcome, Transport, transport
from digest.delivery.ledger import Claim
from digest.delivery.message import as_django, build
from digest.delivery.pool import CandidatePool
from digest.delivery.render import Rendered, render
from digest.feedback import bounces
from digest.models import Digest

log = logging.getLogger(__name__)

SLICE = 100
Clock = Callable[[], datetime]


def deliver_due(*, clock: Clock = timezone.now) -> int:
    """Open and deliver everything that is due by `clock`; return how many digests were settled or put back."""
    ledger.sweep(clock())
    open_due(clock())
    total = 0
    pools: dict[date, CandidatePool] = {}
    way = transport()
    try:
        while (claim := ledger.claim(clock(), limit=SLICE)).digests:
            total += len(claim.digests)
            if not _deliver_slice(claim, way, pools, clock):
                break
    finally:
        way.close()
    return total


def _deliver_slice(claim: Claim, way: Transport, pools: dict[date, CandidatePool], clock: Clock) -> bool:
    """Deliver the digests of one claim; False where the mail system is down and the rest must wait."""
    ready = list(_finished(claim.digests, pools, clock))
    fate: tuple[Digest, Outcome] | None = None  # of the last mail, until it is written down with the next commit
    failed: list[tuple[Digest, Outcome]] = []
    try:
        if ready:
            way.open()
        while ready:
            finished = ready.pop(0)
            with transaction.atomic():
                _record(fate, clock)
                held = ledger.begin(finished.digest, claim.token, clock(), **finished.written)
            fate = None
            if held:
                try:
                    fate = finished.digest, way.send(finished.mail)
                except MailSystemDown as error:
                    fate = finished.digest, Outcome(Fate.RETRY, reason=str(error))
                    raise
                if fate[1].fate is Fate.FAILED:
                    failed.append(fate)
    except MailSystemDown as error:
        waiting = [finished.digest for finished in ready]
        log.error("digests=%d waiting: %s", len(waiting), error)
        ledger.postpone(waiting, Outcome(Fate.RETRY, reason=str(error)), clock())
        return False
    finally:
        _record(fate, clock)
        for digest, outcome in failed:
            bounces.refused(digest.reader.email, digest.key, outcome.reason, clock())
    return True


def _record(fate: tuple[Digest, Outcome] | None, clock: Clock) -> None:
    if fate is not None:
        digest, outcome = fate
        ledger.record(digest, outcome, clock())


@dataclass(frozen=True, slots=True)
class Finished:
    """A digest that is ready to go: its mail, what it looks like, and what the ledger keeps of what it says."""

    digest: Digest
    mail: Mail
    rendered: Rendered
    written: dict[str, Any]


def _finished(digests: Sequence[Digest], pools: dict[date, CandidatePool], clock: Clock) -> Iterator[Finished]:
    """Compose and render the digests, edition by edition; settle those that get no mail."""
    by_day = groupby(sorted(digests, key=lambda digest: digest.edition.date), key=lambda digest: digest.edition.date)
    for day, group in by_day:
        if day not in pools or pools[day].is_full:
            pools[day] = CandidatePool(day)
        composed = compose(list(group), pools[day], clock())
        for (state, reason), unmailed in composed.unmailed.items():
            ledger.settle(unmailed, state, reason, clock())
        for digest, choice, said in composed.contents:
            try:
                yield write(digest, choice, said, clock())
            except Exception as error:
                log.exception("digest=%s cannot be rendered", digest.pk)
                ledger.settle([digest], Digest.State.FAILED, f"it could not be rendered: {error}", clock())


def write(digest: Digest, choice: Choice, said: DigestContent, now: datetime) -> Finished:
    rendered = render(said)
    mail = Mail(
        key=said.key,
        sender=parseaddr(settings.DEFAULT_FROM_EMAIL)[1],
        recipient=said.email,
        raw=build(rendered, content=said, sent_at=now),
        message=partial(as_django, rendered, content=said, sent_at=now),
    )
    picks = [
        [pick.paper, pick.topic, *(topic for topic in pick.topics if topic != pick.topic)] for pick in choice.picks
    ]
    return Finished(
        digest,
        mail,
        rendered,
        {"subject": rendered.subject, "picks": picks, "trending": list(choice.trending)},
    )
