"""Where we meet anymail: its view for each provider's reports, whether it is guarded, and the signal that it sends.

A signal, because anymail has no other way to say it; it is heard from when the app is ready. What a report means is
`report`'s, and what follows from it `bounces`'.
"""

from typing import Any

from anymail.exceptions import AnymailConfigurationError
from anymail.signals import AnymailTrackingEvent, tracking
from django.dispatch import receiver
from django.urls import Resolver404, resolve
from django.utils import timezone

from digest.feedback import bounces
from digest.feedback.report import read


@receiver(tracking, dispatch_uid="broadsheet")
def hear(sender: object, event: AnymailTrackingEvent, esp_name: str, **_: Any) -> None:
    report = read(event, esp_name, timezone.now())
    if report is not None:
        bounces.take(report)


def view_of(provider: str) -> Any:
    """Return anymail's view class for what `provider` reports; None where anymail knows no such provider."""
    try:
        return resolve(f"/{provider}/tracking/", "anymail.urls").func.view_class  # type: ignore[attr-defined]
    except Resolver404:
        return None


def is_guarded(view_class: Any) -> bool:
    """Whether the settings hold a secret or a key by which reports to this view are checked."""
    try:
        view = view_class()
    except AnymailConfigurationError:
        return False
    if getattr(view, "webhook_key", "") is None:  # Mandrill's, which is missed only when a report comes
        return False
    return bool(view.basic_auth) or not view.warn_if_no_basic_auth
