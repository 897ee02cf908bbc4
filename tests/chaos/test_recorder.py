import smtplib
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.chaos.dice import MISHAPS, Dice, Luck
from tests.chaos.recorder import Record, Recorder, recording

ADA = "ada@example.org"
MAIL = b"Message-ID: <digest-a1@papers>\r\n\r\nHello\r\n--end--\r\n"
NO_ANSWER = 0  # in place of a code


@dataclass(frozen=True, slots=True)
class Loaded(Dice):
    """Dice that always fall the same way."""

    luck: Luck = Luck.ACCEPT

    def throw(self, recipient: str, attempt: int) -> tuple[Luck, float]:
        return self.luck, 0.05


def loaded(luck: Luck) -> Dice:
    return Loaded(seed=0, patience=1.0, luck=luck)


def hand_over(port: int) -> int:
    """Hand over one mail as a client does that waits for each answer; return the code that decided."""
    with smtplib.SMTP("127.0.0.1", port, timeout=5) as client:
        try:
            client.sendmail("digest@papers", [ADA], MAIL)
        except smtplib.SMTPRecipientsRefused as refused:
            return refused.recipients[ADA][0]
        except smtplib.SMTPServerDisconnected:
            return NO_ANSWER
        except smtplib.SMTPResponseException as refused:
            return refused.smtp_code
    return 250


def until(true: Callable[[], object]) -> None:
    ends = time.monotonic() + 5
    while not true() and time.monotonic() < ends:
        time.sleep(0.005)


def seen(recorder: Recorder) -> list[tuple[int | None, str, bool, bool, bool]]:
    """Return what the server remembers: code, Message-ID, whether it was whole, its dot came, it was stored."""
    until(lambda: recorder.records)
    return [(one.code, one.message_id, one.whole, one.dot_at is not None, one.stored) for one in recorder.records]


NAME = "digest-a1@papers"


@pytest.mark.parametrize(
    ("luck", "told", "remembered"),
    [
        (Luck.ACCEPT, 250, (250, NAME, True, True, True)),
        (Luck.LATER_AT_RCPT, 451, (451, "", False, False, False)),
        (Luck.BUSY_AT_RCPT, 421, (421, "", False, False, False)),
        (Luck.REFUSE_AT_RCPT, 550, (550, "", False, False, False)),
        (Luck.LATER_AT_DOT, 452, (452, NAME, True, True, False)),
        (Luck.REFUSE_AT_DOT, 554, (554, NAME, True, True, False)),
        (Luck.CUT_AT_RCPT, NO_ANSWER, (None, "", False, False, False)),
        (Luck.CUT_UNSTORED, NO_ANSWER, (None, NAME, True, True, False)),
        (Luck.CUT_STORED, NO_ANSWER, (None, NAME, True, True, True)),
        (Luck.STALL_AT_RCPT, 250, (250, NAME, True, True, True)),
        (Luck.STALL_AT_DOT, 250, (250, NAME, True, True, True)),
        (Luck.STUCK_STORED, 250, (250, NAME, True, True, True)),
        (Luck.STUCK_UNSTORED, 451, (451, NAME, True, True, False)),
    ],
)
def test_server_does_what_the_dice_say_and_remembers_it(
    luck: Luck, told: int, remembered: tuple[int | None, str, bool, bool, bool]
) -> None:
    with recording(loaded(luck)) as recorder:
        assert hand_over(recorder.port) == told
        assert seen(recorder) == [remembered]
    assert recorder.records[0].luck == luck


def talk(recorder: Recorder, *groups: bytes) -> bytes:
    """Send each group of commands at once; return all that was answered by the end of the connection."""
    with socket.create_connection(("127.0.0.1", recorder.port), timeout=5) as client:
        for group in groups:
            client.sendall(group)
            time.sleep(0.05)
        client.shutdown(socket.SHUT_WR)
        answer = b""
        try:
            while piece := client.recv(1 << 16):
                answer += piece
        except ConnectionError:
            pass
    until(lambda: recorder.ends)
    return answer


ENVELOPE = b"MAIL FROM:<digest@papers>\r\nRCPT TO:<ada@example.org>\r\nDATA\r\n"


def codes(answer: bytes) -> list[bytes]:
    return [line[:3] for line in answer.splitlines()]


