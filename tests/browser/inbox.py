"""The mails that arrived, as a person reads them: by address, with the links under their words."""

from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage

from lxml import html

from tests.mailserver import Recorder
from tests.messenger import wait_for_letters


@dataclass(frozen=True, slots=True)
class Received:
    message: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        return self._part("plain")

    @property
    def html(self) -> str:
        return self._part("html")

    def links(self, words: str) -> list[str]:
        """Return the addresses behind all links that say just these words."""
        found = html.fromstring(self.html).iter("a")
        return [str(link.get("href")) for link in found if " ".join(link.text_content().split()) == words]

    def _part(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        assert part is not None
        return str(part.get_content())


@dataclass(frozen=True, slots=True)
class Inbox:
    recorder: Recorder

    def of(self, address: str) -> list[Received]:
        """Return what has arrived for an address, oldest first."""
        wait_for_letters()
        return [
            Received(message_from_bytes(raw, policy=policy.default))
            for to, raw in self.recorder.received
            if to == address
        ]
