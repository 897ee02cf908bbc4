"""The feed of a search: what it finds, the newest first. Whoever asks again before anything has changed gets 304."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from digest.ingest.search import search
from digest.ranking.query import QueryError
from digest.web import atom
from digest.web.fresh import fresh
from digest.web.search import found_stories, may_search, query_for
from digest.web.search_asked import Asked

PLAIN = "text/plain; charset=utf-8"


@require_safe
@atom.not_sent_again
@fresh("q")
def search_feed(request: HttpRequest) -> HttpResponse:
    asked = Asked.read(request.GET)
    if not may_search(request):
        return HttpResponse("The search rests for a minute: it was asked very often.\n", PLAIN, status=429)
    try:
        query = query_for(asked.text)
    except QueryError as error:
        return HttpResponse(f"{error}\n", PLAIN, status=400)
    shown = found_stories(search(query, newest=True, count=atom.SHOWN))
    head = atom.Head(
        title=f"{asked.text} · {settings.SITE_NAME}",
        subtitle=f"The newest papers that a search for {asked.text} finds",
        path=asked.feed_path,
        page=asked.newest_path,
        since=atom.midnight(timezone.now().date()),
    )
    return atom.answer(head, atom.entries_of(shown))
