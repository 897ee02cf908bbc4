"""Signed links in mail: who may change what, without a login.

A link is scoped (one purpose), names a row by key only, and survives a change of SECRET_KEY (SECRET_KEY_FALLBACKS). A
change of address has no row: its link says what changes. None of them signs anybody in. What a link does is in
`digest.web`.
"""

from datetime import timedelta
from enum import StrEnum
from functools import cache

from django.conf import settings
from django.core.signing import BadSignature, Signer, TimestampSigner
from django.urls import reverse


class Purpose(StrEnum):
    UNSUBSCRIBE = "unsubscribe"  # signs a reader
    PREFERENCES = "preferences"  # signs a reader
    CONFIRM = "confirm"  # signs a sign-up
    ADDRESS = "address"  # signs what `digest.feedback.address` says of a change


PAGES = {
    Purpose.UNSUBSCRIBE: "unsubscribe",
    Purpose.PREFERENCES: "by_link:preferences",
    Purpose.CONFIRM: "confirm",
    Purpose.ADDRESS: "new_address",
}
# Leaving must always work, so that link alone never expires.
LASTS = {
    Purpose.PREFERENCES: timedelta(days=90),  # as long as digests are kept
    Purpose.CONFIRM: timedelta(days=7),
    Purpose.ADDRESS: timedelta(days=2),
}


class BadLink(Exception):
    """A link that is forged, cut, expired, or made for something else."""


def _signer(purpose: Purpose) -> Signer:
    signer = TimestampSigner if purpose in LASTS else Signer
    return signer(sep=".", salt=f"broadsheet.{purpose.value}")


def token(purpose: Purpose, key: int | str) -> str:
    return _signer(purpose).sign(str(key))


def link(purpose: Purpose, key: int | str) -> str:
    """Return the absolute address at which the row `key` (a reader's, mostly) can do this one thing."""
    before, after = _address(purpose)
    return f"{settings.SITE_URL}{before}{token(purpose, key)}{after}"


@cache
def _address(purpose: Purpose) -> list[str]:
    """Return what stands before and after the token: looked up once, because every mail has several links."""
    return reverse(PAGES[purpose], args=["TOKEN"]).split("TOKEN")


def key_of(purpose: Purpose, signed: str) -> int:
    """Return the key that the token `signed` was made for. Raises BadLink."""
    try:
        return int(text_of(purpose, signed))
    except ValueError as error:
        raise BadLink(str(error)) from error


def text_of(purpose: Purpose, signed: str) -> str:
    """Return what the token `signed` was made for, where that is no key. Raises BadLink."""
    signer = _signer(purpose)
    try:
        if isinstance(signer, TimestampSigner):
            return signer.unsign(signed, max_age=LASTS[purpose])
        return signer.unsign(signed)
    except BadSignature as error:
        raise BadLink(str(error)) from error
