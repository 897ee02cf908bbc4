"""Signs mail with DKIM (RFC 6376, RFC 8463), where DKIM_KEY names a key; otherwise signing is the relay's.

It is done to the very bytes that leave, by the ways that hand over bytes (`parcel` for `smtp`, `outbox`): so it covers
digests and letters alike, and happens in the threads that wait for the network anyway, side by side, since signing lets
go of Python's lock. A provider's API signs by itself.

Relaxed canonicalisation of header and body, the whole body (no l=), and From, To and Subject signed once more than they
occur, so that none can be added.
"""

import hashlib
import re
from base64 import b64encode
from functools import lru_cache

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

# What is signed where it occurs. Trace fields and those that relays rewrite are left out (RFC 6376, 5.4.1).
SIGNED = [
    *("from", "sender", "reply-to", "to", "cc", "subject", "date", "message-id", "in-reply-to", "references"),
    *("list-id", "list-unsubscribe", "list-unsubscribe-post", "list-help", "feedback-id", "precedence"),
    *("auto-submitted", "x-auto-response-suppress", "content-language"),
    *("mime-version", "content-type", "content-transfer-encoding"),
]
ALWAYS = {"from", "to", "subject"}
SHORTEST_RSA = 2048
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*")


class Signer:
    """A key that has been read, and the name under which mail systems find its public half."""

    def __init__(self, domain: str, selector: str, pem: str) -> None:
        for name in (domain, selector):
            if not _NAME.fullmatch(name):
                raise ImproperlyConfigured(f"DKIM_DOMAIN and DKIM_SELECTOR are names of the DNS, not {name!r}")
        self.key = _read(pem)
        algorithm = "rsa-sha256" if isinstance(self.key, RSAPrivateKey) else "ed25519-sha256"
        self.named = f"v=1; a={algorithm}; c=relaxed/relaxed;\r\n d={domain}; s={selector};"

    def signed(self, raw: bytes) -> bytes:
        """Return the mail with its signature in front."""
        head, _, body = raw.partition(b"\r\n\r\n")
        names, fields = _chosen(_relaxed_fields(head))
        body_hash = b64encode(hashlib.sha256(relaxed_body(body)).digest()).decode()
        # A space and a line end anywhere in b= mean nothing, and all else is written as it is hashed but for folding.
        field = f"DKIM-Signature: {self.named}\r\n h={_folded(names)};\r\n bh={body_hash};\r\n b="
        _, own = _relaxed_field(field.replace("\r\n", "").encode())
        signature = self._signature(b"\r\n".join([*fields, b"dkim-signature:" + own]))
        lines = [signature[at : at + 76] for at in range(0, len(signature), 76)]
        return b"".join([field.encode(), b"\r\n ".join([b"", *lines]), b"\r\n", raw])

    def _signature(self, said: bytes) -> bytes:
        if isinstance(self.key, RSAPrivateKey):
            return b64encode(self.key.sign(said, PKCS1v15(), SHA256()))
        return b64encode(self.key.sign(hashlib.sha256(said).digest()))


def signer() -> Signer | None:
    """Return the signer that the settings name; None where they name none. Raises ImproperlyConfigured."""
    if not settings.DKIM_KEY:
        return None
    return _signer(settings.DKIM_DOMAIN, settings.DKIM_SELECTOR, settings.DKIM_KEY)


def sign(raw: bytes) -> bytes:
    """Return the mail as it is to leave: signed, where signing is done here."""
    by = signer()
    return raw if by is None else by.signed(raw)


_signer = lru_cache(maxsize=1)(Signer)


def _read(pem: str) -> RSAPrivateKey | Ed25519PrivateKey:
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ImproperlyConfigured(f"DKIM_KEY is no private key in PEM without a password: {error}") from error
    if not isinstance(key, RSAPrivateKey | Ed25519PrivateKey):
        raise ImproperlyConfigured("DKIM_KEY must be a key for RSA or Ed25519")
    if isinstance(key, RSAPrivateKey) and key.key_size < SHORTEST_RSA:
        raise ImproperlyConfigured(f"DKIM_KEY has {key.key_size} bits: mail systems want at least {SHORTEST_RSA}")
    return key


def relaxed_body(body: bytes) -> bytes:
    """Return the body as it is hashed (RFC 6376, 3.4.4), by whole-text replacement: it is most of the bytes."""
    body = body.replace(b"\t", b" ")
    while b"  " in body:
        body = body.replace(b"  ", b" ")
    body = body.replace(b" \r\n", b"\r\n").rstrip(b" ").rstrip(b"\r\n")
    return body + b"\r\n" if body else b""


def _relaxed_fields(head: bytes) -> list[tuple[str, bytes]]:
    return [_relaxed_field(line) for line in re.sub(rb"\r\n(?=[ \t])", b"", head).split(b"\r\n")]


def _relaxed_field(line: bytes) -> tuple[str, bytes]:
    """Return a field's name in small letters, and its value unfolded, with single spaces (RFC 6376, 3.4.2)."""
    name, _, value = line.partition(b":")
    return name.strip().lower().decode("latin-1"), b" ".join(value.replace(b"\t", b" ").split())


def _chosen(fields: list[tuple[str, bytes]]) -> tuple[list[str], list[bytes]]:
    """Return the names for h=, and the fields in that order: of several with one name, the last comes first."""
    names: list[str] = []
    chosen: list[bytes] = []
    for name in SIGNED:
        found = [value for known, value in reversed(fields) if known == name]
        chosen += [name.encode() + b":" + value for value in found]
        names += [name] * (len(found) + (name in ALWAYS))
    return names, chosen


def _folded(names: list[str]) -> str:
    lines = [""]
    for name in names:
        if len(lines[-1]) + len(name) > 68:
            lines.append("")
        lines[-1] += f"{name}:"
    return "\r\n ".join(lines)[:-1]
