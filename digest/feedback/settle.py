"""Settles digests of which nobody knew whether they left: by what a mail provider reports, or by a person's word.

A provider that reports anything about the mail itself had it: it left. One that says it did not send the mail is
believed until it reports otherwise. What has been put back to be sent once more is settled too, while it waits; not
while a newer attempt is under way. What a closed edition closed with moves along, so that its equation stays true.
"""

from collections import Counter, defaultdict
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from digest.models import Digest, Edition, MailEvent

Kind = MailEvent.Kind
State = Digest.State
AT_ONCE = 500
LEFT = {Kind.DELIVERED, Kind.DEFERRED, Kind.SOFT_BOUNCE, Kind.HARD_BOUNCE, Kind.COMPLAINT}
NOT_SENT = "not sent by the provider, as it reported: "
# Put back to be sent once more, and not under way: claimed at most, and a claim whose digest is settled begins nothing.
WAITS_AGAIN = Q(state__in=[State.RETRY, State.EXPIRED], resent_at__isnull=False)


def by_report(event: MailEvent) -> bool:
    """Settle the digest of `event` if its fate was not known; tell whether that was new."""
    if event.digest is None or event.digest.state == State.ACCEPTED:
        return False
    digest = Digest.objects.filter(pk=event.digest.pk)
    if event.kind in LEFT:
        unknown = Q(state=State.UNCERTAIN) | WAITS_AGAIN | Q(state=State.FAILED, reason__startswith=NOT_SENT)
        if event.kind == Kind.DELIVERED:  # the first copy, where the second was refused
            unknown |= Q(state=State.FAILED, resent_at__isnull=False)
        reason = f"{event.provider} reported: {event.get_kind_display()}"
        return bool(settle(digest.filter(unknown), State.ACCEPTED, reason, event.at))
    if event.kind == Kind.REJECTED:
        reason = f"{NOT_SENT}{event.provider}. {event.said}".strip()
        return bool(settle(digest.filter(state=State.UNCERTAIN), State.FAILED, reason, event.at))
    return False


def by_reports_heard(since: datetime) -> int:
    """Settle what became uncertain after `since`, when its provider had reported already; return how many."""
    heard = MailEvent.objects.filter(digest__state=State.UNCERTAIN, digest__settled_at__gt=since)
    return sum(by_report(event) for event in heard.select_related("digest").order_by("pk")[:AT_ONCE])


def by_hand(digests: QuerySet[Digest], now: datetime) -> list[Digest]:
    """Settle uncertain digests that arrived, as staff have found out; return which, as they had been."""
    return settle(digests.filter(state=State.UNCERTAIN), State.ACCEPTED, "it arrived, as staff found out", now)


def settle(digests: QuerySet[Digest], state: State, reason: str, now: datetime) -> list[Digest]:
    """Give `digests` their final state, and their closed editions the count of it; return them as they had been."""
    with transaction.atomic():
        found = list(digests.select_for_update(of=("self",)).order_by("pk"))
        moved: dict[int, Counter[tuple[str, str]]] = defaultdict(Counter)
        for digest in found:
            moved[digest.edition_id][digest.state, state.value] += 1
        fate = {"state": state, "reason": reason[:300], "settled_at": now, "next_attempt_at": None, "claim": None}
        Digest.objects.filter(pk__in=[digest.pk for digest in found]).update(**fate)
        for edition in sorted(moved):
            Edition.objects.recount(edition, moved[edition])
    return found
