"""Hands mail over by SMTP, on a connection that lives over many mails.

What the settings say of host, login and TLS is read by Django's own backend, which also opens the connection.
"""

import smtplib
import socket
from typing import Any

from django.core.mail import get_connection

from digest.delivery.handover import BeforeDot, Fate, Mail, MailSystemDown, Outcome, refused, unheard, words

SMTP_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
MOST_BROKEN = 3


class SmtpTransport:
    """SMTP, one transaction per mail on a connection that is kept. Django's backend brings TLS and login.

    A connection that breaks may be one mail's misfortune. Where it breaks time and again, the mail system is down: each
    further mail would wait for nothing, or end as uncertain.
    """

    def __init__(self, before_dot: BeforeDot = unheard) -> None:
        self.before_dot = before_dot
        self.backend: Any = get_connection(SMTP_BACKEND)
        self.broken = 0  # times in a row

    def open(self) -> None:
        try:
            if self.backend.open():
                self._greet(self.backend.connection)
        except (OSError, smtplib.SMTPException) as error:
            raise MailSystemDown(f"the mail system cannot be reached: {error}") from error

    def close(self) -> None:
        self.backend.close()

    def send(self, mail: Mail, then: Mail | None = None) -> Outcome:
        if self.broken == MOST_BROKEN:
            raise MailSystemDown(f"the mail system broke off {MOST_BROKEN} times in a row")
        self.open()  # does nothing where the connection of the mail before is still there
        connection: smtplib.SMTP = self.backend.connection
        try:
            refusal = self._envelope(connection, mail)
            if refusal is not None:
                self.broken = 0
                self._reset(connection)
                return refusal
            connection.send(_dot_stuffed(mail.raw))
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            self.broken += 1
            return Outcome(Fate.RETRY, reason=f"the connection broke before the mail was complete: {error}")
        return self._finish(connection, mail)

    def _greet(self, connection: smtplib.SMTP) -> None:
        """Say hello, and let no small piece (the final dot) wait for the answer to the one before."""
        connection.ehlo_or_helo_if_needed()
        if connection.sock is not None:
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def _envelope(self, connection: smtplib.SMTP, mail: Mail) -> Outcome | None:
        """Go as far as the permission to send the mail; return the refusal where there is one."""
        code, reply = connection.mail(mail.sender)
        if code == 250:
            code, reply = connection.rcpt(mail.recipient)
        if code in (250, 251):
            code, reply = connection.docmd("DATA")
        return None if code == 354 else refused(code, reply)

    def _finish(self, connection: smtplib.SMTP, mail: Mail) -> Outcome:
        """Send the final dot and wait for the reply: from here on the mail may have been accepted."""
        self.before_dot(mail)
        try:
            connection.send(b".\r\n")
            code, reply = connection.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            self.broken += 1
            return Outcome(Fate.UNCERTAIN, reason=f"the connection broke before the reply: {error}")
        self.broken = 0
        return Outcome(Fate.ACCEPTED, code, words(reply)) if code == 250 else refused(code, reply)

    def _reset(self, connection: smtplib.SMTP) -> None:
        """Clear the way for the next mail, on a new connection where the server has closed this one."""
        try:
            connection.rset()
        except (OSError, smtplib.SMTPException):
            self._drop()

    def _drop(self) -> None:
        """Forget a broken connection, so that the next mail opens a new one."""
        connection, self.backend.connection = self.backend.connection, None
        if connection is not None:
            connection.close()


def _dot_stuffed(raw: bytes) -> bytes:
    """Return the mail's lines for DATA (RFC 5321, 4.5.2), complete but for the final dot."""
    stuffed = raw.replace(b"\r\n.", b"\r\n..")
    stuffed = b"." + stuffed if stuffed.startswith(b".") else stuffed
    return stuffed if stuffed.endswith(b"\r\n") else stuffed + b"\r\n"
