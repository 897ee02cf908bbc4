"""The pages of long lists: `?page=2`. One that is not there is no page at all."""

import re

from django.http import Http404, HttpRequest

_NUMBER = re.compile("[1-9][0-9]{0,5}")


def page_number(request: HttpRequest) -> int:
    """Return which page of a list is asked for, from 1. Raises Http404 where it is no number."""
    text = request.GET.get("page", "1")
    if not _NUMBER.fullmatch(text):
        raise Http404
    return int(text)


def page_query(number: int) -> str:
    """Return what the address of a page ends in: nothing for the first."""
    return f"?page={number}" if number > 1 else ""
