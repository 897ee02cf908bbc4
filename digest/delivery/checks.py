"""System checks of what a mail system or a law asks of every mail: `manage.py check --deploy` says what is missing.

What needs the DNS (SPF, DKIM, DMARC) is not looked at here.
"""

import warnings
from collections.abc import Iterator
from typing import Any

from anymail.exceptions import AnymailWarning
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured

from digest.delivery.uncertain import HOLD, RESEND
from digest.delivery.wire import dkim, provider
from digest.delivery.wire.outbox import OUTBOX_BACKEND
from digest.feedback.provider import is_guarded, view_of

AT_LEAST_ONE = ("MAIL_CONNECTIONS", "MAIL_PER_CONNECTION", "MAIL_STOP_LEAST", "EMAIL_TIMEOUT", "MAIL_REPLY_TIMEOUT")


@register(Tags.security, deploy=True)
def check_mail_settings(**_: Any) -> list[CheckMessage]:
    return [*_of_sender(), *_of_mail_system()]


def _of_sender() -> Iterator[CheckMessage]:
    if not settings.SITE_URL.startswith("https://") or settings.SITE_HOST.endswith("example.org"):
        yield Error(
            f"SITE_URL is {settings.SITE_URL}: links in mail would not work, nor would unsubscribing.",
            hint="Set SITE_URL to the https address of this installation.",
            id="broadsheet.E001",
        )
    if "Exampleton" in settings.POSTAL_ADDRESS:
        yield Error(
            "POSTAL_ADDRESS is the sample's: the law asks for the sender's own in every mail.",
            hint="Set POSTAL_ADDRESS to yours, on one line.",
            id="broadsheet.E002",
        )
    if not 5 <= len(settings.FEEDBACK_SENDER) <= 15:
        yield Error(
            "FEEDBACK_SENDER must have 5 to 15 characters, or Gmail ignores Feedback-ID.",
            id="broadsheet.E003",
        )


def _of_mail_system() -> Iterator[CheckMessage]:
    if settings.EMAIL_BACKEND == OUTBOX_BACKEND:
        yield checks.Warning(
            f"Mail is written to {settings.EMAIL_FILE_PATH} and sent to nobody.",
            hint="Set EMAIL_URL, or EMAIL_BACKEND and ANYMAIL.",
            id="broadsheet.W001",
        )
    if settings.EMAIL_HOST_PASSWORD and not (settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL):
        yield checks.Warning(
            "The password of the mail system is sent without TLS.",
            hint="Write EMAIL_URL as smtp+tls://user:password@host:587.",
            id="broadsheet.W002",
        )


@register()
def check_uncertain(**_: Any) -> list[CheckMessage]:
    if settings.UNCERTAIN in (HOLD, RESEND) and settings.UNCERTAIN_AFTER > 0:
        return []
    said = f"UNCERTAIN is {settings.UNCERTAIN!r} and UNCERTAIN_AFTER {settings.UNCERTAIN_AFTER}."
    hint = "Set UNCERTAIN to hold or resend, and UNCERTAIN_AFTER to minutes, 1 or more. Anything else holds."
    return [Error(said, hint=hint, id="broadsheet.E010")]


@register()
def check_limits(**_: Any) -> list[CheckMessage]:
    """Say which limits would have no mail go at all, or nobody hear that it stopped."""
    wrong = [(name, getattr(settings, name), "1 or more") for name in AT_LEAST_ONE if getattr(settings, name) < 1]
    if not 0 < settings.MAIL_STOP_SHARE <= 1:
        wrong.append(("MAIL_STOP_SHARE", settings.MAIL_STOP_SHARE, "a share above 0, and 1 at most"))
    wrong += [
        ("ALERT_EMAIL", one, "addresses, with commas between them") for one in settings.ALERT_EMAIL if "@" not in one
    ]
    return [
        Error(f"{name} is {given}.", hint=f"Set {name} to {right}.", id="broadsheet.E011")
        for name, given, right in wrong
    ]


@register(Tags.security)
def check_dkim(**_: Any) -> list[CheckMessage]:
    """Say whether mail that should be signed here can be; whether the DNS knows the key is not looked at."""
    try:
        signer = dkim.signer()
    except ImproperlyConfigured as error:
        return [Error(f"Mail cannot be signed: {error}.", hint="See DKIM_KEY or DKIM_KEY_FILE.", id="broadsheet.E004")]
    if signer is None or not isinstance(signer.key, Ed25519PrivateKey):
        return []
    return [
        checks.Warning(
            "DKIM_KEY is an Ed25519 key, and some large mail systems know RSA alone: to them this mail is unsigned.",
            hint="Use an RSA key of 2048 bits, unless the relay adds a signature of its own.",
            id="broadsheet.W004",
        )
    ]


@register(Tags.security, deploy=True)
def check_reports(**_: Any) -> list[CheckMessage]:
    """Say where a provider sends the mail, and nobody could hear from it what came back."""
    name = provider.in_use()
    view_class = view_of(name) if name else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AnymailWarning)  # which says the same, in other words
        if view_class is None or is_guarded(view_class):
            return []
    return [
        checks.Warning(
            "Bounces and complaints are not heard: ANYMAIL has no WEBHOOK_SECRET, and no key of a signature.",
            hint='Add "WEBHOOK_SECRET": "user:password" to ANYMAIL, and give the provider the address of the webhook.',
            id="broadsheet.W003",
        )
    ]
