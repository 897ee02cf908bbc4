"""Signing up: one form, then a page that is the same whoever owns the address, then the link in the mail.

What asking and confirming do is in `digest.feedback.signup`. A confirmation signs nobody in; its GET changes nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from allauth.core import ratelimit
from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from accounts.address import mailbox
from accounts.consent import CONSENT
from digest.feedback import signup
from digest.feedback.links import BadLink, Purpose, key_of, link
from digest.models import Signup
from digest.models.topic import label_of
from digest.tasks import letters_soon
from digest.web.access import bad_link, get_or_post
from digest.web.address_field import AddressField
from digest.web.origin import from_our_pages
from digest.web.topic_field import TopicsField, TopicsForm
from digest.web.zones import ZoneField


class AskForm(forms.Form):
    """Address and time zone. `homepage` is seen by programs alone: whoever fills it in gets no mail."""

    address = AddressField()
    time_zone = ZoneField(
        initial="UTC", help_text="Digests come at seven in the morning there. You can change all of it later."
    )
    homepage = forms.CharField(required=False, widget=forms.TextInput({"tabindex": "-1", "autocomplete": "off"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": ""} | kwargs)

    @property
    def consent(self) -> str:
        return CONSENT.text


class SignupForm(TopicsForm, AskForm):
    topics = TopicsField(label="Your topics")


@never_cache
@from_our_pages
@get_or_post
def sign_up(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return render(request, "web/sign_up.html", {"form": SignupForm()})
    if not ratelimit.consume(request, action="signup"):
        return too_many(request)
    form = SignupForm(request.POST)
    if not form.is_valid():
        return render(request, "web/sign_up.html", {"form": form})
    ask_by_mail(request, form.cleaned_data, form.cleaned_data["topics"], now=timezone.now())
    return render(request, "web/look_into_your_inbox.html", {"address": form.cleaned_data["address"]})


def ask_by_mail(request: HttpRequest, wish: Mapping[str, str], topics: Sequence[str], *, now: datetime) -> None:
    """Have the address of an AskForm asked whether it wants mail about `topics`.

    What is shown then stays the same, whether a mail goes or not.
    """
    if not wish["homepage"] and ratelimit.consume(request, action="signup_mail", key=mailbox(wish["address"])):
        signup.ask(wish["address"], topics, time_zone=wish["time_zone"], now=now)
        letters_soon()


def too_many(request: HttpRequest) -> HttpResponse:
    answer: HttpResponse = ratelimit.respond_429(request)
    return answer


@never_cache
@get_or_post
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    try:
        key = key_of(Purpose.CONFIRM, token)
        if request.method != "POST":
            return _asking(request, Signup.objects.get(pk=key))
        confirmed = signup.confirm(key, timezone.now())
    except (BadLink, Signup.DoesNotExist):
        return bad_link(request)
    except signup.AccountClosed:
        return render(request, "account/account_inactive.html", status=403)
    letters_soon()
    return _done(request, confirmed)


def _asking(request: HttpRequest, wish: Signup) -> HttpResponse:
    """Show what will start; where it has started already, say so."""
    reader = signup.who(wish)
    if wish.confirmed_at is not None and reader.pk:
        return _done(request, signup.Confirmed(reader, again=True))
    topics = [label_of(query) for query in wish.topics]
    return render(request, "web/confirm.html", {"wish": wish, "reader": reader, "topics": topics})


def _done(request: HttpRequest, confirmed: signup.Confirmed) -> HttpResponse:
    reader = confirmed.reader
    first = reader.next_digest_at
    context = {
        "reader": reader,
        "again": confirmed.again,
        "first": first.astimezone(ZoneInfo(reader.time_zone)) if first else None,
        "preferences_url": link(Purpose.PREFERENCES, reader.pk),
    }
    return render(request, "web/confirmed.html", context)
