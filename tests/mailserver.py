"""A real SMTP server on loopback that records what it accepts, and misbehaves for addresses that ask for it.

The local part of the recipient says how: refuse@ (550 at RCPT), refuse-and-close@ (the same, and the connection is
closed), later@ (451 at RCPT), full@ (452 at the final dot),
cut-before-dot@ and cut-after-dot@ (the connection is closed there; after the dot the mail is recorded first).
"""

import socket
from asyncio import WriteTransport
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class Recorder:
    """Answers by the recipient's local part, and keeps (recipient, bytes) of every mail that came in whole."""

    def __init__(self) -> None:
        self.received: list[tuple[str, bytes]] = []

    async def handle_RCPT(  # noqa: N802 - the name is aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        match address.partition("@")[0]:
            case "refuse":
                return "550 5.1.1 no such mailbox"
            case "refuse-and-close":
                return "550 5.7.1 go away"
            case "later":
                return "451 4.7.1 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        address = envelope.rcpt_tos[0]
        if address.startswith("full@"):
            return "452 4.2.2 mailbox full"
        self.received.append((address, bytes(envelope.original_content or b"")))
        if address.startswith("cut-after-dot@"):
            _cut(server)
        return "250 2.0.0 queued"


def _cut(server: SMTP) -> None:
    assert isinstance(server.transport, WriteTransport)
    server.transport.abort()


class CuttingSMTP(SMTP):
    async def smtp_RCPT(self, arg: str) -> None:  # noqa: N802
        await super().smtp_RCPT(arg)
        if "refuse-and-close@" in arg:
            assert isinstance(self.transport, WriteTransport)
            self.transport.close()  # once the refusal has left

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        assert self.envelope is not None
        if self.envelope.rcpt_tos and self.envelope.rcpt_tos[0].startswith("cut-before-dot@"):
            await self.push("354 go on")
            _cut(self)
            return
        await super().smtp_DATA(arg)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class MailServer(Controller):
    def factory(self) -> SMTP:
        return CuttingSMTP(self.handler, **self.SMTP_kwargs)


@contextmanager
def mail_server(settings: Any) -> Iterator[Recorder]:
    """Run a server for the length of the block, with the settings pointing at it."""
    recorder = Recorder()
    server = MailServer(recorder, hostname="127.0.0.1", port=_free_port())
    server.start()
    try:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.hostname, server.port
        yield recorder
    finally:
        server.stop(no_assert=True)
