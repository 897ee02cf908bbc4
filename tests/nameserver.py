"""A real server of names on loopback, which answers by UDP from the text of a zone."""

import socketserver
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.zone


class Answers(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        raw, connection = self.request
        asked = dns.message.from_wire(raw)
        connection.sendto(self.server.answer(asked).to_wire(), self.client_address)  # type: ignore[attr-defined]


class NameServer(socketserver.ThreadingUDPServer):
    daemon_threads = True

    def __init__(self, zone: str) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        text = f"$ORIGIN .\n$TTL 60\n@ IN SOA ns. mail. 1 1 1 1 1\n@ IN NS ns.\n{zone}"
        self.zone = dns.zone.from_text(text, origin=dns.name.root, relativize=False, check_origin=False)
        self.asked: list[str] = []

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def answer(self, asked: dns.message.Message) -> dns.message.Message:
        question = asked.question[0]
        self.asked.append(question.name.to_text())
        answer: Any = dns.message.make_response(asked)
        answer.flags |= dns.flags.AA | dns.flags.RA
        if "broken." in question.name.to_text():
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif self.zone.get_node(question.name) is None:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        elif found := self.zone.get_rrset(question.name, question.rdtype):
            answer.answer.append(found)
        return answer  # type: ignore[no-any-return]


@contextmanager
def name_server(zone: str) -> Iterator[NameServer]:
    """Answer for the length of the block."""
    with NameServer(zone) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()  # it looks that often whether to stop
        yield server
        server.shutdown()
