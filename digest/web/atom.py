"""Atom feeds, for every list that has one: what a feed says of itself, and of each paper.

A paper is the same entry in every feed, for good: its id holds nothing that can change, and when its text changes only
`updated` does, so that feed readers show no paper twice. Which papers a feed has is its view's business; when it is
sent again is `digest.web.fresh`'s.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.html import escape
from django.utils.http import http_date, parse_http_date_safe
from lxml import etree

from digest.models import Paper
from digest.sources.latex import readable_name
from digest.templatetags.papers import excerpt, one_line, readable, reason, weblink
from digest.web.stories import Story

View = Callable[..., HttpResponseBase]

SHOWN = 40
AUTHORS = 50
ABSTRACT_LENGTH = 2000  # of arXiv's abstracts, all
CONTENT_TYPE = "application/atom+xml; charset=utf-8"

_ATOM = "http://www.w3.org/2005/Atom"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_SINCE = 2026  # in every id: a tag URI names a time at which the domain was the host's
_NO_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Head:
    """What a feed says of itself. `path` is its own, with the query, and `page` that of the page it belongs to.

    It is as old as its newest entry, and without entries as old as `since`. Its id comes from its path, unless given.
    """

    title: str
    subtitle: str
    path: str
    page: str
    since: datetime
    id: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One paper. `why` is why it is here, `topics` are labels, `came_at` is when it came into this feed, if known."""

    paper: Paper
    public_id: str
    why: str
    topics: tuple[str, ...]
    came_at: datetime | None = None

    @property
    def published(self) -> datetime:
        return midnight(self.paper.announced_on or self.paper.created_at.date())

    @property
    def updated(self) -> datetime:
        return max(self.came_at or self.published, self.paper.changed_at, self.published)


def entries_of(stories: Sequence[Story], heading: str = "") -> list[Entry]:
    """Return the entries of stories, which stand under `heading`; one query. What is gone meanwhile is left out."""
    papers = Paper.objects.in_bulk([story.card.paper for story in stories])
    return [
        Entry(
            papers[story.card.paper],
            story.public_id,
            why=reason(story.card, heading),
            topics=tuple(topic.label for topic in story.topics),
        )
        for story in stories
        if story.card.paper in papers
    ]


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), tzinfo=UTC)


def answer(head: Head, entries: Sequence[Entry]) -> HttpResponse:
    """Return the feed as a page of the site. Search engines are to show the pages, not the feeds of them."""
    found = HttpResponse(atom(head, entries), content_type=CONTENT_TYPE)
    found["X-Robots-Tag"] = "noindex"
    found["Last-Modified"] = http_date(timezone.now().timestamp())
    return found


def not_sent_again(view: View) -> View:
    """Answer who asks by time alone, above `fresh`: a feed is as old as what is kept of it, since lists change too."""

    @wraps(view)
    def feed(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        found = view(request, *args, **kwargs)
        if not isinstance(found, HttpResponse):
            return found
        changed_at = parse_http_date_safe(found.headers.get("Last-Modified", ""))
        return get_conditional_response(request, found.get("ETag"), changed_at, found) or found

    return feed


def atom(head: Head, entries: Sequence[Entry]) -> bytes:
    feed = etree.Element(f"{{{_ATOM}}}feed", {_LANGUAGE: "en"}, nsmap={None: _ATOM})
    _add(feed, "id", head.id or _tag(f"feed{head.path}"))
    _add(feed, "title", head.title)
    _add(feed, "subtitle", head.subtitle)
    _add(feed, "updated", _stamp(updated_at(head, entries)))
    _add(feed, "link", rel="self", type="application/atom+xml", href=settings.SITE_URL + head.path)
    _add(feed, "link", rel="alternate", type="text/html", href=settings.SITE_URL + head.page)
    _add_authors(feed, [settings.CURATOR])
    _add(feed, "generator", "Broadsheet")
    for entry in entries:
        _add_entry(feed, entry)
    etree.indent(feed, space="")
    return bytes(etree.tostring(feed, xml_declaration=True, encoding="utf-8"))


def updated_at(head: Head, entries: Iterable[Entry]) -> datetime:
    return max((entry.updated for entry in entries), default=head.since)


def _add_entry(feed: etree._Element, entry: Entry) -> None:
    paper, found = entry.paper, _add(feed, "entry")
    _add(found, "id", _tag(f"paper/{paper.pk}"))
    _add(found, "title", _text(readable(paper.title)) or "Without a title", type="text")
    _add(found, "updated", _stamp(entry.updated))
    _add(found, "published", _stamp(entry.published))
    page = settings.SITE_URL + reverse("paper", args=[entry.public_id])
    _add(found, "link", rel="alternate", type="text/html", href=page)
    if url := weblink(paper.url):
        _add(found, "link", rel="related", type="text/html", href=url, title="Abstract")
    if pdf := weblink(paper.pdf_url):
        _add(found, "link", rel="related", type="application/pdf", href=pdf, title="PDF")
    _add_authors(found, paper.authors[:AUTHORS])
    for term in dict.fromkeys(map(_text, [*entry.topics, *paper.categories])):
        if term:
            _add(found, "category", term=term)
    _add(found, "summary", _summary(entry), type="html")


def _add_authors(parent: etree._Element, names: Iterable[str]) -> None:
    """Add a person for each name that is one; an entry without any has the author of its feed."""
    for name in filter(None, (_text(readable_name(name)) for name in names)):
        _add(_add(parent, "author"), "name", name)


def _summary(entry: Entry) -> str:
    """Return why the paper is here and what it says, as HTML."""
    said = [entry.why, excerpt(readable(entry.paper.abstract), ABSTRACT_LENGTH)]
    return "".join(f"<p>{escape(text)}</p>" for text in map(_text, said) if text)


def _add(parent: etree._Element, name: str, text: str = "", **attributes: str) -> etree._Element:
    found = etree.SubElement(parent, f"{{{_ATOM}}}{name}", attributes)
    found.text = _text(text) or None
    return found


def _text(text: str) -> str:
    """Return `text` on one line, without what XML cannot hold."""
    return one_line(_NO_XML.sub(" ", text))


def _tag(name: str) -> str:
    return f"tag:{settings.MAIL_DOMAIN},{_SINCE}:{name}"


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
