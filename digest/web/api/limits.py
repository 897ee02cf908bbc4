"""How often one address of the network may ask the API: API_RATE, as `digest.web.limits` counts.

Each answer says how much is left, by the fields of draft-ietf-httpapi-ratelimit-headers-11.
"""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from limits import RateLimitItem

from digest.web.api.errors import View, asks_the_api, error
from digest.web.limits import asker, counter, name, rates


def agreed() -> list[RateLimitItem]:
    """Return the rates of API_RATE; none, where it is empty."""
    try:
        return rates(settings.API_RATE)
    except ValueError as problem:
        raise ImproperlyConfigured(
            f"API_RATE is {settings.API_RATE!r}; write it like 120/minute,20/second"
        ) from problem


def limits(get_response: View) -> View:
    agreed()  # a mistake in it shows when the process starts
    counter(settings.COUNTED_IN)  # made before there are threads, of which one could see the driver half imported

    def middleware(request: HttpRequest) -> HttpResponse:
        asked = agreed()
        if not asked or not asks_the_api(request):
            return get_response(request)
        may, left = counter(settings.COUNTED_IN).count("api", asker(request), asked)
        answer = get_response(request) if may else error("You ask more often than is agreed. Wait a little.", 429)
        if left:
            answer["RateLimit-Policy"] = ", ".join(
                f'"{name(rate)}";q={rate.amount};w={rate.get_expiry()}' for rate in reversed(asked)
            )
            answer["RateLimit"] = ", ".join(map(str, left))
        if not may:
            answer["Retry-After"] = str(left[0].seconds)
            answer["Cache-Control"] = "no-store"
        return answer

    return middleware
