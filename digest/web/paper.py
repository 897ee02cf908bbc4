"""The page of one paper, and its citation as a file: /papers/2506.00001 and /papers/2506.00001?format=bibtex

Whatever else the paper is known by leads there. A paper that was taken back stays, and says so; one that staff have
hidden is at no address.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.models import Reader
from digest.models.paper_address import known_paper, strongest
from digest.web.citation import MEDIA_TYPE, Citation
from digest.web.fresh import fresh
from digest.web.paper_page import around, for_reader, names_of


@require_safe
@fresh("format")
def paper(request: HttpRequest, public_id: str) -> HttpResponse:
    row = known_paper(public_id)
    if row is None or row.hidden_at:
        return render(request, "web/paper_unknown.html", status=404)
    names = names_of(row)
    known_by = strongest(names, row.pk)
    path = reverse("paper", args=[known_by])
    if public_id != known_by:
        asked = request.META.get("QUERY_STRING", "")
        return redirect(f"{path}?{asked}" if asked else path, permanent=True)
    context = around(row, names, path)
    if request.GET.get("format") == "bibtex":
        return _as_file(context["citation"])
    if isinstance(request.user, Reader):
        context |= for_reader(row, request.user)
    return render(request, "web/paper.html", context)


def _as_file(citation: Citation) -> HttpResponse:
    named = {"Content-Disposition": f'attachment; filename="{citation.filename}"'}
    return HttpResponse(citation.bibtex, content_type=MEDIA_TYPE, headers=named)
