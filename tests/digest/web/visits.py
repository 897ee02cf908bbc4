"""How tests come to a reader's pages, and what they fill in there."""

import re
from typing import Any

from accounts.models import Reader
from digest.feedback.links import Purpose, link, token
from digest.web.access import Access


def path_for(reader: Reader, purpose: Purpose) -> str:
    return link(purpose, reader.pk).removeprefix("https://papers.example.org")


def preferences_of(reader: Reader) -> str:
    return path_for(reader, Purpose.PREFERENCES)


def followed(reader: Reader) -> list[str]:
    return list(reader.subscriptions.active().order_by("pk").values_list("topic__query", flat=True))


def page_of(reader: Reader, page: str, *args: Any) -> str:
    """Return the path of one of the reader's pages, on the way of a signed link."""
    return Access(reader, token(Purpose.PREFERENCES, reader.pk)).path(page, *args)


def filled(reader: Reader, **changed: Any) -> dict[str, Any]:
    """Return the form on when and how much as the page shows it, with some fields filled in otherwise."""
    fields = ("days", "weekday", "delivery_hour", "time_zone", "papers")
    return {name: getattr(reader, name) for name in fields} | changed


def said(answer: Any) -> list[str]:
    """Return what a page says that has just happened."""
    return re.findall(r'<p class="notice" role="status">(.*?)</p>', answer.content.decode())


def without_token(answer: Any) -> str:
    """Return a page as it is for everybody: without the tokens of its forms."""
    page: str = answer.content.decode()
    return re.sub(r'(name="csrfmiddlewaretoken" value=")\w+', r"\1", page)
