import socket
import time
from threading import Thread

from tests.delayproxy import delay_proxy


def test_delay_proxy_delays_each_byte_and_keeps_order_and_end() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, delay_proxy(server.getsockname()[1], 0.05) as port:
        echo = Thread(target=echo_once, args=(server,))
        echo.start()
        with socket.create_connection(("127.0.0.1", port)) as client:
            said = b"x" * 500_000 + b"end"
            start = time.monotonic()
            client.sendall(said)
            heard = b"".join(iter(lambda: client.recv(65536), b""))
            taken = time.monotonic() - start
        echo.join()
    assert heard == said
    assert taken >= 0.1  # there and back


def test_delay_proxy_hangs_up_where_nobody_is() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        nobody = probe.getsockname()[1]
    with delay_proxy(nobody, 0.0) as port, socket.create_connection(("127.0.0.1", port)) as client:
        assert client.recv(1) == b""


def echo_once(server: socket.socket) -> None:
    """Send back what comes, up to its "end", and hang up."""
    connection, _ = server.accept()
    with connection:
        heard = b""
        while not heard.endswith(b"end"):
            heard += connection.recv(65536)
        connection.sendall(heard)
