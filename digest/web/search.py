"""The search page: all papers that are shown, by the query language of the topics.

What a paper is known by leads straight to its page. Which papers are found, and in which order, is
`digest.ingest.search`'s; what the search would bring as a topic is said by `digest.web.search_estimate`, which the page
asks for later; the feed of a search is `digest.web.search_feed`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from accounts.models import Reader
from digest.ingest.search import Found, search
from digest.models import Paper
from digest.models.catalogue import catalogue
from digest.models.paper_address import public_ids
from digest.ranking.query import Query, QueryError, parse_query
from digest.ranking.starter import fitting, query_of
from digest.templatetags.papers import readable
from digest.web.answers import answers_of
from digest.web.fresh import fresh
from digest.web.highlight import highlighted, telling
from digest.web.limits import may_ask
from digest.web.paging import turn
from digest.web.search_asked import NO_PAGE, Asked, is_name, named_paper
from digest.web.signup import AskForm
from digest.web.stories import Story, stories

PAGE = 30
EXCERPT = 260
SUGGESTIONS = 4
RATE = "120/minute"
EXAMPLES = (
    ("knowledge transfer", "papers about these words, the more of them the better"),
    ('"instance normalization"', "words that stand together"),
    ("diffusion models -survey", "all but those that have a word"),
    ("cat:cs.CL translation", "in one category of arXiv; cat:cs is all of computer science"),
    ('author:"Jane Doe"', "by one author"),
)


@dataclass(frozen=True, slots=True)
class Result:
    """A story whose title and excerpt have marks, as HTML."""

    story: Story
    title: SafeString
    excerpt: SafeString


@require_safe
@fresh("q", "order", "page")
def search_page(request: HttpRequest) -> HttpResponse:
    asked = Asked.read(request.GET)
    if not asked.text:
        context = {"asked": asked, "examples": EXAMPLES, "canonical": settings.SITE_URL + reverse("search")}
        return render(request, "web/search.html", context)
    if not may_search(request):
        return render(request, "web/search.html", {"asked": asked, "is_limited": True}, status=429)
    if paper := named_paper(asked.text):
        return redirect("paper", public_ids([paper.pk])[paper.pk])
    if is_name(asked.text):
        return render(request, "web/search.html", {"asked": asked, "is_unknown": True})
    try:
        query = query_for(asked.text)
    except QueryError as error:
        context = {"asked": asked, "error": str(error), "examples": EXAMPLES, "suggestions": _suggestions(asked.text)}
        return render(request, "web/search.html", context)
    return _results(request, asked, query)


def may_search(request: HttpRequest) -> bool:
    """Tell whether this network address has asked no more often than a few people do."""
    return may_ask(request, "search", RATE)


def query_for(text: str) -> Query:
    """Read what somebody typed: a query, or the name of an entry of the catalogue. Raises QueryError."""
    return parse_query(query_of(text, catalogue()))


def found_stories(found: Found, *, first_rank: int = 1) -> list[Story]:
    """Return the story of each hit, with its reason; what is gone since the search looked is left out."""
    whys = {hit.paper: hit.why for hit in found.hits}
    papers = Paper.objects.standing().in_order(whys)
    shown = stories(papers, today=timezone.now().date(), first_rank=first_rank)
    return [replace(story, card=replace(story.card, why=whys[story.card.paper])) for story in shown]


def _results(request: HttpRequest, asked: Asked, query: Query) -> HttpResponse:
    start = (asked.page - 1) * PAGE
    is_newest = asked.order == "newest"
    found = search(query, newest=is_newest, start=start, count=PAGE) if asked.page != NO_PAGE else Found()
    shown = found_stories(found, first_rank=start + 1)
    context: dict[str, Any] = {
        "asked": asked,
        "query": query,
        "results": [_result(story, query) for story in shown],
        "first": start + 1,
        "last": start + len(shown),
        **turn(asked.path(), asked.page, has_more=found.has_more),
        "total": f"at least {found.total:,}" if found.is_capped else f"{found.total:,}",
        "canonical": settings.SITE_URL + asked.path(page=asked.page),
    }
    if asked.page != 1 and not shown:
        return render(request, "web/search.html", context | {"is_past_the_end": True}, status=404)
    context["suggestions"] = () if shown else _suggestions(asked.text)
    if isinstance(request.user, Reader):
        context |= answers_of(request.user, [story.card.paper for story in shown])
        context["is_followed"] = request.user.subscriptions.active().filter(topic__query=query.canonical).exists()
    else:
        context["form"] = AskForm()
    return render(request, "web/search.html", context)


def _result(story: Story, query: Query) -> Result:
    title, abstract = readable(story.card.title), readable(story.card.abstract)
    return Result(story, highlighted(title, query), highlighted(telling(abstract, query, EXCERPT), query))


def _suggestions(text: str) -> Sequence[str]:
    return [entry.name for entry in fitting(text, catalogue(), most=SUGGESTIONS)]
