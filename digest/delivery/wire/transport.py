"""Which way to the mail system the settings name."""

from pathlib import Path

from django.conf import settings

from digest.delivery.wire import dkim
from digest.delivery.wire.handover import BeforeDot, Transport, unheard
from digest.delivery.wire.outbox import OUTBOX_BACKEND, OutboxTransport
from digest.delivery.wire.provider import BackendTransport
from digest.delivery.wire.smtp import SMTP_BACKEND, SmtpTransport


def transport(before_dot: BeforeDot = unheard) -> Transport:
    """Return the way that the settings name: SMTP, files, or any other backend of Django (anymail's providers).

    Raises ImproperlyConfigured where mail should be signed here and cannot be.
    """
    dkim.signer()
    if settings.EMAIL_BACKEND == SMTP_BACKEND:
        return SmtpTransport(before_dot)
    if settings.EMAIL_BACKEND == OUTBOX_BACKEND:
        return OutboxTransport(Path(settings.EMAIL_FILE_PATH), before_dot)
    return BackendTransport(before_dot)
