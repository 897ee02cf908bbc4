"""What a topic would bring, shown below its input while somebody types. Works on `digest.ingest.try_topic`.

The one parameter is the text of the input, whatever the input is called. Nothing is changed, and no account is asked
for: each address may ask as often as a few people type.
"""

from allauth.core.internal.ratelimit import consume
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from digest.ingest.try_topic import try_topic

RATE = "240/m/ip"


@never_cache
@require_safe
def topic_preview(request: HttpRequest) -> HttpResponse:
    text = next(iter(request.GET.values()), "")
    if not str(text).strip():
        return HttpResponse()
    limit = {"topic_preview": RATE}
    if not consume(request, app="digest", action="topic_preview", config=limit, limit_get=True):
        return render(request, "web/_topic_preview.html", {"is_limited": True}, status=429)
    return render(request, "web/_topic_preview.html", {"trial": try_topic(str(text))})
