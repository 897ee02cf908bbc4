"""Who a reader's page is for: the reader of the signed link in a mail, or whoever is signed in.

The same pages stand under /you/ for a session and under /preferences/TOKEN/ for a link; `Access.path` leads from one to
the next without changing the way. A link signs nobody in, so what must not be left to whoever holds a forwarded mail
(export, erasing, a new address) asks for `signed_in`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import Reader
from digest.feedback.links import BadLink, Purpose, key_of

View = Callable[..., HttpResponse]

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@dataclass(frozen=True, slots=True)
class Access:
    """A reader, and the way by which the page was reached: `token` of a signed link, or None for a session."""

    reader: Reader
    token: str | None

    @property
    def signed_in(self) -> bool:
        return self.token is None

    def path(self, page: str, *args: Any) -> str:
        """Return the path of another of this reader's pages, on the same way."""
        if self.token is None:
            return reverse(f"you:{page}", args=args)
        return reverse(f"by_link:{page}", args=[self.token, *args])


def bad_link(request: HttpRequest) -> HttpResponse:
    return render(request, "web/bad_link.html", status=404)


def readers_page(view: View) -> View:
    """Give `view` the Access instead of the token. Without either the answer is the login, or a calm 404."""

    @never_cache
    @wraps(view)
    def page(request: HttpRequest, *args: Any, token: str | None = None, **kwargs: Any) -> HttpResponse:
        if token is None:
            if not isinstance(request.user, Reader):
                return redirect_to_login(request.get_full_path())
            return view(request, Access(request.user, None), *args, **kwargs)
        try:
            reader = Reader.objects.get(pk=key_of(Purpose.PREFERENCES, token), is_active=True)
        except (BadLink, Reader.DoesNotExist):
            return bad_link(request)
        return view(request, Access(reader, token), *args, **kwargs)

    return page


def centre_form(view: View) -> View:
    """Give `view` what a form of the preference centre posts; a GET, such as after signing in, leads to the centre."""

    @get_or_post
    @readers_page
    @wraps(view)
    def page(request: HttpRequest, access: Access, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST":
            return redirect(access.path("preferences"))
        return view(request, access, *args, **kwargs)

    return page


def signed_in_page(view: View) -> View:
    """Do as `readers_page`, and lead whoever comes by a signed link to the login first.

    The page must have the name of its view.
    """

    @readers_page
    @wraps(view)
    def page(request: HttpRequest, access: Access, *args: Any, **kwargs: Any) -> HttpResponse:
        if not access.signed_in:
            return redirect_to_login(Access(access.reader, None).path(view.__name__))
        return view(request, access, *args, **kwargs)

    return page
