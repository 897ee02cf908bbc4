from typing import Any

import pytest

from digest.delivery.outbox import OutboxTransport
from digest.delivery.provider import BackendTransport
from digest.delivery.smtp import SmtpTransport
from digest.delivery.transport import transport


@pytest.mark.parametrize(
    ("backend", "kind"),
    [
        ("django.core.mail.backends.smtp.EmailBackend", SmtpTransport),
        ("django.core.mail.backends.filebased.EmailBackend", OutboxTransport),
        ("anymail.backends.test.EmailBackend", BackendTransport),
    ],
)
def test_transport_follows_the_settings(settings: Any, backend: str, kind: type) -> None:
    settings.EMAIL_BACKEND = backend
    assert type(transport()) is kind
