"""What handing over means: one mail, the way to a mail system, and what became of the mail.

Phase-aware: before the final dot nothing was accepted and trying again is safe; between the final dot and the reply
nobody knows, and the mail is not sent again by itself. The ways are `smtp`, `outbox` and `provider`, of which
`transport` knows the one in use; recording the fate is `ledger`'s.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from django.core.mail import EmailMultiAlternatives


class Fate(StrEnum):
    ACCEPTED = "accepted"
    RETRY = "retry"
    FAILED = "failed"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The fate of a hand-over, with the mail system's reply code (None where it gave none) and words."""

    fate: Fate
    code: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Mail:
    """One finished mail: the envelope, the bytes with CRLF line ends, and how to make it for Django's backends."""

    key: str
    sender: str
    recipient: str
    raw: bytes
    message: Callable[[], EmailMultiAlternatives]


class MailSystemDown(Exception):
    """No connection to the mail system (connect, greet, log in): nothing was handed over, for anybody."""


# Called with the mail when its hand-over reaches the point after which nobody can tell, until the reply comes, whether
# it was accepted. Where it raises, the mail must not go beyond that point.
BeforeDot = Callable[[Mail], None]


def unheard(mail: Mail) -> None: ...


class Transport(Protocol):
    """A way to a mail system, kept open over many mails. One thread at a time may use it."""

    def open(self) -> None:
        """Connect. Raises MailSystemDown."""

    def send(self, mail: Mail, then: Mail | None = None) -> Outcome:
        """Hand over one mail. Raises MailSystemDown where no connection could be made for it.

        `then` is the mail that the next call will most likely bring: a way that saves time by it may begin with its
        envelope already, and takes that back where another mail comes.
        """

    def close(self) -> None: ...


def refused(code: int, reply: bytes, *, later: bool | None = None) -> Outcome:
    later = 400 <= code < 500 if later is None else later
    return Outcome(Fate.RETRY if later else Fate.FAILED, code, f"{code} {words(reply)}")


def words(reply: bytes) -> str:
    return " ".join(reply.decode(errors="replace").split())[:250]
