"""What machines ask of a web process or a worker: does it live, is it ready, what are its numbers.

They come without the name of the site, without https and without a session: so they are answered before anything else.
Whoever may talk to the process may ask whether it lives and is ready; its numbers are for a few (`_may_read`).
"""

from collections.abc import Callable
from ipaddress import IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client.exposition import choose_encoder

from digest.delivery.figures import registry
from digest.delivery.readiness import wrong

View = Callable[[HttpRequest], HttpResponse]

# What proxies add. Behind one, an address of the network says only where the proxy is.
PASSED_ON = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_REAL_IP", "HTTP_FORWARDED", "HTTP_VIA")


@require_safe
@never_cache
def live(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"live": True})


@require_safe
@never_cache
def ready(request: HttpRequest) -> HttpResponse:
    """Say whether it can do its work: the database, the queue and the clock are there."""
    found = wrong(timezone.now())
    return JsonResponse({"ready": not found, "wrong": found}, status=503 if found else 200)


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    if not _may_read(request):
        said = "Not for you: see METRICS_ALLOWED and METRICS_TOKEN.\n"
        return HttpResponse(said, status=403, content_type="text/plain; charset=utf-8")
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    return HttpResponse(encode(registry()), content_type=content_type)


def _may_read(request: HttpRequest) -> bool:
    """Whether who asks shows the token, or asks directly from a network that may."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if settings.METRICS_TOKEN and kind.lower() == "bearer":
        return constant_time_compare(token.strip(), settings.METRICS_TOKEN)
    if any(name in request.META for name in PASSED_ON):
        return False
    try:
        address = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:  # a socket of the machine, behind which is a proxy
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return any(address in network for network in settings.METRICS_ALLOWED)


PROBES: dict[str, View] = {"/healthz/live": live, "/healthz/ready": ready, "/metrics": metrics}


def probes(get_response: View) -> View:
    def answer(request: HttpRequest) -> HttpResponse:
        return PROBES.get(request.path_info, get_response)(request)

    return answer
