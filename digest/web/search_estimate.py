"""What a search would bring as a topic: how many papers a day, and how it could be narrower or wider.

The page of a search asks for it when it is there, so that nobody waits for it; without JavaScript it is a page of its
own, one link away. Nothing is changed, and no account is asked for.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from digest.ingest.try_topic import try_topic
from digest.web.search import may_search
from digest.web.search_asked import LONGEST, Asked


@never_cache
@require_safe
def search_estimate(request: HttpRequest) -> HttpResponse:
    asked = Asked.read(request.GET)
    template = "web/_search_estimate.html" if request.headers.get("HX-Request") else "web/search_estimate.html"
    if not may_search(request):
        return render(request, template, {"asked": asked, "is_limited": True}, status=429)
    trial = try_topic(asked.text[: LONGEST + 1], best=0) if asked.text else None
    return render(request, template, {"asked": asked, "trial": trial})
