"""What guards the forms of whoever is not signed in, so that public pages carry no token and set no cookie.

Browsers say from which site a form was sent, and no page can make them say otherwise: it must be a page of ours.
Whoever is signed in sends the token of Django with each form, as everywhere else.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import is_same_domain
from django.views.decorators.csrf import csrf_exempt, csrf_protect

View = Callable[..., HttpResponse]

SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")


def from_our_pages(view: View) -> View:
    """Let `view` take forms without a token from whoever is not signed in, where they were sent by a page of ours."""
    with_token = csrf_protect(view)

    @csrf_exempt
    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            return with_token(request, *args, **kwargs)
        # Django's own test client asks for no checks unless it is told to, and marks its requests.
        is_checked = request.method not in SAFE and not getattr(request, "_dont_enforce_csrf_checks", False)
        if is_checked and not is_from_our_pages(request):
            return render(request, "web/sent_from_elsewhere.html", status=403)
        return view(request, *args, **kwargs)

    return page


def is_from_our_pages(request: HttpRequest) -> bool:
    """Tell what the browser says: in a word, or by the origin, which old browsers leave out for the page's address.

    Where an address is kept secret, the origin is "null": then only the word counts. Who says nothing is no browser.
    """
    if request.headers.get("Sec-Fetch-Site") == "same-origin":
        return True
    return _is_ours(request, request.headers.get("Origin", request.headers.get("Referer", "")))


def _is_ours(request: HttpRequest, address: str) -> bool:
    """Tell whether scheme, host and port are those asked for, or among CSRF_TRUSTED_ORIGINS ("*." for any subdomain).

    Behind a proxy that ends TLS the scheme asked for is https, as `HTTPS` says.
    """
    try:
        told = urlsplit(address)
    except ValueError:  # "https://[broken"
        return False
    ours = map(urlsplit, [f"{request.scheme}://{request.get_host()}", *settings.CSRF_TRUSTED_ORIGINS])
    return any(told.scheme == own.scheme and is_same_domain(told.netloc, own.netloc.lstrip("*")) for own in ours)
