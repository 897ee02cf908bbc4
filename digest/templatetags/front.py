"""What the template of the admin's front page asks for."""

from typing import Any

from django import template
from django.template import RequestContext
from django.utils import timezone

from digest.admin.front import picture

register = template.Library()


@register.simple_tag(takes_context=True)
def how_things_are(context: RequestContext) -> dict[str, Any]:
    return picture(context["request"].user, timezone.now())
