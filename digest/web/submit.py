"""Submitting a paper: one field, then the paper as others will see it, then a button. And what became of those before.

Looking up and storing are `digest.ingest`'s. The preview comes with the answer to a POST, since it asks other hosts.
"""

from typing import Any

from allauth.core import ratelimit
from django import forms
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from accounts.models import Reader
from digest.delivery.cards import AUTHORS_SHOWN, card_of
from digest.delivery.content import Card
from digest.ingest.look_up import MAX_TEXT, Refused, look_up
from digest.ingest.submit import opened, readers_source_name, refuse_taken, seal, submit
from digest.models import Paper, Submission
from digest.models.paper_address import public_ids
from digest.sources.listing import Listing
from digest.web.access import get_or_post

SHOWN = 50  # of a reader's own submissions, the latest
TOO_OFTEN = "You have looked up many papers in the last hour. Nothing was submitted; try again later."
TOO_MANY = "You have submitted many papers today. This one was not; come back tomorrow."


class LookUpForm(forms.Form):
    address = forms.CharField(
        label="arXiv id, DOI or address of the paper",
        max_length=MAX_TEXT,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}),
        help_text="2506.00001, 10.1000/182, or the address of its page. You see what was found before it is sent.",
        error_messages={"required": "Write which paper you mean: its arXiv id, its DOI or its address."},
    )


class WordForm(forms.Form):
    said = forms.CharField(
        label="Why it is worth reading",
        required=False,
        max_length=300,
        widget=forms.Textarea({"rows": 3}),
        help_text="You may leave it empty. Staff read it; it is published nowhere.",
    )


@never_cache
@get_or_post
def submit_paper(request: HttpRequest) -> HttpResponse:
    if not isinstance(request.user, Reader):
        return redirect_to_login(request.get_full_path())
    if "sealed" in request.POST:
        return _confirmed(request, request.user)
    if request.method == "POST":
        return _looked_up(request, request.user)
    form = LookUpForm(initial={"address": request.GET.get("address", "")[:MAX_TEXT]}, label_suffix="")
    return _page(request, request.user, form)


def _looked_up(request: HttpRequest, reader: Reader) -> HttpResponse:
    form = LookUpForm(request.POST, label_suffix="")
    if not form.is_valid():
        return _page(request, reader, form)
    if not ratelimit.consume(request, action="look_up_paper", user=reader):
        form.add_error("address", TOO_OFTEN)
        return _page(request, reader, form, status=429)
    try:
        found = look_up(form.cleaned_data["address"], timezone.now())
        if isinstance(found, Paper):
            refuse_taken(found, reader)
    except Refused as error:
        if error.paper:
            return _page(request, reader, form, refused=error)
        form.add_error("address", str(error))
        return _page(request, reader, form)
    return _preview(request, found, seal(found, reader), WordForm(label_suffix=""))


def _confirmed(request: HttpRequest, reader: Reader) -> HttpResponse:
    form = LookUpForm(label_suffix="")
    try:
        found = opened(request.POST["sealed"], reader)
        word = WordForm(request.POST, label_suffix="")
        if not word.is_valid():
            return _preview(request, found, request.POST["sealed"], word)
        if not ratelimit.consume(request, action="submit_paper", user=reader):
            return _page(request, reader, form, refused=Refused(TOO_MANY), status=429)
        submit(found, reader, word.cleaned_data["said"], timezone.now())
    except Refused as error:
        return _page(request, reader, form, refused=error)
    messages.success(request, "Submitted. Staff read it next; what becomes of it stands below.")
    return redirect("submit")


def _page(
    request: HttpRequest, reader: Reader, form: LookUpForm, refused: Refused | None = None, status: int = 200
) -> HttpResponse:
    own = list(reader.submissions.select_related("paper").order_by("-submitted_at", "-pk")[:SHOWN])
    known = refused.paper if refused else None
    names = public_ids([row.paper_id for row in own] + ([known.pk] if known else []))
    context: dict[str, Any] = {
        "form": form,
        "own": [(row, reverse("paper", args=[names[row.paper_id]]) if row.paper.stands else "") for row in own],
        "refused": refused,
        "known": known,
        "known_path": reverse("paper", args=[names[known.pk]]) if known else "",
        "states": Submission.State,
    }
    return render(request, "web/submit.html", context, status=status)


def _preview(request: HttpRequest, found: Paper | Listing, sealed: str, form: WordForm) -> HttpResponse:
    context = {"card": _card(found), "is_known": isinstance(found, Paper), "sealed": sealed, "form": form}
    return render(request, "web/submit_preview.html", context)


def _card(found: Paper | Listing) -> Card:
    if isinstance(found, Paper):
        return card_of(found)
    return Card(
        paper=0,
        title=found.title,
        abstract=found.abstract,
        authors=found.authors[:AUTHORS_SHOWN],
        author_count=max(found.author_count, len(found.authors)),
        source=found.venue or readers_source_name(),
        announced_on=found.announced_on or timezone.now().date(),
        url=found.url,
        pdf_url=found.pdf_url,
    )
