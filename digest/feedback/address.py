"""Moving a reader to another mail address: asked for by the reader, done by whoever owns the new address.

Until then nothing tells whether somebody else has it. The link says who moves from where to where, so that it is worth
nothing any more once the reader has moved by another one, also where that led back to the address it began with.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import transaction

from accounts.models import Reader
from digest.feedback.links import LASTS, BadLink, Purpose, link, text_of
from digest.models import Letter, Suppression


class NotFree(Exception):
    """The new address is another reader's, or one that staff have stopped."""


@dataclass(frozen=True, slots=True)
class Move:
    """A reader's move as the link says it; `done` where the reader has that address already."""

    reader: Reader
    address: str

    @property
    def done(self) -> bool:
        return self.reader.email == self.address


def ask(reader: Reader, address: str, now: datetime) -> None:
    """Have the new address asked whether it is the reader's."""
    wish = (
        urlsafe_b64encode(json.dumps([reader.pk, reader.email, address, _since(reader)]).encode()).decode().rstrip("=")
    )
    said = {"url": link(Purpose.ADDRESS, wish)}
    lasts = LASTS[Purpose.ADDRESS]
    Letter.objects.post(Letter.Kind.NEW_ADDRESS, address, reader=reader.pk, now=now, said=said, lasts=lasts)


def read(token: str) -> Move:
    """Return the move that a link is for. Raises BadLink, also where the reader went elsewhere since."""
    text = text_of(Purpose.ADDRESS, token)
    try:
        key, before, address, since = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        reader = Reader.objects.get(pk=key, is_active=True)
    except (ValueError, TypeError, Reader.DoesNotExist) as error:
        raise BadLink(str(error)) from error
    move = Move(reader, address)
    if not move.done and (reader.email, _since(reader)) != (before, since):
        raise BadLink("the reader has moved since")
    return move


def _since(reader: Reader) -> str:
    """Return when the reader last proved to own the address: each move is a proof, so that no two look the same."""
    return reader.confirmed_at.isoformat() if reader.confirmed_at else ""


@transaction.atomic
def change(token: str, now: datetime) -> Move:
    """Give the reader the new address, and tell the old one. Twice is harmless. Raises BadLink, NotFree."""
    move = read(token)
    reader = Reader.objects.select_for_update().get(pk=move.reader.pk)
    before = reader.email
    if before == move.address:
        return Move(reader, move.address)
    suppressed = Suppression.objects.of(move.address)
    others = Reader.objects.filter(email=move.address)
    if others.exists() or suppressed.filter(reason=Suppression.Reason.STAFF).exists():
        raise NotFree
    reader.email, reader.confirmed_at = move.address, now
    reader.save()
    follow_address(reader)
    suppressed.delete()
    Letter.objects.post(Letter.Kind.MOVED, before, reader=reader.pk, now=now, said={"new": move.address})
    return Move(reader, move.address)


def follow_address(reader: Reader) -> None:
    """Let allauth know the reader's address, and no other one as the reader's, nor this one as anybody else's."""
    known = EmailAddress.objects
    known.filter(user=reader).exclude(email=reader.email).delete()
    known.filter(email=reader.email).exclude(user=reader).delete()
    known.update_or_create(user=reader, email=reader.email, defaults={"verified": True, "primary": True})
