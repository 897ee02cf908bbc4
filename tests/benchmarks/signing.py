"""What signing a mail costs, beside dkimpy, and what the last look at its bytes costs: microseconds of the processor.

The mail is a digest of 14 papers. dkimpy signs with an RSA key; for Ed25519 it needs PyNaCl.
"""

from collections.abc import Callable
from functools import partial
from time import process_time
from typing import Any

from tests.benchmarks.setting import report, set_up

ROUNDS = 9


def main() -> None:
    set_up()
    from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

    from digest.delivery.wire.dkim import Signer
    from digest.delivery.wire.parcel import check

    raw = make_raw()
    keys = {"rsa_2048": rsa.generate_private_key(65537, 2048), "ed25519": ed25519.Ed25519PrivateKey.generate()}
    for kind, key in keys.items():
        signer = Signer("papers.example.org", "daily", pem_of(key))
        values = {"us_each": microseconds(partial(signer.signed, raw), 200)}
        if kind == "rsa_2048":
            values["dkimpy_us_each"] = microseconds(partial(by_dkimpy, raw, key), 4)
            values["times_dkimpy"] = values["dkimpy_us_each"] / values["us_each"]
        report(f"signing_{kind}", mail_bytes=len(raw), **values)
    report("checking_bytes", mail_bytes=len(raw), us_each=microseconds(lambda: check(raw), 200))


def make_raw() -> bytes:
    from digest.delivery.message import build
    from digest.delivery.render import render
    from tests.digest.delivery.make import SENT_AT, make_content, make_section

    content = make_content(make_section(papers=8), make_section("inverse rendering", papers=6, first=30))
    return build(render(content), content=content, sent_at=SENT_AT)


def pem_of(key: Any) -> str:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    form = PrivateFormat.TraditionalOpenSSL if hasattr(key, "key_size") else PrivateFormat.PKCS8  # dkimpy wants PKCS1
    pem: bytes = key.private_bytes(Encoding.PEM, form, NoEncryption())
    return pem.decode()


def by_dkimpy(raw: bytes, key: Any) -> None:
    import dkim

    dkim.sign(raw, b"daily", b"papers.example.org", pem_of(key).encode(), canonicalize=(b"relaxed", b"relaxed"))


def microseconds(work: Callable[[], object], times: int) -> float:
    """Return what the work takes of the processor, at the best of some rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        start = process_time()
        for _ in range(times):
            work()
        best = min(best, process_time() - start)
    return best / times * 1_000_000


if __name__ == "__main__":
    main()
