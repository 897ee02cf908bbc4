"""The front page: the form to sign up, then the trending papers of the last days. Other days are not here.

Whoever is signed in can say of each paper "more like this" or "less"; for all others the page is the same.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import Reader
from digest.delivery.pool import CandidatePool
from digest.models import Feedback
from digest.web.access import Access
from digest.web.fresh import fresh
from digest.web.signup import SignupForm

SHOWN = 30


@require_safe
@fresh()
def today(request: HttpRequest) -> HttpResponse:
    pool = CandidatePool(timezone.now().date())
    papers = pool.community(exclude=(), size=SHOWN)
    pool.load_cards(papers)
    announced = pool.announced_since(pool.first)
    context: dict[str, Any] = {
        "form": SignupForm(),
        "day": pool.day,
        "cards": [pool.card(paper) for paper in papers],
        "announced": f"{announced:,}" if announced else "",
    }
    if not isinstance(request.user, Reader):
        return render(request, "web/today.html", context)
    context |= {"access": Access(request.user, None), "said": Feedback.objects.of(request.user.pk, papers)}
    return render(request, "web/today.html", context)
