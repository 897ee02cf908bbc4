"""Erases a reader: all that is kept about a person goes, but for a salted hash that keeps imports from reviving it.

What stays is no personal datum: the equations of closed editions are stored as numbers, and an edition that is still
open will close over the digests that there are then, so that eligible is still the sum of all states. Topics stay,
which readers share. The staff's log keeps what was done and forgets to whom. What signing in counts against abuse is
kept under hashes, for minutes.
"""

import json
import re
from collections import Counter
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import Reader
from digest.models import Letter, MailEvent, Signup, Suppression, Vote

SOMEBODY = "an erased reader"
PIECE = 500
LONGEST_SEEN = 100  # of an address in the log, which cuts what it names


class Needed(Exception):
    """This account cannot go: without it nobody could run the service."""


def is_needed(reader: Reader) -> bool:
    """Whether `reader` is the last who may do everything in the admin."""
    others = Reader.objects.filter(is_superuser=True, is_active=True).exclude(pk=reader.pk)
    return reader.is_superuser and not others.exists()


def erase_reader(reader: Reader) -> dict[str, int]:
    """Erase `reader` in one transaction; return how many rows of each kind went. Raises Needed."""
    with transaction.atomic():
        if reader.is_superuser:  # of the last two, only one can go
            list(Reader.objects.select_for_update().filter(is_superuser=True).order_by("pk"))
        reader_now = Reader.objects.select_for_update().filter(pk=reader.pk).first()
        if reader_now is None:  # asked twice at once
            return {}
        reader = reader_now
        if is_needed(reader):
            raise Needed
        addresses = _addresses(reader)
        removed: Counter[str] = Counter()
        for rows in (
            Signup.objects.filter(address__in=addresses),
            Letter.objects.filter(address__in=addresses),
            MailEvent.objects.filter(address__in=addresses),
        ):
            removed.update(rows.delete()[1])
        _reword_log(reader, addresses)
        voted = set(reader.votes.values_list("paper", flat=True))
        removed.update(reader.delete()[1])
        _keep_hash(reader.email, addresses)
    # Apart: whoever votes holds the paper first and then looks for the reader.
    Vote.objects.count_again(voted, timezone.now())
    return dict(removed)


def _addresses(reader: Reader) -> set[str]:
    """Return every address that is known to be this reader's, of today and of before."""
    own = {email.lower() for email in EmailAddress.objects.filter(user=reader).values_list("email", flat=True)}
    of_old = set(reader.mail_events.values_list("address", flat=True).distinct())
    return {reader.email, *own, *of_old}


def _keep_hash(address: str, addresses: set[str]) -> None:
    forgotten = {"address": "", "note": "", "reason": Suppression.Reason.ERASED}
    Suppression.objects.filter(address__in=addresses).update(**forgotten)
    Suppression.objects.suppress(address, Suppression.Reason.ERASED)
    Suppression.objects.of(address).update(**forgotten)


def _reword_log(reader: Reader, addresses: set[str]) -> None:
    """Keep what staff did, and forget to whom; what the reader did as staff stays, under nobody's name."""
    if LogEntry.objects.filter(user=reader).exists():
        LogEntry.objects.filter(user=reader).update(user=_former_staff())
    readers = ContentType.objects.get_for_model(Reader)
    mentions = Q(content_type=readers, object_id=str(reader.pk))
    for spelling in _spellings(addresses):
        mentions |= Q(object_repr__icontains=spelling) | Q(change_message__icontains=spelling)
    address, anything = _pattern(addresses), _pattern(addresses | ({reader.name} if reader.name else set()))
    entries: list[LogEntry] = []
    for entry in LogEntry.objects.filter(mentions):
        message = _readable(entry.change_message)
        is_about = entry.content_type_id == readers.pk and entry.object_id == str(reader.pk)
        if is_about or address.search(entry.object_repr):
            entry.object_repr = SOMEBODY
        entry.change_message = anything.sub(SOMEBODY, message)
        entries.append(entry)
    LogEntry.objects.bulk_update(entries, ["object_repr", "change_message"], batch_size=PIECE)


def _spellings(addresses: set[str]) -> set[str]:
    """Return the beginnings of addresses as they stand in the log, which keeps some of its texts as JSON, in ASCII."""
    seen = {address[:LONGEST_SEEN] for address in addresses}
    return seen | {json.dumps(address)[1:-1] for address in seen}


def _readable(message: str) -> str:
    try:
        return json.dumps(json.loads(message), ensure_ascii=False)
    except ValueError:
        return message


def _pattern(words: set[str]) -> re.Pattern[str]:
    """Return what finds these words as they are, and not within a longer address; one that was cut off is found too."""
    found = [
        rf"{re.escape(word[:LONGEST_SEEN])}[\w.@-]*"
        if len(word) > LONGEST_SEEN
        else rf"(?<![\w.+%'-]){re.escape(word)}(?![\w-]|\.\w)"
        for word in sorted(words, key=len, reverse=True)
    ]
    return re.compile("|".join(found), re.IGNORECASE)


def _former_staff() -> Reader:
    """Return the account that holds what erased members of staff did. Nobody can sign in to it or mail it."""
    stated: dict[str, Any] = {"is_active": False, "state": Reader.State.LEFT, "password": "!"}
    account: Reader = Reader.objects.get_or_create(email="former-staff@broadsheet.invalid", defaults=stated)[0]
    return account
