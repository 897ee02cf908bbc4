"""Lines with a mail system that is made of threads alone: it says of each mail what its key asks for."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from uuid import uuid4

import pytest
from django.core.mail import EmailMultiAlternatives

from digest.delivery import lines as module
from digest.delivery.journal import Journal
from digest.delivery.lines import Errand, Lines
from digest.delivery.wire.handover import BeforeDot, Fate, Mail, MailSystemDown, Outcome, Transport
from digest.models.claims import LEASE
from tests.make import NOON

OK = Outcome(Fate.ACCEPTED, 250, "250 queued")
REFUSED = Outcome(Fate.FAILED, 550, "550 no")


class MailSystem:
    """Takes at most `room` connections. A mail whose key begins with `slow` is held until `go_on` is set."""

    def __init__(self, room: int = 99) -> None:
        self.room = room
        self.open = self.opened = 0
        self.go_on = Event()
        self.is_down = False
        self.handed: list[str] = []
        self.lock = threading.Lock()

    def connect(self, before_dot: BeforeDot) -> Transport:
        return Way(self, before_dot)


class Way:
    def __init__(self, system: MailSystem, before_dot: BeforeDot) -> None:
        self.system, self.before_dot = system, before_dot
        self.is_open = False

    def open(self) -> None:
        with self.system.lock:
            if self.system.is_down:
                raise MailSystemDown("it cannot be reached")
            if self.system.open >= self.system.room:
                raise MailSystemDown("421 too many connections")
            self.system.open += 1
            self.system.opened += 1
            self.is_open = True

    def close(self) -> None:
        with self.system.lock:
            self.system.open -= self.is_open
            self.is_open = False

    def send(self, mail: Mail, then: Mail | None = None) -> Outcome:
        if not self.is_open:
            self.open()
        if mail.key.startswith("slow"):
            assert self.system.go_on.wait(10)
        if mail.key.startswith("mistake"):
            raise RuntimeError("a mistake")
        if mail.key.startswith("refuse"):
            return REFUSED
        if mail.key.startswith("break"):
            return Outcome(Fate.RETRY, reason="broken")
        self.before_dot(mail)
        self.system.handed.append(mail.key)
        if mail.key.startswith("late mistake"):
            raise RuntimeError("a mistake")
        return OK


@pytest.fixture
def journal() -> Iterator[Journal]:
    journal = Journal(uuid4(), NOON + LEASE)
    yield journal
    journal.close(finished=True)


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.05)
    monkeypatch.setattr(module, "HASTE", 0.02)
    monkeypatch.setattr(module, "STEP", 0.01)


@contextmanager
def lines_to(system: MailSystem, most: int = 5) -> Iterator[Lines]:
    lines = Lines(system.connect, lambda: NOON, most)
    yield lines
    system.go_on.set()
    lines.close()


def errands(journal: Journal, *keys: str) -> list[Errand]:
    return [Errand(Mail(key, "us@example.org", "you@example.org", b"", _no_message), journal) for key in keys]


def _no_message() -> EmailMultiAlternatives:
    raise AssertionError


def outcomes(lines: Lines, count: int) -> dict[str, Outcome]:
    """Wait for so many outcomes."""
    done: dict[str, Outcome] = {}
    until = time.monotonic() + 10
    while len(done) < count and time.monotonic() < until:
        done |= {errand.mail.key: outcome for errand, outcome in lines.finished(0.1)}
    return done


def test_errands_are_done_and_handed_back(journal: Journal) -> None:
    with lines_to(MailSystem()) as lines:
        lines.put(errands(journal, "a", "refuse", "b"))
        assert lines.in_flight == 3
        assert outcomes(lines, 3) == {"a": OK, "refuse": REFUSED, "b": OK}
        assert (lines.in_flight, lines.down, lines.finished(0)) == (0, "", [])


def test_time_that_is_over_says_nothing_of_the_mail_system(journal: Journal) -> None:
    journal.until = NOON
    with lines_to(MailSystem()) as lines:
        lines.put(errands(journal, *"abcdefgh"))
        fates = outcomes(lines, 8)
        assert {outcome.reason for outcome in fates.values()} == {
            "it was not sent in the time that its worker had for it"
        }
        assert (len(fates), lines.down) == (8, "")


def test_quick_mail_system_gets_one_connection(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HASTE", 10)
    system = MailSystem()
    with lines_to(system) as lines:
        for part in range(5):
            lines.put(errands(journal, *(f"{part} {number}" for number in range(20))))
            assert len(outcomes(lines, 20)) == 20
    assert system.opened == 1


def test_caller_that_makes_more_mails_meanwhile_gets_one_connection(journal: Journal) -> None:
    system = MailSystem()
    with lines_to(system) as lines:
        for number in range(5):
            lines.put(errands(journal, f"slow {number}", f"slow {number} again"))
            lines.finished(0)
            time.sleep(2 * module.HASTE)
        assert system.opened == 1
        lines.finished(5 * module.HASTE)
        wait_until(lambda: system.opened > 1)


def test_slow_mail_holds_up_no_other(journal: Journal) -> None:
    system = MailSystem()
    with lines_to(system) as lines:
        lines.put(errands(journal, "slow", *"abcdefgh"))
        assert outcomes(lines, 8).keys() == set("abcdefgh")
        assert lines.in_flight == 1
        system.go_on.set()
        assert outcomes(lines, 1) == {"slow": OK}
    assert sorted(system.handed) == [*"abcdefgh", "slow"]


def test_lines_are_no_more_than_allowed(journal: Journal) -> None:
    system = MailSystem()
    with lines_to(system, most=3) as lines:
        lines.put(errands(journal, *(f"slow {number}" for number in range(9))))
        assert lines.finished(0.3) == []
        assert system.open == 3
        system.go_on.set()
        assert len(outcomes(lines, 9)) == 9
    assert (system.opened, system.open) == (3, 0)


def test_mail_system_that_refuses_a_second_connection_is_not_down(journal: Journal) -> None:
    system = MailSystem(room=1)
    with lines_to(system) as lines:
        lines.put(errands(journal, "slow", *"abc"))
        assert lines.finished(0.3) == []
        system.go_on.set()
        assert outcomes(lines, 4).keys() == {"slow", *"abc"}
        assert (lines.down, system.opened) == ("", 1)


def test_mail_system_without_connections_is_down_and_nothing_is_lost(journal: Journal) -> None:
    system = MailSystem(room=0)
    lines = Lines(system.connect, lambda: NOON, 5)
    lines.put(errands(journal, *"abc"))
    assert outcomes_until_down(lines) == {}
    assert lines.down == "421 too many connections"
    done, left = lines.close()
    assert (done, [errand.mail.key for errand in left], lines.in_flight) == ([], [*"abc"], 0)


def outcomes_until_down(lines: Lines) -> dict[str, Outcome]:
    done: dict[str, Outcome] = {}
    until = time.monotonic() + 10
    while not lines.down and time.monotonic() < until:
        done |= {errand.mail.key: outcome for errand, outcome in lines.finished(0.1)}
    return done


def test_mail_system_that_breaks_off_time_and_again_is_down(journal: Journal) -> None:
    lines = Lines(MailSystem().connect, lambda: NOON, 1)
    lines.put(errands(journal, "break 1", "a", "break 2", "break 3", "break 4", "b"))
    done = outcomes_until_down(lines)
    more, left = lines.close()
    done |= {errand.mail.key: outcome for errand, outcome in more}
    assert done.keys() == {"break 1", "a", "break 2", "break 3", "break 4"}
    assert [errand.mail.key for errand in left] == ["b"]
    assert lines.down == "the mail system broke off 3 times in a row: broken"


def test_mistake_of_ours_is_one_mails_failure_and_told(journal: Journal, caplog: pytest.LogCaptureFixture) -> None:
    with lines_to(MailSystem()) as lines:
        lines.put(errands(journal, "mistake", "a", "late mistake", "b"))
        assert outcomes(lines, 4) == {
            "mistake": Outcome(Fate.RETRY, reason="it could not be handed over: a mistake"),
            "a": OK,
            "late mistake": Outcome(Fate.UNCERTAIN, reason="it could not be handed over: a mistake"),
            "b": OK,
        }
    assert caplog.text.count("RuntimeError: a mistake") == 2


def test_mistake_in_a_line_itself_is_raised_and_hangs_nobody(journal: Journal) -> None:
    def mistaken(before_dot: BeforeDot) -> Transport:
        raise KeyError("settings")

    lines = Lines(mistaken, lambda: NOON, 5)
    lines.put(errands(journal, *"ab"))
    with pytest.raises(KeyError, match="settings"):
        lines.finished(10)
    done, left = lines.close()
    assert (done, len(left)) == ([], 2)


def test_mail_whose_lease_is_over_is_not_sent(journal: Journal) -> None:
    system = MailSystem()
    journal.until = NOON
    with lines_to(system) as lines:
        lines.put(errands(journal, "a"))
        late = Outcome(Fate.RETRY, reason="it was not sent in the time that its worker had for it")
        assert outcomes(lines, 1) == {"a": late}
    assert (system.handed, system.open) == ([], 0)


def test_close_lets_the_mail_under_way_finish_and_gives_back_the_rest(journal: Journal) -> None:
    system = MailSystem()
    lines = Lines(system.connect, lambda: NOON, 1)
    lines.put(errands(journal, "slow", *"abc"))
    lines.finished(0.1)
    with ThreadPoolExecutor(1) as pool:
        closing = pool.submit(lines.close)
        system.go_on.set()
        done, left = closing.result(10)
    assert [errand.mail.key for errand, _ in done] == ["slow"]
    assert [errand.mail.key for errand in left] == [*"abc"]
    assert (system.handed, system.open) == (["slow"], 0)


def test_idle_line_ends_and_another_is_opened_when_needed(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "IDLE", 0.01)
    system = MailSystem()
    with lines_to(system) as lines:
        lines.put(errands(journal, "a"))
        assert len(outcomes(lines, 1)) == 1
        wait_until(lambda: system.open == 0)
        lines.put(errands(journal, "b"))
        assert len(outcomes(lines, 1)) == 1
    assert system.opened == 2


def wait_until(true: Callable[[], bool]) -> None:
    until = time.monotonic() + 10
    while not true() and time.monotonic() < until:
        time.sleep(0.005)
    assert true()
