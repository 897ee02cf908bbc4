"""A real SMTP server that misbehaves by dice and remembers every mail: whose, which, when, and what it did to it.

With PIPELINING. It runs in a thread of the harness, on an event loop of its own. What its memory means is `verdict`'s.
"""

import asyncio
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from tests.chaos.dice import Dice, Luck

LONGEST_MAIL = 1 << 20
LATENCY = 0.01  # seconds that an answer to a final dot takes at least: long enough to be killed in
MESSAGE_ID = re.compile(rb"^Message-ID:\s*<([^>]+)>", re.IGNORECASE | re.MULTILINE)
LAST_BYTES = b"--\r\n"  # of a mail that is complete but for the final dot
Closed = (ConnectionError, asyncio.IncompleteReadError)
Over = (*Closed, asyncio.CancelledError)  # the last: the run is over, and the connection still there


@dataclass(frozen=True, slots=True)
class Record:
    """One attempt to hand over one mail, as the server saw it.

    `dot_at` is when the final dot came, `whole` whether all before it did, `code` the last answer (None: there was
    none, because the server closed the connection, or the client had gone), `over_at` when that was.
    """

    connection: int
    recipient: str
    luck: Luck
    over_at: float
    code: int | None
    message_id: str = ""
    whole: bool = False
    dot_at: float | None = None
    stored: bool = False


@dataclass(frozen=True, slots=True)
class End:
    """When a connection ended, and by whom: "quit" is the client's goodbye, "client" its vanishing."""

    at: float
    by: str


@dataclass
class Recorder:
    dice: Dice
    port: int = 0
    records: list[Record] = field(default_factory=list)
    ends: dict[int, End] = field(default_factory=dict)
    attempts: Counter[str] = field(default_factory=Counter)
    connections: int = 0
    away: bool = False  # as a server that is down: it hangs up on whoever begins something
    breaches: list[str] = field(default_factory=list)  # of the protocol, by clients

    def come_back(self) -> None:
        self.away = False

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        session = Session(self, self.connections, reader, writer)
        with suppress(*Over):
            if not self.away:
                await session.talk()
        self.ends[session.number] = End(time.time(), session.ended_by)
        writer.close()


