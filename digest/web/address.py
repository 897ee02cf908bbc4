"""Changing the mail address: a form for whoever is signed in, and the page behind the link in the mail to the new one.

What a change does is in `digest.feedback.address`.
"""

from collections.abc import Mapping
from typing import Any

from allauth.core import ratelimit
from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from accounts.address import mailbox
from accounts.models import Reader
from digest.feedback import address as moving
from digest.feedback.links import BadLink
from digest.tasks import letters_soon
from digest.web.access import Access, bad_link, get_or_post, signed_in_page
from digest.web.address_field import AddressField
from digest.web.signup import too_many


class AddressForm(forms.Form):
    new = AddressField(label="Your new mail address")

    def __init__(self, reader: Reader, data: Mapping[str, Any] | None) -> None:
        super().__init__(data, label_suffix="")
        self.reader = reader

    def clean_new(self) -> str:
        new: str = self.cleaned_data["new"]
        if new == self.reader.email:
            raise forms.ValidationError("Your digests go there already.")
        return new


@get_or_post
@signed_in_page
def address(request: HttpRequest, access: Access) -> HttpResponse:
    reader = access.reader
    form = AddressForm(reader, request.POST if request.method == "POST" else None)
    sent_to = ""
    if request.method == "POST" and form.is_valid():
        if not ratelimit.consume(request, action="manage_email"):
            return too_many(request)
        sent_to = form.cleaned_data["new"]
        # Whoever owns the address is not mailed at will; the page stays the same, as it does for any address.
        if ratelimit.consume(request, action="new_address_mail", key=mailbox(sent_to)):
            moving.ask(reader, sent_to, timezone.now())
            letters_soon()
    context = {"access": access, "reader": reader, "form": form, "sent_to": sent_to}
    return render(request, "web/address.html", context)


@never_cache
@get_or_post
def new_address(request: HttpRequest, token: str) -> HttpResponse:
    try:
        if request.method == "POST":
            move = moving.change(token, timezone.now())
            letters_soon()
        else:
            move = moving.read(token)
    except BadLink:
        return bad_link(request)
    except moving.NotFree:
        return render(request, "web/new_address_taken.html", status=409)
    return render(request, "web/new_address.html", {"move": move})
