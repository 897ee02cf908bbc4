"""What a reader said of papers, more or less like it, newest first, each with a way to take it back.

What it does to the ranking is `digest.ranking.taste`'s; saying it is on pages of its own.
"""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.models import Reader
from digest.models import Feedback
from digest.web.access import Access, centre_form, readers_page

ON_A_PAGE = 50


def newest_feedback(reader: Reader) -> QuerySet[Feedback]:
    return reader.feedback.select_related("paper").order_by("-said_at", "-pk")


@require_safe
@readers_page
def feedback(request: HttpRequest, access: Access) -> HttpResponse:
    found = Paginator(newest_feedback(access.reader), ON_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "web/feedback.html", {"access": access, "here": "feedback", "found": found})


@centre_form
def undo(request: HttpRequest, access: Access, paper: int) -> HttpResponse:
    """Take back what the reader said of a paper."""
    came_from = "feedback" if "all" in request.POST else "preferences"
    taken_back = Feedback.objects.take_back(access.reader.pk, paper)
    messages.success(request, "Taken back." if taken_back else "That was taken back before.")
    return redirect(access.path(came_from))
