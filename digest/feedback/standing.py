"""Whether a reader's address may be mailed: why nothing comes, in the reader's words, and how the reader mends it.

A reader who signs in has typed a code that was mailed, and who confirms has opened a link: the mailbox works. Mending
is kept as a mail event of our own, so that reports from before it, which may come late, change nothing any more
(`digest.feedback.bounces`).
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from django.db import transaction
from django.utils.formats import date_format

from accounts.models import Reader
from digest.models import MailEvent, Suppression

OURS = "broadsheet"  # as the provider of an event: no mail provider has this name
MENDED = "the reader showed that mail arrives, and asked for it again"
WHY = {
    Suppression.Reason.HARD_BOUNCE: "the mail system of your address answered that there is no such mailbox",
    Suppression.Reason.SOFT_BOUNCES: "your mailbox refused most of the last digests",
    Suppression.Reason.COMPLAINT: "a mail from here was reported as spam from your mailbox",
    Suppression.Reason.STAFF: "the people who run this service have stopped mail to your address",
    Suppression.Reason.ERASED: "everything about this address was erased before, as its owner wished",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """Why a reader gets no mail: `said` are the provider's own words, where there are any."""

    since: datetime
    why: str
    said: str
    is_ours_to_mend: bool  # staff stopped it, so the reader has to write to them
    was_reported: bool  # as spam, perhaps by a slip: the mailbox itself works


def standing(reader: Reader) -> Standing | None:
    """Return why `reader` must not be mailed; None where nothing stands against it."""
    row = Suppression.objects.of(reader.email).first()
    if row is None:
        return None
    reason = Suppression.Reason(row.reason)
    return Standing(
        since=row.created_at,
        why=WHY[reason],
        said="" if reason == Suppression.Reason.STAFF else row.note,
        is_ours_to_mend=reason == Suppression.Reason.STAFF,
        was_reported=reason == Suppression.Reason.COMPLAINT,
    )


def why_no_mail(reader: Reader) -> str | None:
    """Return one sentence for the reader's own page; None where mail may be sent."""
    found = standing(reader)
    if found is None:
        return None
    return f"No mail has gone to you since {date_format(found.since, 'j F Y')}: {found.why}."


def mend(reader: Reader, now: datetime) -> bool:
    """Let `reader` be mailed again, unless staff stopped it; tell whether that changed anything."""
    with transaction.atomic():
        listed = Suppression.objects.of(reader.email).exclude(reason=Suppression.Reason.STAFF)
        if not listed.delete()[0]:
            return False
        let_again(reader.email, MENDED, now)
    return True


def let_again(address: str, why: str, now: datetime) -> None:
    """Keep that mail to `address` is wanted from `now` on, so that reports from before it stop nothing any more."""
    MailEvent.objects.create(
        provider=OURS,
        event_key=f"mended {uuid4()}",
        kind=MailEvent.Kind.DELIVERED,
        address=address,
        reader=Reader.objects.filter(email=address).first(),
        at=now,
        said=why,
    )
