"""A reader's own Atom feed: the papers of their last digests, at an address that nobody can guess.

Whoever knows the address can read the feed, so its reader can renew and close it. The entries say what the digests
said; a feed reader that asks again with what it was told last time gets 304.
"""

import hashlib
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.utils.http import http_date
from django.views.decorators.http import require_safe

from accounts.models import Reader
from digest.delivery.archive import Reopened, reopen
from digest.delivery.content import Card
from digest.models import Digest
from digest.templatetags.papers import byline, excerpt, opening, readable, reason, weblink
from digest.web.access import Access, centre_form

DIGESTS = 30
ABSTRACT_LENGTH = 600
# What XML 1.0 cannot hold and one line of text may: characters that are none.
_NO_XML = re.compile("[\ufffe\uffff]")


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
    digests = list(sent[:DIGESTS])
    changed_at = max((_sent_at(digest) for digest in digests), default=reader.created_at).replace(microsecond=0)
    body = _atom(reader, reopen(digests), changed_at)
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    answer = HttpResponse(body, content_type="application/atom+xml; charset=utf-8")
    answer["ETag"], answer["Last-Modified"] = etag, http_date(changed_at.timestamp())
    answer["Cache-Control"] = "private, max-age=900"
    answer["X-Robots-Tag"] = "noindex"
    return get_conditional_response(request, etag, int(changed_at.timestamp()), answer) or answer


def _sent_at(digest: Digest) -> datetime:
    return digest.settled_at or digest.due_at


class _Feed(Atom1Feed):
    """An Atom feed that is as old as its newest entry, also where it has none yet."""

    def __init__(self, *, changed_at: datetime, **said: Any) -> None:
        super().__init__(**said)
        self.changed_at = changed_at

    def latest_post_date(self) -> datetime:
        return self.changed_at


def _atom(reader: Reader, digests: list[Reopened], changed_at: datetime) -> bytes:
    atom = _Feed(
        changed_at=changed_at,
        title=f"{settings.SITE_NAME}: your papers",
        link=f"{settings.SITE_URL}/",
        description="",
        language="en",
        feed_url=feed_url(reader),
        feed_guid=f"urn:uuid:{reader.feed_key}",
        author_name=settings.CURATOR,
    )
    for digest, topic, card in _once(digests):
        atom.add_item(
            title=_text(readable(card.title)),
            link=weblink(card.url) or f"{settings.SITE_URL}{reverse('you:archived', args=[digest.edition.date])}",
            description=_summary(card, topic),
            unique_id=f"tag:{settings.MAIL_DOMAIN},{card.announced_on:%Y-%m-%d}:paper/{card.paper}",
            author_name=_text(byline(card.authors, card.author_count)) or None,
            categories=[_text(readable(label)) for label in card.topics],
            updateddate=_sent_at(digest),
        )
    return atom.writeString("utf-8").encode()


def _once(digests: list[Reopened]) -> Iterator[tuple[Digest, str, Card]]:
    """Yield each paper once, of the newest digest that has it."""
    seen: set[int] = set()
    for found in digests:
        for section in found.sections:
            for card in section.cards:
                if card.paper not in seen:
                    seen.add(card.paper)
                    yield found.digest, section.topic, card


def _summary(card: Card, topic: str) -> str:
    """Return why the paper is here and what it says, as HTML."""
    why, abstract = reason(card, topic), excerpt(readable(card.abstract), ABSTRACT_LENGTH)
    said = [f"{opening(topic)}: {why}" if why != topic else opening(topic), abstract]
    return "".join(f"<p>{escape(_text(text))}</p>" for text in said if text)


def _text(text: str) -> str:
    return _NO_XML.sub("", text)
