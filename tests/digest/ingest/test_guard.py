import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from textwrap import dedent

import httpcore2
import pytest
from django.conf import settings

from digest.ingest.guard import MAX_REQUEST, GuardedBackend, NoConnection, RefusedAddress, is_public, refuse_private
from tests.digest.ingest.network import Names
from tests.digest.ingest.rawserver import RawServer


@pytest.fixture
def drip() -> Iterator[RawServer]:
    with RawServer(*[b"x"] * 1000) as server:
        yield server


def make_backend(*allowed_hosts: str, seconds: float = 5.0) -> GuardedBackend:
    return GuardedBackend(allowed_hosts=allowed_hosts, deadline=time.monotonic() + seconds)


def read_all(stream: httpcore2.NetworkStream) -> None:
    while stream.read(1, timeout=60):
        pass


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "151.101.1.1", "2606:4700:4700::1111", "2a00:1450:4001:812::200e", "::ffff:8.8.8.8"]
)
def test_public_addresses(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",  # where clouds keep their credentials
        "100.64.0.1",  # carrier-grade NAT
        "198.18.0.1",
        "192.0.2.1",
        "192.0.0.8",
        "192.88.99.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",  # IPv4-compatible
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",  # NAT64
        "64:ff9b:1::1",
        "100::1",
        "2001::1",  # Teredo
        "2001:db8::1",
        "2002:7f00:1::",  # 6to4
        "2002:808:808::",
        "64:ff9b::808:808",
        "::808:808",
        "2606:4700:4700::1111%eth0",  # of one link only
        "0.1.2.3",
        "239.255.255.250",
        "3fff::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
    ],
)
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(address)


def test_host_with_public_addresses_only_passes() -> None:
    refuse_private("papers.example.org", ["8.8.8.8", "2606:4700:4700::1111"])


@pytest.mark.parametrize(
    ("addresses", "named"),
    [
        (["127.0.0.1"], "127.0.0.1"),
        (["8.8.8.8", "10.0.0.1"], "10.0.0.1"),
        (["2606:4700:4700::1111", "::1", "fe80::1"], "::1, fe80::1"),
        ([], "no address"),
    ],
)
def test_host_with_one_private_address_is_refused(addresses: list[str], named: str) -> None:
    with pytest.raises(RefusedAddress, match=f"^papers.example.org is at {named}, which is not public$"):
        refuse_private("papers.example.org", addresses)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0", "::1", "169.254.169.254"]
)
def test_connection_to_a_private_host_is_refused_in_every_spelling(host: str) -> None:
    with pytest.raises(RefusedAddress, match="which is not public"):
        make_backend().connect_tcp(host, 80)


def test_allowed_host_may_be_private(drip: RawServer) -> None:
    stream = make_backend("LOCALHOST").connect_tcp("localhost", drip.port)
    assert stream.read(1) == b"x"
    stream.close()


def test_allowed_host_allows_no_other(drip: RawServer) -> None:
    with pytest.raises(RefusedAddress):
        make_backend("localhost").connect_tcp("127.0.0.1", drip.port)


def test_refusal_is_a_connection_error() -> None:
    assert issubclass(RefusedAddress, httpcore2.ConnectError)


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a" * 300, "bad\x00name", ""])
def test_host_that_cannot_be_found_is_a_connection_error(host: str) -> None:
    with pytest.raises(httpcore2.ConnectError):
        make_backend().connect_tcp(host, 80)


def test_port_that_nobody_listens_on_is_a_connection_error() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(httpcore2.ConnectError):
            make_backend("127.0.0.1").connect_tcp("127.0.0.1", unused.getsockname()[1])


def test_reading_ends_at_the_deadline_however_often_a_byte_comes(drip: RawServer) -> None:
    stream = make_backend("127.0.0.1", seconds=0.5).connect_tcp("127.0.0.1", drip.port)
    with pytest.raises(httpcore2.ReadTimeout):
        read_all(stream)
    stream.close()
    assert drip.sent < 100


def test_connecting_after_the_deadline_is_a_timeout(drip: RawServer) -> None:
    with pytest.raises(httpcore2.TimeoutException):
        make_backend("127.0.0.1", seconds=-1).connect_tcp("127.0.0.1", drip.port)


def test_writing_after_the_deadline_is_a_timeout(drip: RawServer) -> None:
    stream = make_backend("127.0.0.1", seconds=1.0).connect_tcp("127.0.0.1", drip.port)
    time.sleep(1.0)
    with pytest.raises(httpcore2.TimeoutException):
        stream.write(b"GET /")
    stream.close()


def test_name_is_looked_up_no_longer_than_there_is_time(monkeypatch: pytest.MonkeyPatch) -> None:
    hold = threading.Event()
    Names(monkeypatch, {"slow.example": [lambda: str(hold.wait(60))]})
    with pytest.raises(NoConnection, match=r"^the address of slow.example is still being looked up$"):
        make_backend(seconds=0.2).connect_tcp("slow.example", 80)
    hold.set()


def test_name_that_is_still_being_looked_up_keeps_no_process_alive() -> None:
    code = """
        import socket, time
        from digest.ingest.guard import GuardedBackend, NoConnection
        socket.getaddrinfo = lambda *_, **__: time.sleep(600)
        try:
            GuardedBackend(deadline=time.monotonic() + 0.2).connect_tcp("slow.example", 80)
        except NoConnection:
            print("gave up")
    """
    command = [sys.executable, "-W", "error", "-c", dedent(code)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True, cwd=settings.BASE_DIR)
    assert (done.stdout, done.stderr) == ("gave up\n", "")


@pytest.mark.parametrize("seconds", [-1.0, 0.0])
def test_name_is_not_looked_up_after_the_deadline(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    names = Names(monkeypatch, {"e.example": ["127.0.0.1"]})
    with pytest.raises(httpcore2.TimeoutException):
        make_backend(seconds=seconds).connect_tcp("e.example", 80)
    assert names.asked == []


def test_address_that_does_not_answer_is_passed_over(drip: RawServer, monkeypatch: pytest.MonkeyPatch) -> None:
    def both(host: str, port: int, *_: object, **__: object) -> list[object]:
        addresses = ["127.0.0.2", "127.0.0.1"] if host == "two.example" else [host]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", both)
    stream = make_backend("two.example").connect_tcp("two.example", drip.port)
    assert stream.get_extra_info("server_addr") == ("127.0.0.1", drip.port)
    stream.close()


def test_request_that_no_server_would_take_is_not_sent(drip: RawServer) -> None:
    stream = make_backend("127.0.0.1").connect_tcp("127.0.0.1", drip.port)
    stream.write(b"x" * MAX_REQUEST)
    with pytest.raises(httpcore2.LocalProtocolError):
        stream.write(b"x" * (MAX_REQUEST + 1))
    stream.close()


def test_unix_sockets_are_no_way_round() -> None:
    with pytest.raises(NotImplementedError):
        make_backend().connect_unix_socket("/var/run/docker.sock")
