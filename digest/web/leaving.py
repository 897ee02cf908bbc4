"""Unsubscribing: a page that asks, and the one click of RFC 8058. A GET changes nothing: link scanners open links.

The link never expires, so all that it opens is leaving, and taking that back, whole or in part: with a pause, or once a
week. These two are offered in the answer to the click alone; who comes again later finds the way back only.

Somebody who clicks the page's button gets a farewell letter, with the way back in it. A mail system that posts the one
click gets none: its user asked for no more mail from us, and not on a page of ours.
"""

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from accounts.models import Reader
from digest.feedback.links import BadLink, Purpose, key_of
from digest.models import Letter
from digest.tasks import letters_soon
from digest.web.access import bad_link, get_or_post
from digest.web.preference_forms import PAUSES
from digest.web.upcoming import next_digest


@never_cache
@csrf_exempt  # mail systems post without a cookie; the signed address is the proof (RFC 8058, section 3.2)
@get_or_post
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    try:
        key = key_of(Purpose.UNSUBSCRIBE, token)
        if request.method != "POST":
            return _page(request, Reader.objects.get(pk=key))
        with transaction.atomic():  # of two clicks at once, one is new
            return _post(request, Reader.objects.select_for_update().get(pk=key))
    except (BadLink, Reader.DoesNotExist):
        return bad_link(request)


def _post(request: HttpRequest, reader: Reader) -> HttpResponse:
    if "back" in request.POST:
        return _page(request, reader, is_back=_back(reader, request.POST["back"]))
    is_new = reader.leave()
    by_button = "leave" in request.POST
    if is_new and by_button:
        Letter.objects.post(Letter.Kind.FAREWELL, reader.email, now=timezone.now(), reader=reader.pk)
        letters_soon()
    return _page(request, reader, offers_less=is_new and by_button)


def _back(reader: Reader, how: str) -> bool:
    """Send digests again, to somebody who left: as before, once a week, or after a month."""
    if reader.state == Reader.State.LEFT:
        if how == "weekly":
            reader.days = Reader.Days.WEEKLY
        reader.come_back()
        if how == "pause":
            reader.pause(reader.today + PAUSES["month"])
    return reader.state == Reader.State.ACTIVE


def _page(request: HttpRequest, reader: Reader, *, is_back: bool = False, offers_less: bool = False) -> HttpResponse:
    context = {"reader": reader, "is_back": is_back, "offers_less": offers_less}
    if is_back:
        context["next_digest"] = next_digest(reader, timezone.now())
    return render(request, "web/unsubscribe.html", context)
