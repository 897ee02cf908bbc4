from base64 import b64encode
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from digest.delivery.deliverability.dkim_key import look
from digest.delivery.deliverability.finding import Finding, Level
from tests.digest.delivery.deliverability.zone import names

DOMAIN = "papers.example.org"
AT = "one._domainkey.papers.example.org"
KEY = generate_private_key(65537, 2048)


def published(key: RSAPrivateKey | Ed25519PrivateKey, more: str = "") -> str:
    if isinstance(key, Ed25519PrivateKey):
        raw, kind = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw), "ed25519"
    else:
        raw, kind = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo), "rsa"
    text = f"v=DKIM1; k={kind};{more} p={b64encode(raw).decode()}"
    pieces = [text[at : at + 200] for at in range(0, len(text), 200)]
    return _record(pieces)


def _record(pieces: list[str]) -> str:
    return f"{AT}. IN TXT " + " ".join(f'"{piece}"' for piece in pieces)


def found(*records: str, selectors: tuple[str, ...] = ("one",)) -> list[Finding]:
    with names(*records) as asked:
        return list(look(asked, DOMAIN, list(selectors)))


def levels(*records: str) -> list[tuple[Level, str]]:
    return [(finding.level, finding.said) for finding in found(*records)]


@pytest.fixture(autouse=True)
def signed_elsewhere(settings: Any) -> None:
    settings.DKIM_KEY, settings.DKIM_SELECTOR, settings.DKIM_DOMAIN = "", "one", DOMAIN


def sign_here(settings: Any, key: RSAPrivateKey) -> None:
    settings.DKIM_KEY = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def test_key_of_the_relay_is_in_order() -> None:
    assert levels(published(KEY)) == [(Level.OK, f"{AT} is an RSA key of 2048 bits.")]


def test_own_key_is_in_order_where_its_public_half_is_published(settings: Any) -> None:
    sign_here(settings, KEY)
    assert levels(published(KEY)) == [(Level.OK, f"{AT} is an RSA key of 2048 bits.")]


def test_public_half_of_another_key_fails(settings: Any) -> None:
    sign_here(settings, generate_private_key(65537, 2048))
    assert levels(published(KEY))[1] == (
        Level.FAIL,
        f"{AT} is not the public half of DKIM_KEY: signatures do not hold.",
    )


def test_own_key_that_cannot_be_read_fails(settings: Any) -> None:
    settings.DKIM_KEY = "no key"
    [only] = found(published(KEY))
    assert (only.level, only.said.partition(":")[0]) == (Level.FAIL, "Mail cannot be signed here")


def test_selector_that_is_not_known_is_asked_for() -> None:
    [only] = found(selectors=())
    assert (only.level, "--selector" in only.todo) == (Level.WARN, True)


@pytest.mark.parametrize(
    ("key", "level"),
    [
        (generate_private_key(65537, 1024), Level.WARN),  # noqa: S505 - that is the point
        (Ed25519PrivateKey.generate(), Level.WARN),
    ],
    ids=["1024 bits", "Ed25519"],
)
def test_weak_or_unusual_key_is_warned_of(key: Any, level: Level) -> None:
    assert [level for level, _ in levels(published(key))] == [level]


def test_key_that_is_being_tested_is_warned_of() -> None:
    assert [level for level, _ in levels(published(KEY, " t=y:s;"))] == [Level.OK, Level.WARN]


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ("v=DKIM1; p=", "its key is revoked (p= is empty)"),
        ("v=DKIM2; p=AAAA", "its version is DKIM2"),
        ("v=DKIM1; h=sha1; p=AAAA", "it allows no sha256"),
        ("v=DKIM1; p=AAAA", "its key cannot be read"),
        ("v=DKIM1; k=ed25519; p=!!!!", "its key cannot be read"),
    ],
)
def test_record_that_is_of_no_use_fails(record: str, said: str) -> None:
    assert levels(_record([record])) == [(Level.FAIL, f"The record at {AT} is of no use: {said}.")]


def test_key_that_is_not_there_fails_and_is_told_where_to_publish_it() -> None:
    [only] = found()
    assert (only.level, only.said) == (Level.FAIL, f"{AT} has no key.")
    assert only.todo == f"Publish one TXT record at {AT}: v=DKIM1; k=rsa; p=THE-PUBLIC-KEY"


def test_two_keys_at_one_place_fail() -> None:
    assert levels(published(KEY), _record(["v=DKIM1; p=AAAA"])) == [(Level.FAIL, f"{AT} has 2 keys.")]
