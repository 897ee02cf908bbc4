"""One-click unsubscribing (RFC 8058): whether a mail system's click reaches this service, and a look changes nothing.

The click is made for a reader who does not exist: a right answer is that there is nobody of that kind.
"""

from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

from django.conf import settings

from digest.delivery.deliverability.finding import Finding, fail, ok, unasked

ABOUT = "One-click"
PATIENCE = 10.0  # seconds
NOBODY = "/unsubscribe/nobody"


class _NoRedirect(HTTPRedirectHandler):
    """A click that is led elsewhere is lost: mail systems do not follow (RFC 8058, section 3.1)."""

    def redirect_request(self, *_: object) -> None:
        return None


def look() -> Finding:
    url = settings.SITE_URL + NOBODY
    if not settings.SITE_URL.startswith("https://"):
        todo = "Set SITE_URL to an https address."
        return fail(ABOUT, f"SITE_URL is {settings.SITE_URL}: mail systems click on https links only.", todo)
    return answers(url)


def answers(url: str) -> Finding:
    """Look at the page, and click."""
    click = urlencode({"List-Unsubscribe": "One-Click"}).encode()
    try:
        looked, clicked = _status(Request(url)), _status(Request(url, data=click))  # noqa: S310 - a web address of ours
    except OSError as error:
        why = getattr(error, "reason", error)  # without the words of the library around it
        return unasked(ABOUT, f"{url}: {why}")
    if looked == clicked == 404:
        return ok(ABOUT, f"A click reaches {url.removesuffix(NOBODY)}, without a login and without a detour.")
    said = f"{url} answers {looked} to a look and {clicked} to a click, where 404 is right for nobody's link."
    return fail(ABOUT, said, "See what stands before the service: it must let POST to /unsubscribe/ through as it is.")


def _status(request: Request) -> int:
    try:
        with build_opener(_NoRedirect).open(request, timeout=PATIENCE) as answer:
            return int(answer.status)
    except HTTPError as error:
        return error.code
