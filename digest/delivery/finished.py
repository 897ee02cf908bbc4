"""Makes the mails of a slice of digests: composed, rendered, in the bytes that go on the wire.

A digest that cannot be rendered fails alone. Handing over is `deliver`'s.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from itertools import groupby
from typing import Any

from django.conf import settings
from django.db import Error

from digest.delivery import headers, ledger
from digest.delivery.compose import Choice, Composed, compose
from digest.delivery.content import DigestContent
from digest.delivery.message import as_django, build
from digest.delivery.pool import CandidatePool
from digest.delivery.render import Rendered, render
from digest.delivery.wire.handover import Mail
from digest.models import Digest

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Finished:
    """A digest that is ready to go: its mail, what it looks like, and what the ledger keeps of what it says."""

    digest: Digest
    mail: Mail
    rendered: Rendered
    written: dict[str, Any]


def finish(digests: Sequence[Digest], pools: dict[date, CandidatePool], clock: Clock) -> Iterator[Finished]:
    """Compose and render the digests, edition by edition; settle those that get no mail."""
    by_day = groupby(sorted(digests, key=lambda digest: digest.edition.date), key=lambda digest: digest.edition.date)
    for day, group in by_day:
        if day not in pools or pools[day].is_full:
            pools[day] = CandidatePool(day)
        composed = _composed(list(group), pools[day], clock)
        for (state, reason), unmailed in composed.unmailed.items():
            ledger.settle(unmailed, state, reason, clock())
        for digest, choice, said in composed.contents:
            try:
                yield write(digest, choice, said, clock())
            except Error:
                raise
            except Exception as error:
                log.exception("digest=%s cannot be rendered", digest.pk)
                ledger.settle([digest], Digest.State.FAILED, f"it could not be rendered: {error}", clock())


def _composed(digests: Sequence[Digest], pool: CandidatePool, clock: Clock) -> Composed:
    """Compose the digests together; where that fails, each alone, so that what is wrong with one fails that one."""
    try:
        return compose(digests, pool, clock())
    except Error:
        raise  # the database's: all of them are due again when it is back
    except Exception as error:
        log.exception("digests=%d cannot be composed", len(digests))
        composed = Composed()
        if len(digests) == 1:
            composed.unmailed[Digest.State.FAILED, f"it could not be composed: {error}"] += digests
            return composed
    for digest in digests:
        alone = _composed([digest], pool, clock)
        composed.contents += alone.contents
        for fate, unmailed in alone.unmailed.items():
            composed.unmailed[fate] += unmailed
    return composed


def write(digest: Digest, choice: Choice, said: DigestContent, now: datetime) -> Finished:
    rendered = render(said)
    mail = Mail(
        key=said.key,
        sender=headers.address_of(settings.DEFAULT_FROM_EMAIL),
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
