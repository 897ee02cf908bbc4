"""Voting for a paper: a button that says what is to hold, so that pressing it twice does what once does.

A GET changes nothing and leads to the paper. On pages with papers the button is `{% vote %}` (`web/_vote.html`), where
the page gives `voted`; htmx puts the answer in its place. How votes are counted is `digest.models.vote`'s.
"""

from typing import Any

from allauth.core import ratelimit
from allauth.core.internal.ratelimit import consume
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache

from accounts.models import Reader
from digest.models import Paper, Vote
from digest.models.paper_address import public_ids
from digest.web.access import get_or_post

RATE = "60/m/user,1000/d/user"


@never_cache
@get_or_post
def vote(request: HttpRequest, paper: int) -> HttpResponse:
    row = Paper.objects.filter(pk=paper, hidden_at=None).first()
    if row is None:
        raise Http404("There is no such paper.")
    page = reverse("paper", args=[public_ids([paper])[paper]])
    if request.method != "POST":
        return redirect(page)
    if not isinstance(request.user, Reader):
        return redirect_to_login(page)
    if not consume(request, app="digest", action="vote", config={"vote": RATE}):
        limited: HttpResponse = ratelimit.respond_429(request)
        return limited
    now, reader = timezone.now(), request.user.pk
    if request.POST.get("vote") == "0":
        Vote.objects.take_back(reader, paper, now)
    else:
        Vote.objects.cast(reader, paper, now)
    if not getattr(request, "htmx", False):
        return redirect(_came_from(request, page))
    row.refresh_from_db()
    context: dict[str, Any] = {"paper": row, "voted": Vote.objects.of(reader, [paper])}
    return render(request, "web/_voted.html", context)


def _came_from(request: HttpRequest, otherwise: str) -> str:
    """Return where the button was pressed, if that is a page of ours."""
    path = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    return path if is_ours else otherwise
