"""What a topic would bring, shown below its input while somebody types. Works on `digest.ingest.try_topic`.

The one parameter is the text of the input, whatever the input is called. Nothing is changed, and no account is asked
for: each address may ask as often as a few people type.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from digest.ingest.try_topic import try_topic
from digest.web.limits import may_ask

RATE = "240/minute"


@never_cache
@require_safe
def topic_preview(request: HttpRequest) -> HttpResponse:
    text = next(iter(request.GET.values()), "")
    if not str(text).strip():
        return HttpResponse()
    if not may_ask(request, "topic_preview", RATE):
        return render(request, "web/_topic_preview.html", {"is_limited": True}, status=429)
    return render(request, "web/_topic_preview.html", {"trial": try_topic(str(text))})
