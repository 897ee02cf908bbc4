"""The front page: the form to sign up, then the trending papers of the last days. Other days are not here."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from digest.delivery.pool import CandidatePool
from digest.ranking.choose import trending_today
from digest.web.signup import SignupForm

SHOWN = 30


@require_safe
def today(request: HttpRequest) -> HttpResponse:
    pool = CandidatePool(timezone.now().date())
    papers = trending_today(pool.trending, exclude=(), size=SHOWN)
    pool.load_cards(papers)
    announced = pool.announced_since(pool.first)
    context = {
        "form": SignupForm(),
        "day": pool.day,
        "cards": [pool.card(paper) for paper in papers],
        "announced": f"{announced:,}" if announced else "",
    }
    return render(request, "web/today.html", context)
