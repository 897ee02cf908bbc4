"""The preference centre: how things stand with a reader's digests, and all that can be changed, each by a form.

Each form posts to an address of its own, which does one thing and leads back here. What is wrong with a form is said
here, beside its fields. The archive, the next digest and the reader's own feed have modules of their own.
"""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import Reader
from digest.feedback.links import Purpose, link
from digest.feedback.standing import why_no_mail
from digest.models import Subscription, Topic
from digest.models.subscription import STEPS
from digest.templatetags.papers import listed, weekday
from digest.web.access import Access, centre_form, readers_page
from digest.web.feedback_list import newest_feedback
from digest.web.preference_forms import FollowForm, PauseForm, ScheduleForm
from digest.web.private_feed import feed_url
from digest.web.upcoming import next_digest

FEEDBACK_SHOWN = 10
SECTIONS = {"follow": "topics", "schedule": "when", "pause": "rest"}  # where on the page each form stands


@require_safe
@readers_page
def preferences(request: HttpRequest, access: Access) -> HttpResponse:
    return _centre(request, access)


@centre_form
def topics(request: HttpRequest, access: Access) -> HttpResponse:
    """Follow more topics."""
    form = FollowForm(request.POST, reader=access.reader)
    if not form.is_valid():
        return _centre(request, access, follow=form)
    labels = []
    for query in form.cleaned_data["topics"]:
        topic = Topic.objects.named(query)
        Subscription.objects.update_or_create(reader=access.reader, topic=topic, defaults={"is_muted": False})
        labels.append(f"“{topic.label}”")
    messages.success(request, f"You follow {listed(labels, len(labels), len(labels))} now, from the next digest on.")
    return redirect(access.path("preferences"))


@centre_form
def topic(request: HttpRequest, access: Access, key: int) -> HttpResponse:
    """Change one of the topics that the reader follows."""
    subscription = access.reader.subscriptions.select_related("topic").filter(pk=key).first()
    said = _change(subscription, request.POST.get("do", "")) if subscription else ""
    messages.success(request, said or "That topic is not among yours. Nothing was changed.")
    return redirect(access.path("preferences"))


def _change(subscription: Subscription, do: str) -> str:
    """Do one of the things that a topic's buttons offer; return what is to be said of it, "" for anything else."""
    label = subscription.topic.label
    if do == "remove":
        subscription.delete()
        return f"You do not follow “{label}” any more."
    if do in ("mute", "unmute"):
        subscription.is_muted = do == "mute"
        subscription.save(update_fields=["is_muted"])
        return (
            f"“{label}” is muted: it brings no papers until you unmute it."
            if do == "mute"
            else (f"“{label}” brings papers again.")
        )
    if do in STEPS:
        subscription.weight = STEPS[do]
        subscription.save(update_fields=["weight"])
        return f"“{label}” gets {SHARES[do]}, from the next digest on."
    return ""


SHARES = {
    "less": "less room than your other topics",
    "usual": "its usual share",
    "more": "more room than your other topics",
}


@centre_form
def schedule(request: HttpRequest, access: Access) -> HttpResponse:
    """Change when digests come, and how large they are."""
    form = ScheduleForm(request.POST, instance=access.reader)
    if not form.is_valid():
        access.reader.refresh_from_db()  # the form has put what was typed into the row
        return _centre(request, access, schedule=form)
    form.save()
    messages.success(request, "Saved.")
    return redirect(access.path("preferences"))


@centre_form
def pause(request: HttpRequest, access: Access) -> HttpResponse:
    """Send nothing until a day."""
    form = PauseForm(request.POST, reader=access.reader)
    if not form.is_valid():
        return _centre(request, access, pause=form)
    until = form.cleaned_data["until"]
    access.reader.pause(until)
    messages.success(request, f"Paused until {weekday(until)}.")
    return redirect(access.path("preferences"))


@centre_form
def resume(request: HttpRequest, access: Access) -> HttpResponse:
    """Send digests again, after a pause or after leaving."""
    if access.reader.state != Reader.State.PENDING:
        access.reader.come_back()
        messages.success(request, "Your digests come again.")
    return redirect(access.path("preferences"))


def _centre(request: HttpRequest, access: Access, **bound: Any) -> HttpResponse:
    """Return the page; `bound` are forms that were sent and need another look."""
    reader, now = access.reader, timezone.now()
    subscriptions = list(reader.subscriptions.select_related("topic").order_by("pk"))
    feedback = list(newest_feedback(reader)[: FEEDBACK_SHOWN + 1])
    is_paused = reader.paused_until is not None and reader.paused_until > reader.today
    context = {
        "access": access,
        "here": "preferences",
        "reader": reader,
        "subscriptions": subscriptions,
        "is_following": any(not subscription.is_muted for subscription in subscriptions),
        "is_paused": is_paused,
        "next_digest": next_digest(reader, now) if reader.state == Reader.State.ACTIVE else "",
        "no_mail": why_no_mail(reader),
        "follow": bound.get("follow") or FollowForm(reader=reader),
        "schedule": bound.get("schedule") or ScheduleForm(instance=reader),
        "pause": bound.get("pause") or PauseForm(reader=reader),
        "wrong": next((SECTIONS[name] for name, form in bound.items() if form.errors), ""),
        "feedback": feedback[:FEEDBACK_SHOWN],
        "has_more_feedback": len(feedback) > FEEDBACK_SHOWN,
        "feed_url": feed_url(reader),
        "unsubscribe_url": link(Purpose.UNSUBSCRIBE, reader.pk),
    }
    return render(request, "web/preferences.html", context)
