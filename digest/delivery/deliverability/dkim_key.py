"""DKIM (RFC 6376): the public key in the DNS by which mail systems check signatures, and whether it is ours."""

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Iterator

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key
from django.core.exceptions import ImproperlyConfigured

from digest.delivery.deliverability.finding import Finding, fail, ok, unasked, warn
from digest.delivery.deliverability.names import CannotAsk, Names
from digest.delivery.wire import dkim

ABOUT = "DKIM"
SHORTEST, GOOD = 1024, 2048  # bits of an RSA key
PublicKey = RSAPublicKey | Ed25519PublicKey


class Unusable(Exception):
    """A record that mail systems cannot use."""


def tags(text: str) -> dict[str, str]:
    """Return the tags of a record such as “v=DKIM1; k=rsa; p=...”, without the space in them."""
    parts = (part.partition("=") for part in text.split(";"))
    return {name.strip().lower(): "".join(value.split()) for name, is_tag, value in parts if is_tag}


def public_key(record: dict[str, str]) -> PublicKey:
    if record.get("v", "DKIM1") != "DKIM1":
        raise Unusable(f"its version is {record['v']}")
    if not record.get("p"):
        raise Unusable("its key is revoked (p= is empty)")
    if "sha256" not in record.get("h", "sha256").split(":"):
        raise Unusable("it allows no sha256")
    kind = record.get("k", "rsa")
    try:
        raw = b64decode(record["p"], validate=True)
        key = Ed25519PublicKey.from_public_bytes(raw) if kind == "ed25519" else load_der_public_key(raw)
    except (NotBase64, ValueError, UnsupportedAlgorithm) as error:
        raise Unusable("its key cannot be read") from error
    if not isinstance(key, RSAPublicKey | Ed25519PublicKey) or (kind == "rsa") != isinstance(key, RSAPublicKey):
        raise Unusable(f"its key is none of the kind that it names ({kind})")
    return key


def look(names: Names, domain: str, selectors: list[str]) -> Iterator[Finding]:
    """Look at the keys under `selectors`; at our own where mail is signed here."""
    try:
        signer = dkim.signer()
    except ImproperlyConfigured as error:
        yield fail(ABOUT, f"Mail cannot be signed here: {error}.", "Mend DKIM_KEY.")
        return
    ours = None if signer is None else signer.key.public_key()
    if not selectors:
        said = "Mail is not signed here, and it is not known under which selector the relay or provider signs it."
        yield warn(ABOUT, said, "Say it with --selector: it is the s= of DKIM-Signature in a mail that arrived.")
    for selector in selectors:
        yield from _look_at(names, f"{selector}._domainkey.{domain}", ours)


def _look_at(names: Names, name: str, ours: PublicKey | None) -> Iterator[Finding]:
    try:
        found = [text for text in names.texts(name) if "p" in tags(text)]
        if len(found) != 1:
            todo = f"Publish one TXT record at {name}: v=DKIM1; k={_kind(ours)}; p=THE-PUBLIC-KEY"
            yield fail(ABOUT, f"{name} has {len(found) or 'no'} key{'s' if found else ''}.", todo)
            return
        record = tags(found[0])
        key = public_key(record)
    except CannotAsk as error:
        yield unasked(ABOUT, error)
        return
    except Unusable as error:
        yield fail(ABOUT, f"The record at {name} is of no use: {error}.", "Publish it anew.")
        return
    yield _strength(name, key)
    if ours is not None and key != ours:
        yield fail(
            ABOUT, f"{name} is not the public half of DKIM_KEY: signatures do not hold.", "Publish the right one."
        )
    if "y" in record.get("t", "").split(":"):
        yield warn(ABOUT, f"{name} says that it is being tested (t=y).", "Take t=y away.")


def _kind(key: PublicKey | None) -> str:
    return "ed25519" if isinstance(key, Ed25519PublicKey) else "rsa"


def _strength(name: str, key: PublicKey) -> Finding:
    if isinstance(key, Ed25519PublicKey):
        said = f"{name} is an Ed25519 key, which some large mail systems do not know."
        return warn(ABOUT, said, "Have mail signed with an RSA key of 2048 bits too.")
    if key.key_size < SHORTEST:
        return fail(ABOUT, f"{name} has {key.key_size} bits: too few to count.", "Make a key of 2048 bits.")
    if key.key_size < GOOD:
        return warn(ABOUT, f"{name} has {key.key_size} bits.", "Make a key of 2048 bits.")
    return ok(ABOUT, f"{name} is an RSA key of {key.key_size} bits.")
