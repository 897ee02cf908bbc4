"""The pages of long lists: `?page=2`. One that is not there is no page at all.

`web/_turn.html` shows the way from one to another.
"""

import re
from typing import Any

from django.http import Http404, HttpRequest

_NUMBER = re.compile("[1-9][0-9]{0,5}")


def page_number(request: HttpRequest) -> int:
    """Return which page of a list is asked for, from 1. Raises Http404 where it is no number."""
    text = request.GET.get("page", "1")
    if not _NUMBER.fullmatch(text):
        raise Http404
    return int(text)


def page_address(address: str, number: int) -> str:
    """Return where a page of the list at `address` is: the first one there itself."""
    return f"{address}{'&' if '?' in address else '?'}page={number}" if number > 1 else address


def turn(address: str, number: int, *, has_more: bool) -> dict[str, Any]:
    """Return what the template needs: the pages before and after, "" where there is none."""
    return {
        "number": number,
        "before": page_address(address, number - 1) if number > 1 else "",
        "after": page_address(address, number + 1) if has_more else "",
    }
