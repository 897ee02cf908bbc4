"""A real SMTP server on loopback that records what it accepts, and misbehaves for addresses that ask for it.

The local part of the recipient says how:
- at RCPT: refuse@ (550), refuse-and-close@ (the same, and the connection is closed), slow-refuse@ (the same, after
  `Recorder.stall` seconds), later@ (451), closing@ (421, and the connection is closed), sloppy@ (550, and 354 at DATA)
- at DATA: cut-before-dot@ (354, and the connection is closed), closing-before-dot@ (354, 421, and the connection is
  closed), no-data@ (554)
- at the final dot: full@ (452), closing-at-dot@ (421, and the connection is closed), slow@ (accepted, after
  `Recorder.stall` seconds), nonsense-at-dot@ (354), cut-after-dot@ (the mail is recorded, and the connection is closed)

Or `Recorder.says` says how, by the domain. What a `mail_server` offers and allows is said by its arguments.
"""

import asyncio
import socket
from asyncio import WriteTransport
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

AT_RCPT = {
    "refuse": "550 5.1.1 no such mailbox",
    "slow-refuse": "550 5.1.1 no such mailbox",
    "sloppy": "550 5.1.1 no such mailbox",
    "refuse-and-close": "550 5.7.1 go away",
    "later": "451 4.7.1 try again later",
    "closing": "421 4.7.0 too much of this",
}
AT_DOT = {
    "full": "452 4.2.2 mailbox full",
    "closing-at-dot": "421 4.3.2 shutting down",
    "nonsense-at-dot": "354 go on",
}
CLOSING = {"refuse-and-close", "closing", "closing-at-dot"}


class Recorder:
    """Answers by the recipient's local part, and keeps (recipient, bytes) of every mail that came in whole."""

    def __init__(self, *, pipelining: bool = True) -> None:
        self.pipelining = pipelining
        self.received: list[tuple[str, bytes]] = []
        self.senders: list[str] = []
        self.refused: list[str] = []
        self.connections = 0
        self.ahead: list[bytes] = []  # what had come in behind the final dot, before it was answered
        self.stall = 0.5
        self.says: dict[str, str] = {}  # what recipients of a domain hear at RCPT, or those of any ("*")
        self.times: list[float] = []  # when each of `received` came

    async def handle_EHLO(  # noqa: N802 - the names are aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", responses[-1]] if self.pipelining else responses

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        way = address.partition("@")[0]
        if way == "slow-refuse":
            await asyncio.sleep(self.stall)
        said = AT_RCPT.get(way) or self.says.get(address.partition("@")[2]) or self.says.get("*")
        if said:
            self.refused.append(address)
            return said
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if not envelope.rcpt_tos:
            return "554 5.5.1 no valid recipients"
        address = envelope.rcpt_tos[0]
        way = address.partition("@")[0]
        self.ahead.append(bytes(server._reader._buffer))  # type: ignore[attr-defined]
        if way in AT_DOT:
            return AT_DOT[way]
        if way == "slow":
            await asyncio.sleep(self.stall)
        self.received.append((address, bytes(envelope.original_content or b"")))
        self.times.append(monotonic())
        self.senders.append(envelope.mail_from or "")
        if way == "cut-after-dot":
            _transport(server).abort()
        return "250 2.0.0 queued"


def _transport(server: SMTP) -> WriteTransport:
    return cast("WriteTransport", server.transport)


class MisbehavingSMTP(SMTP):
    def __init__(self, handler: Recorder, *, most_mails: int | None, **options: Any) -> None:
        super().__init__(handler, **options)
        self.recorder, self.most_mails = handler, most_mails
        self.mails = 0
        self.way = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.recorder.connections += 1
        super().connection_made(transport)

    async def smtp_MAIL(self, arg: str) -> None:  # noqa: N802
        self.mails += 1
        if self.most_mails is not None and self.mails > self.most_mails:
            await self._last_words("421 4.7.0 too many mails on one connection")
            return
        await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str) -> None:  # noqa: N802
        self.way = arg.partition("<")[2].partition("@")[0]
        await super().smtp_RCPT(arg)
        if self.way in CLOSING and self.way in AT_RCPT:
            _transport(self).close()  # once the refusal has left

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        assert self.envelope is not None
        if self.way == "sloppy":
            self.envelope.rcpt_tos.clear()
            await self.push("354 go on")
            await self._reader.readuntil(b".\r\n")
            await self.push("554 5.5.1 no valid recipients")
        elif self.way == "no-data":
            await self.push("554 5.7.1 not from you")
        elif self.way == "cut-before-dot":
            await self.push("354 go on")
            _transport(self).abort()
        elif self.way == "closing-before-dot":
            await self._last_words("354 go on\r\n421 4.3.2 shutting down")
        else:
            await super().smtp_DATA(arg)
            if self.way in CLOSING:
                _transport(self).close()

    async def _last_words(self, status: str) -> None:
        await self.push(status)
        _transport(self).close()


class Refusing(asyncio.Protocol):
    """In place of a session: a greeting that refuses the connection."""

    def __init__(self, greeting: str) -> None:
        self.greeting = greeting

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast("WriteTransport", transport).write(f"{self.greeting}\r\n".encode())
        transport.close()


class MailServer(Controller):
    def __init__(
        self, recorder: Recorder, *, greeting: str = "", most_mails: int | None = None, **options: Any
    ) -> None:
        self.greeting, self.most_mails = greeting, most_mails
        super().__init__(recorder, **options)

    def factory(self) -> Any:
        if self.greeting:
            return Refusing(self.greeting)
        return MisbehavingSMTP(self.handler, most_mails=self.most_mails, **self.SMTP_kwargs)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def mail_server(
    settings: Any,
    *,
    pipelining: bool = True,
    most_mails: int | None = None,
    greeting: str = "",
    **options: Any,
) -> Iterator[Recorder]:
    """Run a server for the length of the block, with the settings pointing at it.

    `most_mails` for one connection, a `greeting` that refuses them all, and `options` of aiosmtpd's SMTP.
    """
    recorder = Recorder(pipelining=pipelining)
    address = {"hostname": "127.0.0.1", "port": _free_port()}
    server = MailServer(recorder, greeting=greeting, most_mails=most_mails, **address, **options)
    server.start()
    recorder.connections = 0  # without the one by which the server tried itself
    try:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.hostname, server.port
        yield recorder
    finally:
        server.stop(no_assert=True)
