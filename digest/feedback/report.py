"""What a mail provider reports of one mail, in our own words: anymail's event becomes a Report.

Providers agree on what a bounce is, and not on how to say that an address is gone for good; the table below knows each
one's way. The codes of the receiving mail system (RFC 3463) come before it: whoever refuses us for our reputation, for
a full mailbox or for now says nothing about the address. What follows from a report is `digest.feedback.bounces`'.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from anymail.signals import AnymailTrackingEvent, EventType, RejectReason
from django.utils import timezone

from digest.models import MailEvent

Kind = MailEvent.Kind

# No such mailbox or domain: final at once, whoever says it. Not a part of an IP address.
GONE = re.compile(r"(?<![\d.])5\.1\.(?:1|2|3|6|10)(?!\.?\d)")
# Our reputation or signature, a full mailbox, a mail that is too long, or only for now.
NOT_THE_ADDRESS = re.compile(r"(?<![\d.])(?:5\.7\.\d{1,3}|5\.2\.[23]|5\.3\.4|4\.\d\.\d{1,3})(?!\.?\d)")
OUR_MESSAGE_ID = re.compile(r"digest-([0-9a-f]{32})@")

# Where each provider says in its raw event that a bounce is final, and by which values.
FINAL: dict[str, tuple[tuple[str, ...], frozenset[object]]] = {
    "Amazon SES": (("bounce", "bounceType"), frozenset(["Permanent"])),
    "Brevo": (("event",), frozenset(["hard_bounce", "invalid_email"])),
    "MailerSend": (("data", "type"), frozenset(["hard_bounced"])),
    "Mailgun": (("event-data", "reason"), frozenset(["bounce", "suppress-bounce"])),
    "Mailjet": (("hard_bounce",), frozenset([True])),
    "Mailtrap": (("event",), frozenset(["bounce"])),
    "Mandrill": (("event",), frozenset(["hard_bounce"])),
    "Postmark": (("Type",), frozenset(["HardBounce", "BadEmailAddress"])),
    "Resend": (("data", "bounce", "type"), frozenset(["Permanent"])),
    "SendGrid": (("type",), frozenset(["bounce"])),
    "SparkPost": (("msys", "message_event", "bounce_class"), frozenset(["10", "30"])),
    "Unisender Go": (("status",), frozenset(["hard_bounced"])),
}
KINDS = {
    EventType.DELIVERED: Kind.DELIVERED,
    EventType.DEFERRED: Kind.DEFERRED,
    EventType.COMPLAINED: Kind.COMPLAINT,
    EventType.UNSUBSCRIBED: Kind.UNSUBSCRIBE,
}
# What the provider did not even send, because of what it knows of the address.
REFUSED_FOR = {
    RejectReason.BOUNCED: Kind.HARD_BOUNCE,
    RejectReason.INVALID: Kind.HARD_BOUNCE,
    RejectReason.SPAM: Kind.COMPLAINT,
    RejectReason.UNSUBSCRIBED: Kind.UNSUBSCRIBE,
}


@dataclass(frozen=True, slots=True)
class Report:
    """One event of one mail. The same `provider` and `key` are the same event; `digest` is a digest's key."""

    provider: str
    key: str
    kind: MailEvent.Kind
    address: str
    at: datetime
    said: str = ""
    digest: UUID | None = None


def read(event: AnymailTrackingEvent, provider: str, now: datetime) -> Report | None:
    """Return what `event` reports; None where it is nothing to us, such as a click, or names no address."""
    said = _words(event.description, event.mta_response)
    kind = _kind(event, provider, said)
    address = event.recipient
    if kind is None or not isinstance(address, str) or "@" not in address or not address.isprintable():
        return None
    return Report(
        provider=provider,
        key=_key(event),
        kind=kind,
        address=address.strip().lower()[:254],
        at=min(_aware(event.timestamp or now), now),
        said=said,
        digest=_digest(event),
    )


def _kind(event: AnymailTrackingEvent, provider: str, said: str) -> MailEvent.Kind | None:
    if event.event_type == EventType.BOUNCED:
        return Kind.HARD_BOUNCE if _is_final(event.esp_event, provider, said) else Kind.SOFT_BOUNCE
    if event.event_type == EventType.REJECTED:
        return REFUSED_FOR.get(event.reject_reason, Kind.REJECTED)
    if event.event_type == EventType.FAILED:
        return Kind.HARD_BOUNCE if GONE.search(said) else Kind.REJECTED
    return KINDS.get(event.event_type)


def _is_final(raw: Any, provider: str, said: str) -> bool:
    if GONE.search(said):
        return True
    if provider not in FINAL or NOT_THE_ADDRESS.search(said):
        return False
    path, values = FINAL[provider]
    for name in path:
        raw = raw.get(name) if isinstance(raw, Mapping) else None
    return isinstance(raw, str | bool) and raw in values


def _key(event: AnymailTrackingEvent) -> str:
    """Return what tells this event from all others of its provider: its id, or all that it says where it has none.

    One notice can be of several recipients (SES), and one id of a bounce and the complaint after it (Postmark).
    """
    told = [event.event_id or [event.message_id, str(event.timestamp)], event.event_type, event.recipient]
    return sha256(json.dumps(told).encode()).hexdigest()


def _digest(event: AnymailTrackingEvent) -> UUID | None:
    """Return the key of the digest: our own datum, or our Message-ID where the provider kept it."""
    metadata = event.metadata if isinstance(event.metadata, Mapping) else {}
    told = metadata.get("digest")
    if not told and (found := OUR_MESSAGE_ID.search(str(event.message_id))):
        told = found[1]
    try:
        return UUID(str(told))
    except ValueError:
        return None


def _aware(moment: datetime) -> datetime:
    return moment if timezone.is_aware(moment) else moment.replace(tzinfo=UTC)


def _words(*said: object) -> str:
    """Return the provider's words on one line, without what a database or a page could stumble over."""
    text = " ".join(str(part) for part in said if part).encode(errors="replace").decode()
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())[:300]
