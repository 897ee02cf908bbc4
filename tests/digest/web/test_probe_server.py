import logging
import socket
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from digest.web.probe_server import start
from tests.redisserver import free_port

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def address() -> str:
    port = free_port()
    start("127.0.0.1", port)
    return f"http://127.0.0.1:{port}"


def test_worker_answers_the_probes(address: str) -> None:
    with urlopen(f"{address}/healthz/live") as answer:
        assert (answer.status, answer.read()) == (200, b'{"live": true}')
    with urlopen(f"{address}/metrics") as answer:
        assert b"broadsheet_due" in answer.read()


def test_head_has_no_body(address: str) -> None:
    with urlopen(Request(f"{address}/healthz/live", method="HEAD")) as answer:
        assert answer.read() == b""


def test_worker_answers_nothing_else(address: str) -> None:
    with pytest.raises(HTTPError, match="404"):
        urlopen(f"{address}/admin/")


def test_port_that_is_taken_is_no_reason_not_to_work(caplog: pytest.LogCaptureFixture) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, caplog.at_level(logging.ERROR):
        start("127.0.0.1", taken.getsockname()[1])
    assert "nobody can ask how this worker is" in caplog.text


def test_port_that_is_none_is_no_reason_not_to_work(caplog: pytest.LogCaptureFixture) -> None:
    start("127.0.0.1", 91010)
    assert "port=91010: nobody can ask how this worker is" in caplog.text


def test_no_port_is_opened_unless_one_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digest.web.probe_server.make_server", pytest.fail)
    start("127.0.0.1", 0)
