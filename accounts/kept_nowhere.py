"""Pages for whoever is signed in are kept by no cache, neither the browser's nor a proxy's, unless their view says how.

A shared computer must not show a secret of a second factor, or staff's lists of readers, to who comes next.
"""

from collections.abc import Callable

from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers


def kept_nowhere(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        answer = get_response(request)
        # A page that did not look at the session is the same for everybody.
        is_own = request.session.accessed and SESSION_KEY in request.session
        if is_own and not answer.has_header("Cache-Control"):
            add_never_cache_headers(answer)
        return answer

    return middleware
