import ssl
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from digest.ingest import fetch as fetching
from tests.digest.ingest.network import Names, get, make_certificate, refused, server_side
from tests.digest.ingest.rawserver import RawServer

OK = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("certificates"), "localhost")


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trust the certificate, as if an authority that everybody knows had signed it."""
    context = ssl.create_default_context(cafile=certificate)
    monkeypatch.setattr(fetching, "_certificates", lambda: context)


@pytest.mark.usefixtures("trusted")
def test_server_that_proves_who_it_is_is_believed(certificate: Path) -> None:
    with RawServer(OK + b"Content-Length: 6\r\n\r\n<rss/>", tls=server_side(certificate)) as server:
        assert get(f"https://localhost:{server.port}/").body == b"<rss/>"


@pytest.mark.usefixtures("trusted")
def test_certificate_for_another_host_is_refused(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Names(monkeypatch, {"other.example": ["127.0.0.1"]})
    with RawServer(OK, tls=server_side(certificate)) as server:
        error = refused(f"https://other.example:{server.port}/", allowed_hosts=("other.example",))
    assert (error.kind, str(error)) == ("tls", "other.example: its certificate is for another host")


@pytest.mark.usefixtures("trusted")
def test_certificate_for_a_name_is_none_for_its_address(certificate: Path) -> None:
    with RawServer(OK, tls=server_side(certificate)) as server:
        error = refused(server.url)
    assert (error.kind, str(error)) == ("tls", "127.0.0.1: its certificate is for another host")


def test_certificate_that_nobody_has_signed_is_refused(certificate: Path) -> None:
    with RawServer(OK, tls=server_side(certificate)) as server:
        error = refused(f"https://localhost:{server.port}/")
    assert error.kind == "tls"
    assert str(error) == "localhost: its certificate is signed by the server itself, so anybody could have made it"


@pytest.mark.usefixtures("trusted")
def test_certificate_that_has_expired_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expired = make_certificate(tmp_path, "localhost", expired=True)
    context = ssl.create_default_context(cafile=expired)
    monkeypatch.setattr(fetching, "_certificates", lambda: context)
    with RawServer(OK, tls=server_side(expired)) as server:
        error = refused(f"https://localhost:{server.port}/")
    assert (error.kind, str(error)) == ("tls", "localhost: its certificate has expired")


def test_plain_http_where_tls_is_expected_is_refused(httpserver: HTTPServer) -> None:
    error = refused(httpserver.url_for("/feed").replace("http://", "https://"))
    assert error.kind == "tls"
    assert str(error) == "localhost: the answer is not TLS: if it is plain HTTP, the address begins with http://"


def test_server_that_ends_the_handshake_is_refused() -> None:
    with RawServer(pause=0) as server:
        error = refused(server.url.replace("http://", "https://"))
    assert error.kind == "tls"
    assert str(error) == "127.0.0.1: the server ends the connection in the middle of the TLS handshake"


def test_dripping_handshake_ends_at_the_deadline() -> None:
    hello = b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc"  # the beginning of a long first word of a server
    with RawServer(hello, *[b"\0"] * 1000) as server:
        assert refused(server.url.replace("http://", "https://"), deadline=1.0).kind == "timeout"
    assert server.sent < 100


def test_tls_is_not_older_than_is_safe() -> None:
    assert fetching._certificates().minimum_version >= ssl.TLSVersion.TLSv1_2
    assert fetching._certificates().verify_mode is ssl.CERT_REQUIRED
