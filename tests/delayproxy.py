"""A mail system that is far away: a proxy on loopback through which every byte arrives later, and none more slowly.

Run as a process of its own (`delay_proxy`, or `python -m tests.delayproxy PORT TO_PORT SECONDS`), so that it takes no
time from the one it delays. `SECONDS` is one way: an answer takes twice as long.
"""

import asyncio
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast


class Side(asyncio.Protocol):
    """One side of a connection: what comes in here goes out on the other side, `delay` seconds later, in order."""

    def __init__(self, delay: float) -> None:
        self.delay = delay
        self.under_way: deque[bytes] = deque()  # b"" is the end
        self.other: Side | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        connection: socket.socket = transport.get_extra_info("socket")
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def data_received(self, data: bytes) -> None:
        self.under_way.append(data)
        asyncio.get_running_loop().call_later(self.delay, self._arrive)

    def connection_lost(self, error: Exception | None) -> None:
        self.data_received(b"")

    def _arrive(self) -> None:
        data = self.under_way.popleft()
        assert self.other is not None
        if data:
            self.other.transport.write(data)
        else:
            self.other.transport.close()


class Near(Side):
    """The side of who connects; the far side is opened for it."""

    def __init__(self, delay: float, to_port: int) -> None:
        super().__init__(delay)
        self.to_port = to_port

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.transport.pause_reading()
        self.opening = asyncio.ensure_future(self._open())

    async def _open(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            _, self.other = await loop.create_connection(lambda: Side(self.delay), "127.0.0.1", self.to_port)
        except OSError:
            self.other = self  # nobody there: the end comes back to who connected
            self.transport.close()
            return
        self.other.other = self
        self.transport.resume_reading()


@contextmanager
def delay_proxy(to_port: int, seconds: float) -> Iterator[int]:
    """Run a proxy in a process of its own; give the port on which to reach it."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    command = [sys.executable, "-m", "tests.delayproxy", str(port), str(to_port), str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            yield port
        finally:
            process.terminate()


async def main(port: int, to_port: int, seconds: float) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Near(seconds, to_port), "127.0.0.1", port)
    print("ready", flush=True)  # noqa: T201 - who started this waits for it
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
