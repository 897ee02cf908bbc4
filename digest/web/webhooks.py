"""Where mail providers report: anymail's tracking views, at /webhooks/PROVIDER/tracking/, for those who can prove it.

A provider proves itself by the secret in ANYMAIL's WEBHOOK_SECRET or by its own signature; where neither is set there
is nothing here. A report that cannot be read is the sender's fault (400), and only a fault of ours makes the provider
try again (500). What a report means is `digest.feedback`'s.
"""

from collections.abc import Callable
from typing import Any

from anymail.exceptions import AnymailConfigurationError, AnymailError
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from digest.feedback.provider import is_guarded, view_of

UNREADABLE = (
    AnymailConfigurationError,  # a report of incoming mail, which belongs elsewhere
    AnymailError,
    AssertionError,
    AttributeError,
    LookupError,
    OverflowError,
    RecursionError,
    TypeError,
    ValueError,
)


@csrf_exempt  # a provider has no cookie; its secret or signature is the proof
def tracking(request: HttpRequest, provider: str) -> HttpResponse:
    view_class = view_of(provider)
    if view_class is None or not is_guarded(view_class):
        raise Http404
    answer: HttpResponse = _strict(view_class).as_view()(request)
    return answer


def _strict(view_class: Any) -> Any:
    """Return the view, which tells the faults of a report from the faults of what we make of it."""

    class Strict(view_class):  # type: ignore[misc]
        def run_validators(self, request: HttpRequest) -> None:
            _readable(super().run_validators, request)

        def parse_events(self, request: HttpRequest) -> Any:
            return _readable(super().parse_events, request)

    return Strict


def _readable(step: Callable[[HttpRequest], Any], request: HttpRequest) -> Any:
    try:
        return step(request)
    except SuspiciousOperation:
        raise
    except UNREADABLE as error:
        raise BadRequest("the report cannot be read") from error
