"""How tests come to a reader's pages, and what they fill in there."""

import re
import time
from typing import Any

from django.test import Client

from accounts.models import Reader
from digest.feedback.links import Purpose, link, token
from digest.web.access import Access


def signed_in(reader: Reader, **given: Any) -> Client:
    """Return a browser in which `reader` has just typed the mailed code."""
    client = Client(**given)
    client.force_login(reader)
    session = client.session
    session["account_authentication_methods"] = [{"method": "code", "at": time.time(), "email": reader.email}]
    session["account_authentication_methods_user"] = str(reader.pk)
    session.save()
    return client


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
