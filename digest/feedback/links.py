"""Signed links in mail: who may change what, without a login.

A link is scoped (one purpose), names a reader by key only, and survives a change of SECRET_KEY (SECRET_KEY_FALLBACKS).
What a link does is in `digest.web`.
"""

from datetime import timedelta
from enum import StrEnum

from django.conf import settings
from django.core.signing import BadSignature, Signer, TimestampSigner
from django.urls import reverse

PREFERENCES_LAST = timedelta(days=90)  # as long as digests are kept


class Purpose(StrEnum):
    UNSUBSCRIBE = "unsubscribe"
    PREFERENCES = "preferences"


class BadLink(Exception):
    """A link that is forged, cut, expired, or made for something else."""


def _signer(purpose: Purpose) -> Signer:
    # Leaving must always work, so that link alone carries no date.
    signer = Signer if purpose is Purpose.UNSUBSCRIBE else TimestampSigner
    return signer(sep=".", salt=f"broadsheet.{purpose.value}")


def link(purpose: Purpose, reader: int) -> str:
    """Return the absolute address at which `reader` can do this one thing."""
    token = _signer(purpose).sign(str(reader))
    return f"{settings.SITE_URL}{reverse(purpose.value, args=[token])}"


def reader_of(purpose: Purpose, token: str) -> int:
    """Return the key of the reader that `token` was made for. Raises BadLink."""
    signer = _signer(purpose)
    try:
        if isinstance(signer, TimestampSigner):
            return int(signer.unsign(token, max_age=PREFERENCES_LAST))
        return int(signer.unsign(token))
    except (BadSignature, ValueError) as error:
        raise BadLink(str(error)) from error
