"""What signing up does: asking posts one mail to the address, and confirming makes its owner a reader.

Asking reads no Reader, so that known and unknown addresses cannot be told apart. Limits on who asks how often are for
`digest.web`; the words of the mails are `digest.delivery.wording`'s.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.consent import CONSENT
from accounts.models import Reader
from digest.feedback.links import LASTS, Purpose, link
from digest.feedback.standing import mend
from digest.models import Letter, Signup, Subscription, Topic
from digest.models.topic import label_of


class AccountClosed(Exception):
    """The address belongs to an account that staff have closed."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A reader whose address is confirmed; `again` where nothing changed, because it had been before."""

    reader: Reader
    again: bool = False


@transaction.atomic
def ask(address: str, topics: Sequence[str], *, time_zone: str, now: datetime) -> bool:
    """Keep what somebody wishes for `address`; tell whether its mail was posted, at most once a day."""
    signup, may_mail = Signup.objects.ask(
        address, topics, time_zone=time_zone, consent=(CONSENT.version, CONSENT.text), now=now
    )
    if may_mail:
        _post(signup, now)
    return may_mail


@transaction.atomic
def ask_again(reader: Reader, now: datetime) -> bool:
    """Do as `ask` for a reader who has not confirmed, such as one whom staff imported."""
    topics = list(reader.subscriptions.active().order_by("pk").values_list("topic__query", flat=True))
    return ask(reader.email, topics, time_zone=reader.time_zone, now=now)


def _post(signup: Signup, now: datetime) -> None:
    said = {"topics": list(map(label_of, signup.topics)), "url": link(Purpose.CONFIRM, signup.pk)}
    Letter.objects.post(Letter.Kind.CONFIRM, signup.address, now=now, said=said, lasts=LASTS[Purpose.CONFIRM])


@transaction.atomic
def confirm(signup: int, now: datetime) -> Confirmed:
    """Make whoever holds the link of the mail a reader who gets digests. Signs nobody in.

    Raises Signup.DoesNotExist where the sign-up was forgotten, AccountClosed where staff closed the account.
    """
    wish = Signup.objects.select_for_update().get(pk=signup)
    reader = Reader.objects.select_for_update().filter(email=wish.address).first()
    if reader is not None and not reader.is_active:
        raise AccountClosed
    if wish.confirmed_at is not None and reader is not None:
        return Confirmed(reader, again=True)
    reader = _started(reader or _newcomer(wish), wish, now)
    _follow(reader, wish.topics)
    mend(reader, now)
    Signup.objects.filter(pk=wish.pk).update(confirmed_at=now)
    Letter.objects.post(Letter.Kind.WELCOME, reader.email, reader=reader.pk, now=now)
    return Confirmed(reader)


def who(signup: Signup) -> Reader:
    """Return the reader whom confirming would make or change: for the page that asks. Nothing is stored."""
    return Reader.objects.filter(email=signup.address).first() or _newcomer(signup)


def _newcomer(wish: Signup) -> Reader:
    reader = Reader(email=wish.address, time_zone=wish.time_zone)
    reader.set_unusable_password()
    return reader


def _started(reader: Reader, wish: Signup, now: datetime) -> Reader:
    """Have digests sent, by the clock that the reader has set: only who never confirmed gets that of the sign-up."""
    if reader.state == Reader.State.PENDING:
        reader.time_zone = wish.time_zone
    if reader.state != Reader.State.ACTIVE:
        reader.state = Reader.State.ACTIVE
        reader.paused_until = reader.left_at = None
    reader.consent_text, reader.consent_version = wish.consent_text, wish.consent_version
    reader.consented_at, reader.confirmed_at = wish.asked_at, now
    reader.save()
    return reader


def _follow(reader: Reader, queries: Sequence[str]) -> None:
    for query in queries:
        topic = Topic.objects.named(query)
        Subscription.objects.update_or_create(reader=reader, topic=topic, defaults={"is_muted": False})
