"""Voting for a paper: a button that says what is to hold, so that pressing it twice does what once does.

A GET changes nothing and leads to the paper. On pages with papers the button is `{% vote %}` (`web/_vote.html`), where
the page gives `voted`; htmx puts the answer in its place. How votes are counted is `digest.models.vote`'s.
"""

from allauth.core import ratelimit
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache

from accounts.models import Reader
from digest.models import Paper, Vote
from digest.models.paper_address import public_ids
from digest.web.access import get_or_post


@never_cache
@get_or_post
def vote(request: HttpRequest, paper: int) -> HttpResponse:
    get_object_or_404(Paper, pk=paper, hidden_at=None)
    page = reverse("paper", args=[public_ids([paper])[paper]])
    if request.method != "POST":
        return redirect(page)
    if not isinstance(request.user, Reader):
        return redirect_to_login(page)
    is_limited = not ratelimit.consume(request, action="vote", user=request.user)
    if not is_limited:
        _set(request.user.pk, paper, wanted=request.POST.get("vote") != "0")
    if request.headers.get("HX-Request"):
        return _button(request, request.user.pk, paper, is_limited=is_limited)
    if is_limited:
        too_many: HttpResponse = ratelimit.respond_429(request)
        return too_many
    return redirect(_came_from(request, page))


def _set(reader: int, paper: int, *, wanted: bool) -> None:
    if wanted:
        Vote.objects.cast(reader, paper, timezone.now())
    else:
        Vote.objects.take_back(reader, paper, timezone.now())


def _button(request: HttpRequest, reader: int, paper: int, *, is_limited: bool) -> HttpResponse:
    row = get_object_or_404(Paper, pk=paper)  # as it is now
    context = {"paper": row, "voted": Vote.objects.of(reader, [paper]), "is_limited": is_limited}
    return render(request, "web/_voted.html", context, status=429 if is_limited else 200)


def _came_from(request: HttpRequest, otherwise: str) -> str:
    """Return where the button was pressed, if that is a page of ours."""
    path = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    return path if is_ours else otherwise
