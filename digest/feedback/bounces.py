"""What follows when a mail comes back or is complained about. Each report counts once, however often it is told.

A hard bounce or a complaint stops mail to the address at once; a soft bounce when three of the reader's last five
accepted digests have come back so. A digest that was delivered after all has not come back, and one whose fate was not
known is settled by what is reported of it (`settle`). Reports about addresses that nobody here has are dropped, and
what happened before a reader mended it (`standing`) is kept without further consequence.
"""

import re
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.models import Reader
from digest.feedback import settle
from digest.feedback.report import Report
from digest.feedback.standing import OURS
from digest.models import Digest, MailEvent, Signup, Suppression

Kind = MailEvent.Kind
LAST = 5
TOO_MANY = 3
AT_ONCE = {
    Kind.HARD_BOUNCE: Suppression.Reason.HARD_BOUNCE,
    Kind.COMPLAINT: Suppression.Reason.COMPLAINT,
}
NO_SUCH_MAILBOX = re.compile(r"5\d\d 5\.1\.(?:1|2|3|6|10)\b")
STOPPING = {*AT_ONCE, Kind.SOFT_BOUNCE, Kind.UNSUBSCRIBE}


def take(report: Report) -> bool:
    """Keep a report and do what follows from it, in one transaction; tell whether it was new."""
    with transaction.atomic():
        spellings = _spellings(report.address)
        reader = Reader.objects.filter(email__in=spellings).first()
        signup = None if reader else Signup.objects.filter(address__in=spellings).first()
        if reader is None and signup is None:
            return False
        event, is_new = MailEvent.objects.get_or_create(
            provider=report.provider,
            event_key=report.key,
            defaults={
                "kind": report.kind,
                "address": reader.email if reader else report.address,
                "reader": reader,
                "digest": Digest.objects.filter(key=report.digest, reader=reader).first() if report.digest else None,
                "at": report.at,
                "said": report.said,
            },
        )
        if is_new:
            settle.by_report(event)
        if is_new and not (event.kind in STOPPING and _is_mended(event)):
            _act(event)
    return is_new


def refused(address: str, key: UUID, words: str, now: datetime) -> bool:
    """Take it for a hard bounce where a mail system refused `key`, for good, as there is no such mailbox or domain."""
    if not NO_SUCH_MAILBOX.match(words):
        return False
    return take(Report("smtp", key.hex, Kind.HARD_BOUNCE, address, now, said=words, digest=key))


def _act(event: MailEvent) -> None:
    reader = event.reader
    if event.kind in AT_ONCE:
        Suppression.objects.suppress(event.address, AT_ONCE[Kind(event.kind)], event.said)
    elif reader is None:
        return
    elif event.kind == Kind.UNSUBSCRIBE:
        reader.leave()
    elif event.kind == Kind.SOFT_BOUNCE:
        # Of two that come at once, the second waits here, and then sees the first.
        Reader.objects.select_for_update().get(pk=reader.pk)
        if _keeps_bouncing(reader):
            Suppression.objects.suppress(reader.email, Suppression.Reason.SOFT_BOUNCES, event.said)
    elif event.kind == Kind.DELIVERED and _had_bounced(event) and not _keeps_bouncing(reader):
        Suppression.objects.of(reader.email).filter(reason=Suppression.Reason.SOFT_BOUNCES).delete()


def _is_mended(event: MailEvent) -> bool:
    return MailEvent.objects.filter(address=event.address, provider=OURS, at__gte=event.at).exists()


def _had_bounced(event: MailEvent) -> bool:
    softly = MailEvent.objects.filter(digest=event.digest_id, kind=Kind.SOFT_BOUNCE)
    return event.digest_id is not None and softly.exists()


def _keeps_bouncing(reader: Reader) -> bool:
    """Whether too many of the last accepted digests came back, since the reader last mended it."""
    accepted = Digest.objects.filter(reader=reader, state=Digest.State.ACCEPTED).order_by("-due_at")
    last = list(accepted.values_list("pk", flat=True)[:LAST])
    events = MailEvent.objects.filter(digest__in=last, kind__in=[Kind.SOFT_BOUNCE, Kind.DELIVERED])
    mended = MailEvent.objects.filter(address=reader.email, provider=OURS).order_by("-at").values_list("at", flat=True)
    if since := mended.first():
        events = events.filter(at__gt=since)
    kinds = set(events.values_list("digest", "kind"))
    arrived = {digest for digest, kind in kinds if kind == Kind.DELIVERED}
    bounced = {digest for digest, kind in kinds if kind == Kind.SOFT_BOUNCE}
    return len(bounced - arrived) >= TOO_MANY


def _spellings(address: str) -> list[str]:
    """Return an address as providers write it (in ASCII) and as its owner may have."""
    local, _, domain = address.rpartition("@")
    try:
        return [address, f"{local}@{domain.encode().decode('idna')}"]
    except UnicodeError:
        return [address]
