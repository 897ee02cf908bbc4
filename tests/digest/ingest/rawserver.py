"""A server that answers as no good server does: slowly, wrongly, or not to the end."""

import socket
import ssl
import threading


class RawServer:
    """Answers one connection with `pieces`, one each `pause` seconds, whatever is asked; then it closes.

    `sent` counts the pieces that went out: how long the other side listened, whatever the clock says. With `tls` it
    speaks HTTPS; with `heard` it hears the request first, and notes it there.
    """

    def __init__(
        self, *pieces: bytes, pause: float = 0.1, tls: ssl.SSLContext | None = None, heard: list[bytes] | None = None
    ) -> None:
        self._pieces = pieces
        self._pause = pause
        self._tls = tls
        self._heard = heard
        self._server = socket.create_server(("127.0.0.1", 0))
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self.sent = 0
        self.port: int = self._server.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}/"

    def __enter__(self) -> "RawServer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._server.shutdown(socket.SHUT_RDWR)  # wakes the thread, where nobody has connected
        self._thread.join(timeout=5)
        self._server.close()

    def _serve(self) -> None:
        try:
            connection, _ = self._server.accept()
            with connection, self._secured(connection) as stream:
                if self._heard is not None:
                    self._heard.append(stream.recv(65_536))
                for piece in self._pieces:
                    stream.sendall(piece)
                    self.sent += 1
                    if self._stop.wait(self._pause):
                        return
                stream.settimeout(5)
                stream.shutdown(socket.SHUT_WR)
                while stream.recv(65_536):  # closed with a request unread, it would reset instead of end
                    pass
        except OSError:
            return

    def _secured(self, connection: socket.socket) -> socket.socket:
        return self._tls.wrap_socket(connection, server_side=True) if self._tls else connection
