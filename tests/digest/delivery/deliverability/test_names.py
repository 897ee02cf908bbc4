from ipaddress import ip_address

import pytest

from digest.delivery.deliverability import names as module
from digest.delivery.deliverability.names import CannotAsk, Names
from tests.digest.delivery.deliverability.zone import GOOD, names
from tests.nameserver import name_server
from tests.redisserver import free_port


def test_what_stands_there_is_told_in_plain_words() -> None:
    with names() as asked:
        assert asked.mail_exchangers("papers.example.org") == ["mx.example.org"]
        assert asked.addresses("MX.example.org.") == ["192.0.2.8"]
        assert asked.pointers(ip_address("192.0.2.7")) == ["mail.example.org"]
        assert asked.texts("relay.example.net") == ["v=spf1 a:out.example.net ip4:198.51.100.0/24 ?all"]


def test_what_is_not_there_is_an_empty_answer() -> None:
    with names() as asked:
        assert (asked.texts("nowhere.example.org"), asked.texts("mx.example.org")) == ([], [])


def test_question_is_asked_once() -> None:
    with name_server(GOOD) as server:
        asked = Names("127.0.0.1", server.port)
        for _ in range(3):
            asked.texts("papers.example.org")
    assert server.asked == ["papers.example.org."]


def test_silent_server_costs_patience_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.2)
    asked = Names("127.0.0.1", free_port())
    for name in ("one.example.org", "two.example.org"):
        with pytest.raises(CannotAsk, match="no server of names answers"):
            asked.texts(name)


def test_name_that_is_none_cannot_be_asked_for() -> None:
    with names() as asked, pytest.raises(CannotAsk):
        asked.texts(f"{'a' * 70}.example.org")
