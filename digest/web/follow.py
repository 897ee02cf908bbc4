"""Following a topic from its page: a reader who is signed in at once, anybody else by the mail that asks for a yes.

With htmx the answer comes in the place of the form, and without it as a page.
"""

from typing import Any

from allauth.core import ratelimit
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from accounts.models import Reader
from digest.models import Subscription, Topic
from digest.web.access import get_or_post
from digest.web.origin import from_our_pages
from digest.web.signup import AskForm, ask_by_mail, too_many


def follow_form(data: Any = None) -> AskForm:
    return AskForm(data, auto_id="follow_%s")


def followed(reader: Reader, topic: Topic) -> Subscription | None:
    """Return how the reader follows the topic; None where they do not, or have muted it."""
    return reader.subscriptions.active().filter(topic=topic).first()


@never_cache
@from_our_pages
@get_or_post
def follow(request: HttpRequest, slug: str) -> HttpResponse:
    topic = get_object_or_404(Topic.objects.public(), slug=slug)
    if request.method != "POST":
        return redirect("topic_page", topic.slug)
    if isinstance(request.user, Reader):
        return _of_reader(request, request.user, topic)
    return _by_mail(request, topic)


def _of_reader(request: HttpRequest, reader: Reader, topic: Topic) -> HttpResponse:
    if request.POST.get("do") == "unfollow":
        reader.subscriptions.filter(topic=topic).delete()
        said = f"You do not follow “{topic.label}” any more."
    else:
        Subscription.objects.update_or_create(reader=reader, topic=topic, defaults={"is_muted": False})
        said = f"You follow “{topic.label}” now, from the next digest on."
    if request.headers.get("HX-Request"):
        context = {"topic": topic, "subscription": followed(reader, topic), "said": said, "is_answer": True}
        return render(request, "web/_follow.html", context)
    messages.success(request, said)
    return redirect("topic_page", topic.slug)


def _by_mail(request: HttpRequest, topic: Topic) -> HttpResponse:
    in_place = bool(request.headers.get("HX-Request"))
    if not ratelimit.consume(request, action="signup"):
        is_limited = {"topic": topic, "is_limited": True}
        return render(request, "web/_follow.html", is_limited, status=429) if in_place else too_many(request)
    form = follow_form(request.POST)
    context: dict[str, Any] = {"topic": topic, "form": form, "is_answer": True}
    if not form.is_valid():
        return render(request, "web/_follow.html" if in_place else "web/follow.html", context)
    ask_by_mail(request, form.cleaned_data, [topic.query], now=timezone.now())
    context["address"] = form.cleaned_data["address"]
    return render(request, "web/_follow.html" if in_place else "web/look_into_your_inbox.html", context)
