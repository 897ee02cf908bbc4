"""What only a signed-in reader may do with the account: mend the mail, take everything along, have everything erased.

A signed link in a mail is not enough for these: whoever holds one is led to the login first.
"""

from datetime import UTC, datetime, timedelta

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.shortcuts import render as render_page
from django.utils import timezone

from digest.feedback.erase import erase_reader, is_needed
from digest.feedback.export import as_json_text, export_reader, filename
from digest.feedback.standing import mend, standing
from digest.web.access import Access, get_or_post, signed_in_page

# Whoever signed in longer ago may have left a browser open somewhere.
FRESH = timedelta(minutes=10)


@get_or_post
@signed_in_page
def repair(request: HttpRequest, access: Access) -> HttpResponse:
    found = standing(access.reader)
    # Who signed in since then has typed a code that did arrive; a browser that was signed in all along proves nothing.
    works = found is not None and _signed_in_at(request) > found.since
    if request.method == "POST":
        if found and not works:
            return _login_again(request)
        mend(access.reader, timezone.now())
        return redirect(request.path)
    context = {"access": access, "reader": access.reader, "standing": found, "works": works}
    return render_page(request, "web/repair.html", context | {"contact": settings.CONTACT})


@get_or_post
@signed_in_page
def export(request: HttpRequest, access: Access) -> HttpResponse:
    if request.method != "POST":
        return render_page(request, "web/export.html", {"access": access, "reader": access.reader})
    answer = HttpResponse(as_json_text(export_reader(access.reader)), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="{filename(timezone.now())}"'
    return answer


@get_or_post
@signed_in_page
def erase(request: HttpRequest, access: Access) -> HttpResponse:
    needed, fresh = is_needed(access.reader), timezone.now() - _signed_in_at(request) < FRESH
    if request.method == "POST" and not needed:
        if not fresh:
            return _login_again(request)
        erase_reader(access.reader)
        logout(request)
        return render_page(request, "web/erased.html")
    context = {"access": access, "reader": access.reader, "is_needed": needed, "is_fresh": fresh}
    return render_page(request, "web/erase.html", context, status=409 if request.method == "POST" else 200)


def _signed_in_at(request: HttpRequest) -> datetime:
    """Return when this browser last proved that the reader is there; long ago where it is not known."""
    records = get_authentication_records(request, request.user)
    return datetime.fromtimestamp(records[-1]["at"] if records else 0, UTC)


def _login_again(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect_to_login(request.path)
