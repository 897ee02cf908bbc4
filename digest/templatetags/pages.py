"""Addresses of a reader's own pages, on the way by which the reader came: `{% page "archive" %}`.

`{% say card.paper title %}` gives the buttons "More like this" and "Less" on a page that has `access`, and `said`, what
the reader said of its papers (`Feedback.objects.of`); on any other page nothing.

`{% vote card.paper title story.votes story.gained %}` gives the votes of a paper, and the button to vote on a page that
has `voted`, the keys of the papers that the reader voted for (`Vote.objects.of`).
"""

from typing import Any

from django import template
from django.template import Context

register = template.Library()


@register.simple_tag(takes_context=True)
def page(context: Context, name: str, *args: Any) -> str:
    path: str = context["access"].path(name, *args)
    return path


@register.inclusion_tag("web/_say.html", takes_context=True)
def say(context: Context, paper: int, title: str) -> dict[str, Any]:
    return {
        "access": context.get("access"),
        "csrf_token": context.get("csrf_token"),
        "fresh": context.get("fresh", False),
        "paper": paper,
        "title": title,
        "word": (context.get("said") or {}).get(paper),
    }


@register.inclusion_tag("web/_vote.html", takes_context=True)
def vote(context: Context, paper: int, title: str, votes: int, gained: int) -> dict[str, Any]:
    voted = context.get("voted")
    request = context.get("request")
    return {
        "csrf_token": context.get("csrf_token"),
        "fresh": context.get("fresh", False),
        "paper": paper,
        "title": title,
        "votes": votes,
        "gained": gained,
        "may_vote": voted is not None,
        "is_limited": context.get("is_limited", False),
        "has_voted": voted is not None and paper in voted,
        "next": request.get_full_path() if request else "",
    }
