"""How fast digests go: for how many there is room, which must wait, and what follows from what mail systems say.

    room -> claim -> sort_out -> hand over -> told, and give_back for what was not used

Everything is in the rows of `Pace`, changed under their locks: however many workers there are, a limit is not exceeded.
A worker that dies keeps the room it took, so that fewer mails go that day rather than more. Letters take no room and
wait for none, but they are counted (`told` with took_room=False).
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from digest.delivery import alert, ledger
from digest.delivery.editions import FRESHNESS
from digest.delivery.ledger import Held
from digest.delivery.replies import OWN, apportioned, domain_of, heard_by_domain, is_everywhere
from digest.delivery.wire.handover import Outcome
from digest.models import Digest, Pace, PaceDomain
from digest.models.breaker import Heard

SHORTEST_WAIT = timedelta(seconds=0.5)  # so that room for some mails comes together
LONGEST_DOWN = timedelta(minutes=5)  # a mail system that could not be reached may be back any minute
LOUD = 3  # replies in one batch after which a domain gets a row of its own


@dataclass(slots=True)
class Room:
    """Room for some mails; `is_taken` where a row counts it, and `groups` are those of digests that count theirs."""

    mails: int
    is_taken: bool = False
    groups: dict[int, int] = field(default_factory=dict)  # key of the group by key of the digest


def is_free(now: datetime) -> bool:
    """Whether nothing is limited, neither all mail nor any group."""
    return not any(row.is_limited(now) for row in Pace.objects.limited(now))


def room(wanted: int, now: datetime) -> Room:
    """Take room for up to `wanted` mails, of all mail."""
    pace = Pace.objects.all_mail()
    if pace.is_closed(now):
        return Room(0)
    if not pace.is_limited(now):
        return Room(wanted)
    with Pace.objects.changing([pace.pk]) as [pace]:
        return Room(pace.take(wanted, now), is_taken=True)


def give_back(room: Room, used: int, unused: Iterable[Digest], now: datetime) -> None:
    """Give back what was taken for mails that did not go: all but `used`, and in their groups those of `unused`."""
    counts = Counter(room.groups[digest.pk] for digest in unused if digest.pk in room.groups)
    if room.is_taken and room.mails > used:
        counts[Pace.objects.all_mail().pk] = room.mails - used
    if counts:
        with Pace.objects.changing(counts) as rows:
            for row in rows:
                row.give_back(counts[row.pk], now)


def wait(now: datetime) -> timedelta:
    """Return how long to wait until `room` is worth asking for again."""
    return max(SHORTEST_WAIT, Pace.objects.all_mail().opens_at(now) - now)


def why_closed(now: datetime) -> str:
    """Return why there is no room for any mail, in words."""
    return Pace.objects.all_mail().holds_because(now)


def sort_out(digests: Sequence[Digest], now: datetime, room: Room) -> tuple[list[Digest], list[Held]]:
    """Return which of `digests` may go now, and which must wait for the mail systems of their readers.

    Whose time is over waits for nothing: composing will find that.
    """
    limited = {group.pk for group in Pace.objects.limited(now) if group.is_limited(now) and not group.is_all_mail}
    if not limited:
        return list(digests), []
    groups = PaceDomain.objects.groups({domain_of(digest.reader.email) for digest in digests})
    theirs: dict[int, list[Digest]] = defaultdict(list)
    for digest in digests:
        group = groups.get(domain_of(digest.reader.email))
        if group in limited and digest.due_at + FRESHNESS > now:
            theirs[group].append(digest)
    held: dict[int, Held] = {}
    with Pace.objects.changing(theirs) as rows:
        for pace in rows:
            taken = pace.take(len(theirs[pace.pk]), now)
            room.groups |= {digest.pk: pace.pk for digest in theirs[pace.pk][:taken]}
            held |= {one.digest.pk: one for one in _lined_up(pace, theirs[pace.pk][taken:], now)}
    return [digest for digest in digests if digest.pk not in held], list(held.values())


def _lined_up(pace: Pace, waiting: Sequence[Digest], now: datetime) -> Iterable[Held]:
    """Give each of `waiting` its place in the line, or until it is worth nothing any more."""
    reason = pace.holds_because(now)
    for digest, until in zip(waiting, pace.line_up(len(waiting), now), strict=True):
        yield Held(digest, min(until, digest.due_at + FRESHNESS), reason)


def told(results: Iterable[tuple[str, Outcome]], now: datetime, *, took_room: bool = True) -> None:
    """Count what became of a batch of mails (address and outcome), and close or stop what asks for it or refuses."""
    by_domain = heard_by_domain(results)
    if not by_domain:
        return
    keys = _groups(by_domain)
    by_row = apportioned(by_domain, keys, Pace.objects.all_mail().pk)
    with Pace.objects.changing(by_row) as rows:
        stopped = [pace for pace in rows if pace.learn(by_row[pace.pk], now, took_room=took_room)]
        for pace in stopped:
            alert.mail_stopped(pace, now)


def down(reason: str, now: datetime) -> None:
    """Leave a mail system that takes no connection alone for a while, twice as long each time.

    Where it said so itself (421), up to the longest time; else it may be back any minute.
    """
    with Pace.objects.changing([Pace.objects.all_mail().pk]) as [pace]:
        pace.trouble, pace.trouble_at = reason[:300], now
        if re.search(r"\b421\b", reason):
            pace.back_off(now)
        else:
            pace.back_off(now, LONGEST_DOWN)


def go_on(keys: Iterable[int], now: datetime) -> list[Pace]:
    """Have mail go again that was closed, stopped or paused, and what waited for it with it; return the rows."""
    with Pace.objects.changing(list(keys)) as rows:
        for row in rows:
            row.go_on()
    let_go(rows, now)
    return rows


def let_go(rows: Iterable[Pace], now: datetime) -> None:
    """Make digests due at once that waited for these rows: things have changed."""
    ledger.let_go([reason for row in rows for reason in row.reasons.values()], now)


def _groups(by_domain: Mapping[str, Heard]) -> dict[str, int]:
    """Return the key of the group of each domain, with a new one for a domain alone in trouble time and again."""
    keys = PaceDomain.objects.groups(by_domain.keys() - {OWN})
    if any(is_everywhere(by_domain, keys, what) for what in ("slowed", "refused")):
        return keys
    for domain, heard in by_domain.items():
        if domain not in {OWN, *keys} and heard.slowed + heard.refused >= LOUD:
            keys[domain] = PaceDomain.objects.group_of_its_own(domain).pk
    return keys
