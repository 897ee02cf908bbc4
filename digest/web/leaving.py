"""Unsubscribing: a page that asks, and the one click of RFC 8058. A GET changes nothing: link scanners open links."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.models import Reader
from digest.feedback.links import BadLink, Purpose, link, reader_of


@never_cache
@csrf_exempt  # mail systems post without a cookie; the signed address is the proof (RFC 8058, section 3.2)
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    try:
        reader = Reader.objects.get(pk=reader_of(Purpose.UNSUBSCRIBE, token))
    except (BadLink, Reader.DoesNotExist):
        return render(request, "web/bad_link.html", status=404)
    if request.method == "POST":
        reader.leave()
    context = {"reader": reader, "preferences_url": link(Purpose.PREFERENCES, reader.pk)}
    return render(request, "web/unsubscribe.html", context)
