"""A reader's own Atom feed: the papers of their last digests, at an address that nobody can guess.

Whoever knows the address can read the feed, so its reader can renew and close it. The entries say what the digests
said; a feed reader that asks again with what it was told last time gets 304.
"""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.views.decorators.http import require_safe

from accounts.models import Reader
from digest.delivery.archive import Reopened, reopen
from digest.delivery.content import Card
from digest.models import Digest, Paper
from digest.models.paper_address import public_ids
from digest.templatetags.papers import opening, reason
from digest.web.access import Access, centre_form
from digest.web.atom import Entry, Head, answer, updated_at

DIGESTS = 30


def feed_url(reader: Reader) -> str:
    """Return the address of a reader's own feed, "" where there is none."""
    return settings.SITE_URL + reverse("private_feed", args=[reader.feed_key]) if reader.feed_key else ""


@centre_form
def feed(request: HttpRequest, access: Access) -> HttpResponse:
    """Make, renew or close the address of the reader's own feed."""
    reader, do = access.reader, request.POST.get("do")
    if do in ("make", "renew"):
        had_one = reader.feed_key is not None
        reader.renew_feed()
        old = " The address before it does not work any more." if had_one else ""
        messages.success(request, f"Your feed has a new address.{old}" if had_one else "Your feed is open.")
    elif do == "close":
        reader.close_feed()
        messages.success(request, "Your feed is closed. Its address does not work any more.")
    return redirect(access.path("preferences"))


@require_safe
def private_feed(request: HttpRequest, key: UUID) -> HttpResponseBase:
    reader = Reader.objects.filter(feed_key=key, is_active=True).first()
    if reader is None:
        raise Http404
    sent = reader.digests.filter(state=Digest.State.ACCEPTED).select_related("edition").order_by("-edition__date")
    head, entries = _head(reader), _entries(reopen(sent[:DIGESTS]))
    found, changed_at = answer(head, entries), int(updated_at(head, entries).timestamp())
    found["ETag"] = etag = f'"{hashlib.sha256(found.content).hexdigest()[:32]}"'
    found["Last-Modified"] = http_date(changed_at)
    found["Cache-Control"] = "private, max-age=900"
    return get_conditional_response(request, etag, changed_at, found) or found


def _head(reader: Reader) -> Head:
    return Head(
        title=f"{settings.SITE_NAME}: your papers",
        subtitle="The papers of your last digests, each with the reason why it was chosen",
        path=reverse("private_feed", args=[reader.feed_key]),
        page=reverse("you:archive"),
        since=reader.created_at,
        id=f"urn:uuid:{reader.feed_key}",
    )


def _entries(digests: Sequence[Reopened]) -> list[Entry]:
    chosen = {card.paper: (digest, topic, card) for digest, topic, card in _once(digests)}
    papers, names = Paper.objects.in_bulk(chosen), public_ids(chosen)
    return [
        Entry(papers[key], names[key], why=_why(card, topic), topics=card.topics, came_at=_sent_at(digest))
        for key, (digest, topic, card) in chosen.items()
        if key in papers
    ]


def _sent_at(digest: Digest) -> datetime:
    return digest.settled_at or digest.due_at


def _once(digests: Sequence[Reopened]) -> Iterator[tuple[Digest, str, Card]]:
    """Yield each paper once, of the newest digest that has it."""
    seen: set[int] = set()
    for found in digests:
        for section in found.sections:
            for card in section.cards:
                if card.paper not in seen:
                    seen.add(card.paper)
                    yield found.digest, section.topic, card


def _why(card: Card, topic: str) -> str:
    why = reason(card, topic)
    return f"{opening(topic)}: {why}" if why != topic else opening(topic)
