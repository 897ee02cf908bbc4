"""A network of a test's own: fetching from this machine, names that lead where a test says, certificates."""

import socket
import ssl
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from digest.ingest.fetch import Fetched, FetchError, fetch

LOCAL = ("127.0.0.1", "localhost")
AGENT = "Broadsheet/0 (+https://papers.example.org)"
PUBLIC = "8.8.8.8"  # an address that passes the guard; `Names` leads it to this machine
AUTHORITY = """
[ca]
default_ca = here
[here]
database = index.txt
serial = serial.txt
new_certs_dir = .
default_md = sha256
policy = any
copy_extensions = copy
[any]
commonName = supplied
"""


def get(url: str, **options: Any) -> Fetched:
    stated: dict[str, Any] = {"user_agent": AGENT, "allowed_hosts": LOCAL, "deadline": 10.0}
    return fetch(url, **stated | options)


def refused(url: str, **options: Any) -> FetchError:
    with pytest.raises(FetchError) as caught:
        get(url, **options)
    return caught.value


class Names:
    """Stands for the resolver: each name has the answers it gives, one look-up after another, the last one for ever.

    PUBLIC is routed to this machine. `asked` are the names that were looked up, in order.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, answers: dict[str, Sequence[str | Callable[[], str]]]) -> None:
        self.asked: list[str] = []
        self._answers = {name: list(given) for name, given in answers.items()}
        self._real = socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo", self._look_up)

    def _look_up(self, host: str, port: int, *options: Any, **more: Any) -> Any:
        if host not in self._answers:
            return self._real("127.0.0.1" if host == PUBLIC else host, port, *options, **more)
        self.asked.append(host)
        answers = self._answers[host]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        address = answer if isinstance(answer, str) else answer()
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]


def make_certificate(folder: Path, name: str, *, expired: bool = False) -> Path:
    """Make a certificate for a host, signed by itself, with its key in the same file."""
    key, request, made = folder / "key.pem", folder / "request.pem", folder / "made.pem"
    _openssl(
        folder,
        *("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key),
        *("-out", request, "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"),
    )
    (folder / "authority.cnf").write_text(AUTHORITY)
    (folder / "index.txt").touch()
    years = ("20200101000000Z", "20210101000000Z") if expired else ("20200101000000Z", "20990101000000Z")
    _openssl(
        folder,
        *("ca", "-batch", "-notext", "-config", "authority.cnf", "-selfsign", "-keyfile", key, "-in", request),
        *("-out", made, "-create_serial", "-startdate", years[0], "-enddate", years[1]),
    )
    file = folder / f"{name}.pem"
    file.write_bytes(key.read_bytes() + made.read_bytes())
    return file


def _openssl(folder: Path, *arguments: str | Path) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=folder)


def server_side(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context
