"""One SMTP session: what the server offers, commands out, replies in. Django's backend has connected and logged in.

Where the server offers PIPELINING (RFC 2920), the envelope of a mail goes out in one write, behind the final dot of the
mail before it; the replies to it are read when that mail's turn comes. What a reply means for a mail is `smtp`'s.
"""

import select
import smtplib
import socket
import ssl
import time
from contextlib import suppress
from typing import NamedTuple, cast

from django.conf import settings

from digest.delivery.wire.handover import words
from digest.delivery.wire.parcel import Parcel, Unsendable

DATA = b"DATA\r\n"
DOT = b".\r\n"
RESET = b"RSET\r\n"
IDLE = 30.0  # seconds after which a connection may have died without a word


class Reply(NamedTuple):
    code: int
    said: bytes

    def __str__(self) -> str:
        return f"{self.code} {words(self.said)}"

    @property
    def refuses(self) -> bool:
        return self.code // 100 in (4, 5)


class Gone(Exception):
    """The session is over: the server ended it with a `reply` (421), broke off, or says what nobody can understand.

    `in_silence`: it says nothing at all, for as long as we wait.
    """

    def __init__(self, reason: object, reply: Reply | None = None, *, in_silence: bool = False) -> None:
        super().__init__(str(reason))
        self.reply, self.in_silence = reply, in_silence


class Session:
    """A greeted connection. Every method raises Gone where the session ends meanwhile."""

    def __init__(self, smtp: smtplib.SMTP) -> None:
        smtp.ehlo_or_helo_if_needed()
        self.smtp = smtp
        self.sock = cast("socket.socket", smtp.sock)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # the dot waits for no answer to the text
        self.pipelining = smtp.has_extn("pipelining")
        self.says_size = smtp.has_extn("size")
        largest = smtp.esmtp_features.get("size", "")
        self.largest = int(largest) if largest.isdigit() else 0  # 0: the server names no limit
        self.begun: Parcel | None = None  # its envelope is on the wire, the replies have not been read
        self.handed = 0
        self.used_at = time.monotonic()

    def check(self, parcel: Parcel) -> None:
        if 0 < self.largest < len(parcel.text):
            raise Unsendable(f"{len(parcel.text)} octets, and the mail system takes at most {self.largest}")

    def may_carry(self, parcel: Parcel) -> bool:
        """Whether the session is still good for a mail: not full, not waiting for another, not silently dead."""
        if self.handed >= settings.MAIL_PER_CONNECTION or self.begun not in (None, parcel):
            return False
        return bool(self.begun) or time.monotonic() - self.used_at < IDLE or self._answers()

    def permission(self, parcel: Parcel) -> Reply | None:
        """Go as far as the permission to send the text; return the refusal where there is one."""
        self._wait_up_to(settings.MAIL_REPLY_TIMEOUT)
        commands = self._envelope(parcel)
        if self.pipelining and self.begun is not parcel:
            self._write(b"".join(commands))
        self.begun = None
        replies = self._replies(commands)
        refusal = next((reply for reply in replies if reply.refuses), None)
        if refusal is not None:
            self._clear(to_be_ended=replies[-1].code == 354)
        return refusal

    def send_text(self, parcel: Parcel) -> None:
        """Send all but the final dot."""
        self._write(parcel.text)

    def listen(self) -> None:
        """Raise Gone where the server has hung up or spoken out of turn, so that no dot goes out in vain."""
        if isinstance(self.sock, ssl.SSLSocket):
            return  # what waits there may be a matter of TLS alone
        ear = select.poll()
        ear.register(self.sock, select.POLLIN)
        if ear.poll(0):
            reply = self.reply()
            raise Gone(reply, reply if reply.refuses else None)

    def finish(self, then: Parcel | None) -> None:
        """Send the final dot, with the envelope of the next mail behind it. Gone only where no byte of it has left."""
        group = DOT
        if then is not None and self.pipelining and self.handed + 1 < settings.MAIL_PER_CONNECTION:
            group += b"".join(self._envelope(then))
            self.begun = then
        self.handed += 1
        try:
            sent = self.sock.send(group)
        except OSError as error:
            raise Gone(error) from error
        with suppress(OSError):  # of which waiting for the reply tells
            self.sock.sendall(group[sent:])

    def reply(self) -> Reply:
        try:
            code, said = self.smtp.getreply()
        except (OSError, smtplib.SMTPException) as error:
            raise Gone(error, in_silence=isinstance(error.__context__, TimeoutError)) from error
        self.used_at = time.monotonic()
        reply = Reply(code, said)
        if code == 421:
            raise Gone(reply, reply)
        return reply

    def end(self) -> None:
        """Take leave, or just hang up where a mail has been begun that will not come."""
        with suppress(OSError, smtplib.SMTPException):
            self.sock.settimeout(settings.EMAIL_TIMEOUT)
            if self.begun is None:
                self.smtp.quit()
        self.smtp.close()

    def _envelope(self, parcel: Parcel) -> list[bytes]:
        size = f" SIZE={len(parcel.text)}" if self.says_size else ""
        mail, rcpt = f"MAIL FROM:<{parcel.sender}>{size}\r\n", f"RCPT TO:<{parcel.recipient}>\r\n"
        return [mail.encode(), rcpt.encode(), DATA]

    def _replies(self, commands: list[bytes]) -> list[Reply]:
        """Return the replies to an envelope, up to the first refusal where each command waits for the one before."""
        replies: list[Reply] = []
        for command in commands:
            try:
                if not self.pipelining:
                    self._write(command)
                replies.append(self._reply_to(command))
            except Gone:
                if not any(reply.refuses for reply in replies):
                    raise
                break  # the refusal stands, and the next mail finds that the session is over
            if not self.pipelining and replies[-1].refuses:
                break
        return replies

    def _reply_to(self, command: bytes) -> Reply:
        reply = self.reply()
        if reply.code == 503 and command.startswith(b"MAIL "):
            raise Gone(f"the server is still busy with another mail: {reply}")  # no fault of this one
        if not reply.refuses and reply.code // 100 != (3 if command == DATA else 2):
            raise Gone(f"an answer that makes no sense: {reply}")
        return reply

    def _clear(self, *, to_be_ended: bool) -> None:
        """Make way for the next mail after a refusal.

        A server that refused and yet gave leave to send waits for a text: it gets none (RFC 2920, 3.1), and whatever
        it answers, there is nobody whom it could reach.
        """
        group = [DOT, RESET] if to_be_ended else [RESET]
        with suppress(Gone):  # which the next mail finds out
            self._write(b"".join(group))
            for _ in group:
                self.reply()

    def _answers(self) -> bool:
        try:
            self._wait_up_to(settings.EMAIL_TIMEOUT)
            self._write(b"NOOP\r\n")
            self.reply()
        except Gone:
            return False
        return True

    def _wait_up_to(self, seconds: float) -> None:
        try:
            self.sock.settimeout(seconds)
        except OSError as error:  # it is closed already
            raise Gone(error) from error

    def _write(self, data: bytes) -> None:
        try:
            self.sock.sendall(data)
        except OSError as error:
            raise Gone(error) from error
