"""The feed of a topic: its newest papers, each with the reason why it belongs to the topic, as on the topic's page.

The address of a topic that was merged leads to the feed of the one it became.
"""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from digest.models import Topic
from digest.templatetags.papers import one_line, opening
from digest.web import atom
from digest.web.fresh import fresh
from digest.web.topic_papers import topic_stories


@require_safe
@atom.not_sent_again
@fresh()
def topic_feed(request: HttpRequest, slug: str) -> HttpResponse:
    asked = get_object_or_404(Topic.objects.exclude(slug="").select_related("merged_into"), slug=slug)
    topic = asked.merged_into or asked
    if not topic.slug:
        raise Http404
    if topic.slug != slug:
        return redirect("topic_feed", topic.slug, permanent=True)
    label = one_line(topic.label)
    head = atom.Head(
        title=f"{opening(label)} · {settings.SITE_NAME}",
        subtitle=topic.description or f"The newest papers in {label}, each with the reason why it is here",
        path=reverse("topic_feed", args=[slug]),
        page=reverse("topic_page", args=[slug]),
        since=topic.created_at,
    )
    found = topic_stories(topic, today=timezone.now().date(), count=atom.SHOWN)
    return atom.answer(head, atom.entries_of(found, topic.label))
