"""Submitting: what a reader saw of a paper, sealed until the reader confirms it, and then stored.

What is confirmed is what was shown: it is not fetched again, and not believed unless we have signed it for this reader,
a while ago at most. What papers are is `look_up`'s; what becomes of them, staff's.
"""

import json
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.db import transaction

from accounts.models import Reader
from digest.ingest.look_up import Refused, stored
from digest.ingest.store import store
from digest.models import Paper, Source, Submission
from digest.sources.listing import AnnounceType, Identifier, Listing, Scheme

LASTS = timedelta(hours=2)
READERS = "file:readers"  # the address of the source of what readers submit: nothing is fetched there
TOO_OLD = "This preview is too old. Look the paper up once more."
GONE = "This paper is not here any more. Look it up once more."
YOURS = "You have submitted this paper already."
ANOTHERS = "This paper is here already: another reader has submitted it. You can vote for it."

_SALT = "broadsheet.submission"


def seal(found: Paper | Listing, reader: Reader) -> str:
    """Return what was found as a text that only `opened` reads, for this reader."""
    said = {"paper": found.pk} if isinstance(found, Paper) else {"listing": asdict(found)}
    return signing.dumps(json.dumps({"reader": reader.pk} | said, default=str), salt=_SALT, compress=True)


def opened(sealed: str, reader: Reader) -> Paper | Listing:
    """Return what was sealed for `reader`. Raises Refused for anything else, and for what is too old."""
    try:
        said = json.loads(signing.loads(sealed, salt=_SALT, max_age=LASTS))
        if said["reader"] != reader.pk:
            raise Refused(TOO_OLD)
        if "listing" in said:
            return _listing(said["listing"])
        paper = Paper.objects.standing().filter(pk=said["paper"]).first()
    except (signing.BadSignature, ValueError, TypeError, KeyError) as error:
        raise Refused(TOO_OLD) from error
    if paper is None:
        raise Refused(GONE)
    return paper


def refuse_taken(paper: Paper, reader: Reader) -> None:
    """Raise Refused where `paper` has been submitted already, by this reader or another."""
    by = paper.submissions.values_list("reader", flat=True)
    if reader.pk in by:
        raise Refused(YOURS, paper)
    if by:
        raise Refused(ANOTHERS, paper)


def submit(found: Paper | Listing, reader: Reader, said: str, now: datetime) -> Submission:
    """Store the paper, if it is new, and the reader's word for it. Raises Refused."""
    paper = found if isinstance(found, Paper) else _stored(found, now)
    with transaction.atomic():
        list(Paper.objects.select_for_update().filter(pk=paper.pk))  # of two who submit it at once, one comes second
        refuse_taken(paper, reader)
        return Submission.objects.create(reader=reader, paper=paper, said=said, submitted_at=now)


def _stored(listing: Listing, now: datetime) -> Paper:
    if known := stored(listing.identifiers):  # it has come in since it was shown
        return known
    store([listing], source=readers_source(), now=now)
    paper = stored(listing.identifiers)
    if paper is None:
        raise Refused(GONE)
    return paper


def readers_source() -> Source:
    """Return the source of what readers submit; it is not fetched by itself."""
    stated = {"name": readers_source_name(), "kind": Source.Kind.PAPER_PAGE, "is_active": False}
    return Source.objects.get_or_create(url=READERS, defaults=stated)[0]


def readers_source_name() -> str:
    return f"Readers of {settings.SITE_NAME}"[:200]


def _listing(stated: dict[str, Any]) -> Listing:
    day, at = stated["announced_on"], stated["submitted_at"]
    changed = {
        "identifiers": tuple(Identifier(Scheme(name["scheme"]), name["value"]) for name in stated["identifiers"]),
        "authors": tuple(stated["authors"]),
        "categories": tuple(stated["categories"]),
        "announce_type": AnnounceType(stated["announce_type"]),
        "announced_on": date.fromisoformat(day) if day else None,
        "submitted_at": datetime.fromisoformat(at) if at else None,
        "readings": (),
    }
    return Listing(**stated | changed)
