"""Unsubscribing: a page that asks, and the one click of RFC 8058. A GET changes nothing: link scanners open links.

The link never expires, so all that it opens is leaving, and taking that back.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.models import Reader
from digest.feedback.links import BadLink, Purpose, key_of
from digest.web.access import bad_link


@never_cache
@csrf_exempt  # mail systems post without a cookie; the signed address is the proof (RFC 8058, section 3.2)
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    try:
        reader = Reader.objects.get(pk=key_of(Purpose.UNSUBSCRIBE, token))
    except (BadLink, Reader.DoesNotExist):
        return bad_link(request)
    if "back" in request.POST:
        reader.come_back()
    elif request.method == "POST":
        reader.leave()
    context = {"reader": reader, "is_back": "back" in request.POST}
    return render(request, "web/unsubscribe.html", context)
