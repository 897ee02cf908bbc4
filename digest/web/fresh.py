"""Public pages for whoever is not signed in: made once for all of them, and not sent again to who has them already.

`@fresh("page")` stands above a view, of whatever content type, that shows all of them the same, and names the
parameters that the view reads. What it answered is kept, packed, until something changes (`digest.models.change`), the
day or the code. Whoever brings a session or a message gets an answer of their own, which no cache keeps.
"""

import gzip
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, wraps
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotModified
from django.utils import timezone
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.http import parse_etags
from django.views.decorators.gzip import gzip_page

from digest.models import Change

View = Callable[..., HttpResponseBase]

BROWSERS_KEEP = 60  # seconds, in which nobody asks whether anything has changed
SHOWN_SETTINGS = ("SITE_NAME", "SITE_URL", "CURATOR", "POSTAL_ADDRESS", "CONTACT", "ABOUT_NOTE", "PRIVACY_NOTE")
CODE = ("accounts", "config", "digest", "templates")
_UNPACKS = re.compile(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))")


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer without what depends on who asks."""

    packed: bytes
    headers: dict[str, str]

    @classmethod
    def of(cls, answer: HttpResponse) -> "Kept":
        return cls(gzip.compress(answer.content, 6, mtime=0), dict(answer.items()))

    def answer(self, request: HttpRequest) -> HttpResponse:
        if not _UNPACKS.search(request.headers.get("Accept-Encoding", "")):
            return HttpResponse(gzip.decompress(self.packed), headers=self.headers)
        return HttpResponse(self.packed, headers=self.headers | {"Content-Encoding": "gzip"})


def fresh(*known: str) -> Callable[[View], View]:
    """Keep what the view answers; an answer to any parameter but those `known` is not kept, or they would fill it."""

    def decorate(view: View) -> View:
        # Django makes the length of what it packs uncertain: it tells nothing of the tokens in somebody's own page.
        own_view = gzip_page(view)

        @wraps(view)
        def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method not in ("GET", "HEAD"):
                return view(request, *args, **kwargs)
            if _brings_something(request):
                return _for_one(own_view(request, *args, **kwargs))
            number = Change.objects.latest_number()  # before the page is made: it is as new as that, or newer
            key = _key(request, number)
            if _has_it(request, key):
                return _for_all(HttpResponseNotModified(), key)
            may_keep = request.GET.keys() <= set(known)
            kept = caches["pages"].get(key) if may_keep else None
            if kept is None:
                answer = view(request, *args, **kwargs)
                if not isinstance(answer, HttpResponse) or answer.status_code != 200:
                    return answer
                if _gives_something(request, answer):
                    return _for_one(answer)
                kept = Kept.of(answer)
                if may_keep:
                    caches["pages"].set(key, kept, timeout=settings.PAGES_KEPT)
            return _for_all(kept.answer(request), key)

        return page

    return decorate


def _brings_something(request: HttpRequest) -> bool:
    """Tell whether the answer may differ from that to all others: by who is signed in, or by a message that waits."""
    return settings.SESSION_COOKIE_NAME in request.COOKIES or CookieStorage.cookie_name in request.COOKIES


def _has_it(request: HttpRequest, key: str) -> bool:
    """Tell whether who asks has this very answer. Other conditions ask nothing of pages that are only read.

    Their refusals would be kept by caches, for all; and "*" would be told that there is a page where there is none.
    """
    tags = parse_etags(request.headers.get("If-None-Match", ""))
    return any(tag.removeprefix("W/") == f'"{key}"' for tag in tags)


def _gives_something(request: HttpRequest, answer: HttpResponse) -> bool:
    """Tell whether the answer is the visitor's own: it came with a cookie, or with the token of a form."""
    return bool(answer.cookies) or request.session.modified or "CSRF_COOKIE_NEEDS_UPDATE" in request.META


def _key(request: HttpRequest, number: int) -> str:
    """Return what the answer depends on. Of a parameter that comes more than once, the order matters."""
    asked = sorted(request.GET.lists())
    address = request.build_absolute_uri(f"{request.path}?{urlencode(asked, doseq=True)}")
    shown = [str(getattr(settings, name)) for name in SHOWN_SETTINGS]
    parts = [address, number, request.headers.get("HX-Request", ""), timezone.now().date(), _code(), *shown]
    return sha256("\n".join(map(str, parts)).encode()).hexdigest()[:32]


@cache
def _code() -> str:
    """Return what stands for the code and templates that make the pages: the same on all machines that have them."""
    found = sha256()
    for folder in CODE:
        for path in sorted((settings.BASE_DIR / folder).rglob("*")):
            if path.suffix in (".html", ".py", ".txt"):
                found.update(path.read_bytes())
    return found.hexdigest()


def _for_all(answer: HttpResponseBase, key: str) -> HttpResponseBase:
    answer["ETag"] = f'W/"{key}"'
    patch_cache_control(answer, public=True, max_age=BROWSERS_KEEP)
    patch_vary_headers(answer, ("Cookie", "Accept-Encoding", "HX-Request"))
    return answer


def _for_one(answer: HttpResponseBase) -> HttpResponseBase:
    patch_cache_control(answer, private=True, no_cache=True)
    patch_vary_headers(answer, ("Cookie", "Accept-Encoding", "HX-Request"))
    return answer
