"""Hands mail over by SMTP, on a connection that lives over many mails, one round trip for each where the server allows.

What the settings say of host, login and TLS is read by Django's own backend, which also opens the connection. What goes
over it, and when, is `session`'s; here each phase gets its meaning:

- Up to the final dot, whatever happens, the mail has not been accepted. A connection that was there before and turns
  out to have ended costs the mail nothing: it goes out on a new one.
- The reply to the dot decides. So much hangs on it that it is waited for longer than anything else
  (MAIL_REPLY_TIMEOUT; RFC 5321, 4.5.3.2): a mail whose reply was not heard is uncertain, and its reader has to do
  without it. A 421 in its place is a refusal like any other: the server ends the session, and has not taken the mail.
"""

import smtplib
from contextlib import suppress
from typing import Any

from django.core.mail import get_connection

from digest.delivery.wire.handover import (
    BeforeDot,
    Fate,
    Mail,
    MailSystemDown,
    Outcome,
    refused,
    unheard,
    words,
)
from digest.delivery.wire.parcel import Parcel, Unsendable, parcel
from digest.delivery.wire.session import Gone, Reply, Session

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
        self.session: Session | None = None
        self.next: Parcel | None = None  # made ready while the mail before was handed over
        self.broken = 0  # times in a row

    def open(self) -> None:
        self._opened()

    def close(self) -> None:
        session, self.session = self.session, None
        if session is not None:
            session.end()

    def send(self, mail: Mail, then: Mail | None = None) -> Outcome:
        if self.broken == MOST_BROKEN:
            raise MailSystemDown(f"the mail system broke off {MOST_BROKEN} times in a row")
        try:
            ready = self.next if self.next is not None and self.next.mail is mail else parcel(mail)
            session, refusal = self._permission(ready)
            if refusal is not None:
                self.broken = 0
                return refused(*refusal)
            session.send_text(ready)
            self.next = self._following(session, then)
            session.listen()
        except Unsendable as error:
            return Outcome(Fate.FAILED, reason=f"not handed over: {error}")
        except Gone as gone:
            return self._gone(gone)
        return self._finish(session, mail)

    def _opened(self) -> Session:
        if self.session is None:
            self.session = self._new_session()
        return self.session

    def _new_session(self) -> Session:
        try:
            self.backend.open()
            session = Session(self.backend.connection)
            self.backend.connection = None  # it is the session's from now on
            return session
        except smtplib.SMTPResponseException as error:
            raise MailSystemDown(f"the mail system takes no connection: {error}") from error
        except (OSError, smtplib.SMTPException) as error:
            raise MailSystemDown(f"the mail system cannot be reached: {error}") from error
        finally:
            with suppress(OSError, smtplib.SMTPException):
                self.backend.close()  # what came to no session

    def _permission(self, ready: Parcel) -> tuple[Session, Reply | None]:
        """Ask leave to send the text, on a new connection where the one that was there has ended."""
        if self.session is not None and not self.session.may_carry(ready):
            self.close()
        kept = self.session is not None
        session = self._opened()
        session.check(ready)
        try:
            return session, session.permission(ready)
        except Gone as gone:
            self._drop()
            if not kept or gone.in_silence:
                raise
        session = self._opened()
        return session, session.permission(ready)

    def _following(self, session: Session, then: Mail | None) -> Parcel | None:
        """Make the next mail ready; None where there is none, or none that could be sent: its own turn will tell."""
        try:
            ready = parcel(then) if then is not None else None
            if ready is not None:
                session.check(ready)
        except Unsendable:
            return None
        return ready

    def _finish(self, session: Session, mail: Mail) -> Outcome:
        """Send the final dot and wait for the reply: from here on the mail may have been accepted."""
        try:
            self.before_dot(mail)
        except BaseException:
            self._drop()  # without the dot, the mail has not been sent
            raise
        try:
            session.finish(self.next)
        except Gone as gone:
            return self._gone(gone)
        try:
            reply = session.reply()
        except Gone as gone:
            return self._gone(gone) if gone.reply is not None else self._unheard(gone)
        if reply.refuses:
            self.broken = 0
            return refused(*reply)
        if reply.code // 100 != 2:
            return self._unheard(reply)
        self.broken = 0
        return Outcome(Fate.ACCEPTED, reply.code, words(reply.said))

    def _gone(self, gone: Gone) -> Outcome:
        """The session ended before the mail was accepted."""
        self._drop()
        if gone.reply is not None:
            self.broken = 0
            return refused(*gone.reply)
        self.broken += 1
        return Outcome(Fate.RETRY, reason=f"the connection broke before the mail was complete: {gone}")

    def _unheard(self, what: object) -> Outcome:
        """The dot has left, and no answer that says what became of the mail."""
        self._drop()
        self.broken += 1
        return Outcome(Fate.UNCERTAIN, reason=f"the connection broke before the reply: {what}")

    def _drop(self) -> None:
        """Forget a broken connection, so that the next mail opens a new one."""
        session, self.session = self.session, None
        if session is not None:
            session.smtp.close()
