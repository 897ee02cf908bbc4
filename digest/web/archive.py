"""The pages of past digests, of one of them, and of what the next one would bring. Nothing here changes anything."""

from datetime import date, timedelta

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import Reader
from digest.delivery.archive import reopen
from digest.delivery.preview import preview_reader
from digest.models import Digest, Feedback
from digest.web.access import Access, readers_page
from digest.web.upcoming import next_digest

ON_A_PAGE = 30
# Past digests that have something to read; of one that a mail system refused, this is the only place to read it.
READABLE = (Digest.State.ACCEPTED, Digest.State.UNCERTAIN, Digest.State.FAILED)
NOTES = {
    Digest.State.UNCERTAIN: "It may not have reached you.",
    Digest.State.FAILED: "Your mail system did not take it.",
    Digest.State.EMPTY: "Nothing new was close enough to your topics.",
    Digest.State.SUPPRESSED: "No mail could go to your address.",
    Digest.State.EXPIRED: "It could not be sent in time.",
}


@require_safe
@readers_page
def archive(request: HttpRequest, access: Access) -> HttpResponse:
    """List the past digests, and quietly the days that had none."""
    settled = access.reader.digests.filter(state__in=[*READABLE, *NOTES]).select_related("edition")
    found = Paginator(settled.order_by("-edition__date"), ON_A_PAGE).get_page(request.GET.get("page"))
    rows = [
        {
            "day": digest.edition.date,
            "subject": digest.subject if digest.picks and digest.state in READABLE else "",
            "papers": len(digest.picks),
            "note": NOTES.get(Digest.State(digest.state), ""),
        }
        for digest in found
    ]
    return render(request, "web/archive.html", {"access": access, "here": "archive", "found": found, "rows": rows})


@require_safe
@readers_page
def archived(request: HttpRequest, access: Access, day: date) -> HttpResponse:
    """Show one past digest."""
    readable = access.reader.digests.filter(edition__date=day, state__in=READABLE).select_related("edition")
    digest = readable.first()
    if digest is None or not digest.picks:
        raise Http404
    (found,) = reopen([digest])
    note = NOTES.get(Digest.State(digest.state), "")
    said = Feedback.objects.of(access.reader.pk, [card.paper for card in (*found.picks, *found.trending)])
    context = {
        "access": access,
        "here": "archived",
        "digest": digest,
        "found": found,
        "day": day,
        "note": note,
        "said": said,
    }
    return render(request, "web/archived.html", context)


@require_safe
@readers_page
def coming(request: HttpRequest, access: Access) -> HttpResponse:
    """Show what the next digest would bring if it came now."""
    reader = access.reader
    is_active = reader.state == Reader.State.ACTIVE
    preview = preview_reader(reader, _next_day(reader))
    content = preview.content if preview else None
    context = {
        "access": access,
        "here": "next",
        "content": content,
        "names_topics": bool(content) or not is_active or reader.subscriptions.active().exists(),
        "said": Feedback.objects.of(reader.pk, [card.paper for card in (*content.picks, *content.trending)])
        if content
        else {},
        "when": next_digest(reader, timezone.now()) if is_active else "You get no digests at the moment.",
    }
    return render(request, "web/next.html", context)


def _next_day(reader: Reader) -> date:
    """Return today; where today's digest has come, tomorrow, so that its papers do not come again."""
    served = reader.last_edition_on
    return reader.today if served is None else max(reader.today, served + timedelta(days=1))
