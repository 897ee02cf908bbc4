from typing import Any

import pytest

from digest.delivery.wire.outbox import OutboxTransport
from digest.delivery.wire.provider import BackendTransport
from digest.delivery.wire.smtp import SmtpTransport
from digest.delivery.wire.transport import transport


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
