"""Addresses of a reader's own pages, on the way by which the reader came: `{% page "archive" %}`."""

from typing import Any

from django import template
from django.template import Context

register = template.Library()


@register.simple_tag(takes_context=True)
def page(context: Context, name: str, *args: Any) -> str:
    path: str = context["access"].path(name, *args)
    return path
