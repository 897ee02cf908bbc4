"""More like this, less like this, stop this topic: each asks on a page of its own, and a button does it.

The links stand in every mail, so a GET changes nothing. What was said can be taken back at the same address. On pages
with cards the same buttons stand below each paper (`web/_say.html`), and htmx puts the answer in their place.
"""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from digest.models import Feedback, Paper
from digest.web.access import Access, get_or_post, readers_page


@get_or_post
@readers_page
def more(request: HttpRequest, access: Access, paper: int) -> HttpResponse:
    return _say(request, access, paper, wants_more=True)


@get_or_post
@readers_page
def less(request: HttpRequest, access: Access, paper: int) -> HttpResponse:
    return _say(request, access, paper, wants_more=False)


@get_or_post
@readers_page
def stop(request: HttpRequest, access: Access, topic: int) -> HttpResponse:
    subscription = access.reader.subscriptions.select_related("topic").filter(topic=topic).first()
    if subscription is None:
        return _gone(request, "web/no_topic.html", access)
    if request.method == "POST":
        subscription.is_muted = "undo" not in request.POST
        subscription.save(update_fields=["is_muted"])
        if not subscription.is_muted:
            messages.success(request, "Taken back. The topic is in your digests as before.")
        return redirect(request.path)
    left = access.reader.subscriptions.active().exclude(topic=topic).count()
    context = {"access": access, "topic": subscription.topic, "is_stopped": subscription.is_muted, "left": left}
    return render(request, "web/stop.html", context)


def _say(request: HttpRequest, access: Access, key: int, *, wants_more: bool) -> HttpResponse:
    if "undo" in request.POST:
        Feedback.objects.take_back(access.reader.pk, key)
    paper = Paper.objects.standing().filter(pk=key).first()
    if paper is None:
        return _gone(request, "web/no_paper.html", access)
    if request.method == "POST" and "undo" not in request.POST:
        Feedback.objects.say(access.reader.pk, key, wants_more=wants_more, now=timezone.now())
    if request.method == "POST" and not getattr(request, "htmx", False):
        if "undo" in request.POST:
            messages.success(request, "Taken back. Your digests are as if you had not said it.")
        return redirect(request.path)
    said = Feedback.objects.of(access.reader.pk, [key])
    context: dict[str, Any] = {"access": access, "said": said, "paper": paper, "wants_more": wants_more}
    if request.method == "POST":
        return render(request, "web/_said.html", context)
    return render(request, "web/say.html", context | {"word": said.get(key)})


def _gone(request: HttpRequest, template: str, access: Access) -> HttpResponse:
    return render(request, template, {"access": access}, status=404)