@dataclass
class Session:
    """One connection."""

    recorder: Recorder
    number: int
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    ended_by: str = "client"
    recipient: str = ""
    luck: Luck = Luck.ACCEPT
    stall: float = 0.0
    welcome: bool = False  # the recipient was accepted

    async def talk(self) -> None:
        self.answer(220, "chaos ESMTP")
        while self.ended_by == "client" and (line := await self.reader.readline()):
            match line[:4].upper():
                case b"EHLO" | b"HELO":
                    self.writer.write(b"250-chaos\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 1048576\r\n")
                case b"MAIL" if self.recorder.away:
                    self.cut()
                    return
                case b"MAIL" | b"RSET":
                    self.welcome = False
                    self.answer(250, "2.0.0 OK")
                case b"RCPT":
                    await self.rcpt(line)
                case b"DATA":
                    await self.data()
                case b"NOOP":
                    self.answer(250, "2.0.0 OK")
                case b"QUIT":
                    self.answer(221, "2.0.0 bye")
                    self.ended_by = "quit"
                case _:
                    self.answer(500, "5.5.2 what?")
            await self.writer.drain()

    def answer(self, code: int, words: str) -> None:
        self.writer.write(f"{code} {words}\r\n".encode())

    def cut(self) -> None:
        self.ended_by = "server"
        self.writer.transport.abort()

    def note(self, code: int | None, *, raw: bytes = b"", dot_at: float | None = None, stored: bool = False) -> None:
        found = MESSAGE_ID.search(raw[:8000])
        whole = dot_at is not None or raw.endswith(LAST_BYTES)
        name = found[1].decode() if found else ""
        self.recorder.records.append(
            Record(self.number, self.recipient, self.luck, time.time(), code, name, whole, dot_at, stored)
        )

    async def rcpt(self, line: bytes) -> None:
        self.recipient = line.decode().partition("<")[2].partition(">")[0]
        self.recorder.attempts[self.recipient] += 1
        attempt = self.recorder.attempts[self.recipient]
        self.luck, self.stall = self.recorder.dice.throw(self.recipient, attempt)
        match self.luck:
            case Luck.LATER_AT_RCPT:
                self.refuse(451, "4.3.0 try again later")
            case Luck.BUSY_AT_RCPT:
                self.refuse(421, "4.3.2 too busy, closing")
                self.ended_by = "server"
            case Luck.REFUSE_AT_RCPT | Luck.REFUSE_AT_LONE_DOT:
                self.refuse(550, "5.1.1 no such mailbox")
            case Luck.CUT_AT_RCPT:
                self.note(None)
                self.cut()
            case _:
                if self.luck is Luck.STALL_AT_RCPT:
                    await asyncio.sleep(self.stall)
                self.welcome = True
                self.answer(250, "2.1.5 OK")

    def refuse(self, code: int, words: str) -> None:
        self.note(code)
        self.answer(code, words)

    async def data(self) -> None:
        if not self.welcome and self.luck is not Luck.REFUSE_AT_LONE_DOT:
            self.answer(554, "5.5.1 no valid recipients")
            return
        self.answer(354, "go on")
        if not self.welcome:
            await self.lone_dot()
        else:
            await self.content()

    async def lone_dot(self) -> None:
        """A client that had sent DATA along with the refused RCPT must send nothing but the dot (RFC 2920, 3.1)."""
        line = await self.reader.readline()
        if line != b".\r\n":
            self.recorder.breaches.append(f"content for {self.recipient}, who was refused: {line!r}")
            await self.reader.readuntil(b"\r\n.\r\n")
        self.answer(554, "5.5.1 no valid recipients")

    async def content(self) -> None:
        cut = self.luck is Luck.CUT_IN_CONTENT
        try:
            raw = await self.reader.readuntil(b"\r\n\r\n" if cut else b"\r\n.\r\n")
        except Closed as error:
            self.note(None, raw=getattr(error, "partial", b""))
            return
        if cut:
            self.note(None, raw=raw)
            self.cut()
        else:
            await self.dot(raw)

    async def dot(self, raw: bytes) -> None:
        dot_at = time.time()
        if self.luck in (Luck.CUT_STORED, Luck.CUT_UNSTORED):
            self.note(None, raw=raw, dot_at=dot_at, stored=self.luck is Luck.CUT_STORED)
            self.cut()
            return
        slow = self.luck in (Luck.STALL_AT_DOT, Luck.STUCK_STORED, Luck.STUCK_UNSTORED)
        await asyncio.sleep(self.stall if slow else LATENCY)
        code, words = VERDICTS.get(self.luck, (250, "2.0.0 queued"))
        heard = not self.reader.at_eof()
        self.note(code if heard else None, raw=raw, dot_at=dot_at, stored=code == 250)
        self.answer(code, words)
        self.welcome = False


VERDICTS = {
    Luck.LATER_AT_DOT: (452, "4.2.2 mailbox full"),
    Luck.REFUSE_AT_DOT: (554, "5.7.1 not wanted"),
    Luck.STUCK_UNSTORED: (451, "4.3.0 try again later"),
}


@contextmanager
def recording(dice: Dice) -> Iterator[Recorder]:
    """Run the server for the length of the block."""
    recorder = Recorder(dice)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="recorder", daemon=True)
    thread.start()
    begun = asyncio.start_server(recorder.meet, "127.0.0.1", 0, limit=LONGEST_MAIL, backlog=100)
    server = asyncio.run_coroutine_threadsafe(begun, loop).result()
    recorder.port = server.sockets[0].getsockname()[1]
    try:
        yield recorder
    finally:
        asyncio.run_coroutine_threadsafe(_stop(server), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _stop(server: asyncio.Server) -> None:
    server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