def test_server_takes_commands_in_groups() -> None:
    with recording(loaded(Luck.ACCEPT)) as recorder:
        answer = talk(recorder, ENVELOPE, MAIL + b".\r\n" + ENVELOPE, MAIL + b".\r\nQUIT\r\n")
    assert codes(answer) == [b"220", b"250", b"250", b"354", b"250", b"250", b"250", b"354", b"250", b"221"]
    assert [one.stored for one in recorder.records] == [True, True]
    assert recorder.ends[1].by == "quit"


def test_client_that_vanishes_before_the_dot_leaves_a_whole_mail_without_one() -> None:
    with recording(loaded(Luck.ACCEPT)) as recorder:
        talk(recorder, ENVELOPE, MAIL)
    assert [(one.whole, one.dot_at, one.stored, one.code) for one in recorder.records] == [(True, None, False, None)]
    assert recorder.ends[1].by == "client"


def test_client_that_vanishes_within_the_mail_leaves_a_part() -> None:
    with recording(loaded(Luck.ACCEPT)) as recorder:
        talk(recorder, ENVELOPE, MAIL[:40])
    assert [(one.whole, one.dot_at, one.stored) for one in recorder.records] == [(False, None, False)]


def test_server_that_closes_within_the_mail_stores_nothing() -> None:
    with recording(loaded(Luck.CUT_IN_CONTENT)) as recorder:
        talk(recorder, ENVELOPE, MAIL)
    assert [(one.message_id, one.dot_at, one.stored) for one in recorder.records] == [(NAME, None, False)]
    assert recorder.ends[1].by == "server"


def test_refused_recipient_may_be_followed_by_a_lone_dot_and_by_nothing_else() -> None:
    with recording(loaded(Luck.REFUSE_AT_LONE_DOT)) as recorder:
        assert codes(talk(recorder, ENVELOPE, b".\r\nQUIT\r\n")) == [b"220", b"250", b"550", b"354", b"554", b"221"]
        assert recorder.breaches == []
        talk(recorder, ENVELOPE, MAIL + b".\r\n")
    assert len(recorder.breaches) == 1
    assert [one.stored for one in recorder.records] == [False, False]


def test_server_that_is_away_hangs_up_at_once() -> None:
    with recording(loaded(Luck.ACCEPT)) as recorder:
        recorder.away = True
        assert talk(recorder) == b""
    assert recorder.records == []


# --- The dice


def test_same_seed_brings_each_attempt_the_same_luck() -> None:
    attempts = [(f"reader{n}@example.org", n % 3) for n in range(200)]
    thrown = [Dice(7, 3.0).throw(*attempt) for attempt in attempts]
    assert thrown == [Dice(7, 3.0).throw(*attempt) for attempt in attempts]
    assert thrown != [Dice(8, 3.0).throw(*attempt) for attempt in attempts]


def test_nothing_happens_to_the_fourth_attempt() -> None:
    assert {Dice(7, 3.0).throw(f"reader{n}@example.org", 4)[0] for n in range(500)} == {Luck.ACCEPT}


def test_every_mishap_happens_and_most_mails_are_accepted() -> None:
    thrown = [Dice(7, 3.0).throw(f"reader{n}@example.org", 1)[0] for n in range(8000)]
    assert {*thrown} == {Luck.ACCEPT, *MISHAPS}
    assert 0.85 < thrown.count(Luck.ACCEPT) / len(thrown) < 0.92


@pytest.mark.parametrize("luck", [Luck.STUCK_STORED, Luck.STUCK_UNSTORED])
def test_stuck_server_takes_longer_than_a_client_waits(luck: Luck) -> None:
    stalls = [Dice(7, 3.0).throw(f"reader{n}@example.org", 1) for n in range(8000)]
    assert {stall for thrown, stall in stalls if thrown is luck} == {4.0}


def test_record_says_of_which_connection_it_is() -> None:
    with recording(loaded(Luck.ACCEPT)) as recorder:
        for _ in range(2):
            hand_over(recorder.port)
        until(lambda: len(recorder.ends) == 2)
    found: list[Record] = recorder.records
    assert [one.connection for one in found] == [1, 2]
    assert {end.by for end in recorder.ends.values()} == {"quit"}
