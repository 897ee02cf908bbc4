"""The one door to the network: connects to public addresses only, and not for longer than the whole exchange may take.

A host is resolved here, every address is checked, and the connection goes to a checked address: there is no second
look-up that could answer differently. Each redirect passes this door again. Reading the answer is `fetch`'s business.

The timeouts that httpcore2 hands over are not used: the deadline stands above them, from the look-up of the name on.
"""

import ipaddress
import socket
import ssl
import time
from collections.abc import Collection, Iterable
from concurrent.futures import Future
from threading import Thread
from typing import Any

import httpcore2

CONNECT_SECONDS = 5.0  # for one address; a host may have several
MAX_REQUEST = 32_768  # bytes: more than any server takes, and few enough to be sent without waiting for it to read

# Ranges that Python calls global and that lead elsewhere: protocol assignments, 6to4 relays; Teredo and its neighbours,
# 6to4, documentation. NAT64, IPv4-compatible and site-local addresses are no part of 2000::/3.
_NOT_PUBLIC = tuple(
    map(ipaddress.ip_network, ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "2002::/16", "3fff::/20"))
)
_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")


# By OpenSSL's codes of a certificate's check and its names of a handshake's failure: what that means to staff.
_BAD_CERTIFICATES = {
    9: "its certificate is not valid yet: one of the two clocks is wrong",
    10: "its certificate has expired",
    18: "its certificate is signed by the server itself, so anybody could have made it",
    19: "its certificate comes from an authority that this machine does not know",
    20: "its certificate comes from an authority that this machine does not know, or a certificate between is missing",
    21: "its certificate comes from an authority that this machine does not know, or a certificate between is missing",
    62: "its certificate is for another host",
    64: "its certificate is for another host",
}
_BAD_HANDSHAKES = {
    "WRONG_VERSION_NUMBER": "the answer is not TLS: if it is plain HTTP, the address begins with http://",
    "RECORD_LAYER_FAILURE": "the answer is not TLS: if it is plain HTTP, the address begins with http://",
    "UNEXPECTED_EOF_WHILE_READING": "the server ends the connection in the middle of the TLS handshake",
    "UNSUPPORTED_PROTOCOL": "the server knows only versions of TLS that are no longer safe",
    "TLSV1_ALERT_PROTOCOL_VERSION": "the server knows only versions of TLS that are no longer safe",
}


class RefusedAddress(httpcore2.ConnectError):
    """A host that is not, or not only, at public addresses."""


class UnknownName(httpcore2.ConnectError):
    """A host that no address is known of."""


class NoConnection(httpcore2.ConnectTimeout):
    """A host that no connection was made to in time."""


class FailedTLS(httpcore2.ConnectError):
    """A server that does not prove to be the one that was asked for, or that cannot agree on how to encrypt."""


def is_public(address: str) -> bool:
    """Say whether an IP address is one that the whole Internet reaches under this number."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.scope_id is not None:
            return False
        if ip.ipv4_mapped:
            return is_public(str(ip.ipv4_mapped))
        if ip not in _GLOBAL_UNICAST:
            return False
    return ip.is_global and not ip.is_multicast and not any(ip in network for network in _NOT_PUBLIC)


def refuse_private(host: str, addresses: Collection[str]) -> None:
    """Raise RefusedAddress unless every one of the host's addresses is public."""
    private = [address for address in addresses if not is_public(address)]
    if private or not addresses:
        raise RefusedAddress(f"{host} is at {', '.join(private) or 'no address'}, which is not public")


class GuardedBackend(httpcore2.NetworkBackend):
    """Connects for httpcore2. `allowed_hosts` may be anywhere; `deadline` is a moment of `time.monotonic()`."""

    def __init__(self, *, allowed_hosts: Collection[str] = (), deadline: float) -> None:
        self._allowed_hosts = frozenset(host.lower() for host in allowed_hosts)
        self._deadline = deadline
        self._backend = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        addresses = _resolved(host, port, self._deadline)
        if host.lower() not in self._allowed_hosts:
            refuse_private(host, addresses)
        failure: Exception | None = None
        for address in addresses:
            try:
                seconds = min(CONNECT_SECONDS, _remaining(self._deadline))
                stream = self._backend.connect_tcp(address, port, seconds, local_address, socket_options)
            except httpcore2.ConnectTimeout:
                failure = NoConnection(f"{host} does not answer: no connection within {seconds:.2g} seconds")
            except httpcore2.ConnectError as error:
                failure = httpcore2.ConnectError(f"{host} cannot be reached: {error}")
            else:
                return _TimedStream(stream, self._deadline)
        raise failure or httpcore2.ConnectError(f"{host} has no address")


def _resolved(host: str, port: int, deadline: float) -> list[str]:
    """Look up a host's addresses, in a thread of its own: the system's resolver takes as long as it likes."""
    answer: Future[list[str]] = Future()

    def look_up() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answer.set_result(list(dict.fromkeys(str(address[0]) for *_, address in found)))
        except Exception as error:
            answer.set_exception(error)

    seconds = _remaining(deadline)
    Thread(target=look_up, name=f"look up {host[:50]}", daemon=True).start()
    try:
        return answer.result(seconds)
    except TimeoutError as error:
        raise NoConnection(f"the address of {host} is still being looked up") from error
    except (OSError, ValueError) as error:
        raise UnknownName(f"{host} cannot be found: {error}") from error


def _remaining(deadline: float) -> float:
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise httpcore2.ReadTimeout("the exchange takes too long")
    return seconds


class _TimedStream(httpcore2.NetworkStream):
    """A connection that ends at the deadline, however little comes at a time: a timeout alone counts from each byte."""

    def __init__(self, stream: httpcore2.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _remaining(self._deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if len(buffer) > MAX_REQUEST:
            raise httpcore2.LocalProtocolError("the server's redirects and cookies make the request too long")
        self._stream.write(buffer, _remaining(self._deadline))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        try:
            stream = self._stream.start_tls(ssl_context, server_hostname, _remaining(self._deadline))
        except httpcore2.ConnectError as error:
            if isinstance(error.__cause__, ssl.SSLError):
                raise FailedTLS(f"{server_hostname}: {_explained(error.__cause__)}") from error
            raise
        return _TimedStream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _explained(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return _BAD_CERTIFICATES.get(error.verify_code) or f"its certificate does not hold: {error.verify_message}"
    return _BAD_HANDSHAKES.get(error.reason or "") or f"the TLS handshake fails: {error}"
