"""The processes that deliver, each the head of a group of its own: started, killed with -9, started again."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.chaos.servers import WITH_US

ROOT = Path(__file__).parents[2]
ESTABLISHED = "01"


@dataclass(frozen=True, slots=True)
class Kill:
    """A kill -9 of a group, of one child, or of the parent alone; `lines` is the number of its SMTP connections."""

    at: float
    who: str
    what: str
    lines: int


@dataclass
class Worker:
    name: str
    command: Sequence[str]
    environ: Mapping[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    groups: list[int] = field(default_factory=list)  # all that it ever had: a child may outlive its parent

    def keep_running(self) -> None:
        """Start it, unless it runs."""
        if self.process is None or self.process.poll() is not None:
            command = [*WITH_US, sys.executable, *self.command]
            with self.log.open("ab") as log:
                self.process = subprocess.Popen(
                    command, cwd=ROOT, env=self.environ, stdout=log, stderr=log, start_new_session=True
                )
            self.groups.append(self.process.pid)

    def lines(self, port: int) -> int:
        """Return how many connections to `port` its processes hold."""
        return len(_sockets(self.processes()) & _connected(port))

    def processes(self) -> list[int]:
        return [] if self.process is None else [self.process.pid, *_children(self.process.pid)]

    def kill(self, dice: random.Random, port: int) -> Kill | None:
        """Kill all of it, or one child, or the parent alone; None where it had ended already."""
        if self.process is None or self.process.poll() is not None:
            return None
        children = _children(self.process.pid)
        what = dice.choices(["group", "child", "parent"], [5, 3 if children else 0, 2 if children else 0])[0]
        lines, at = self.lines(port), time.time()
        with suppress(ProcessLookupError):
            if what == "group":
                os.killpg(self.process.pid, signal.SIGKILL)
            else:
                os.kill(dice.choice(children) if what == "child" else self.process.pid, signal.SIGKILL)
        if what != "child":
            self.process.wait()
        return Kill(at, self.name, what, lines)

    def hang(self) -> None:
        self._signal(signal.SIGSTOP)

    def wake(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        for group in self.groups:
            with suppress(ProcessLookupError):
                os.killpg(group, number)

    def end(self) -> None:
        self._signal(signal.SIGKILL)
        if self.process is not None:
            self.process.wait()


def celery_worker(name: str, environ: Mapping[str, str], folder: Path) -> Worker:
    command = ["-m", "celery", "-A", "config", "worker", "--concurrency", "1", "-n", f"{name}@chaos"]
    return Worker(name, command, environ, folder / f"{name}.log")


def clock(environ: Mapping[str, str], folder: Path) -> Worker:
    """The clock process. Embedded it does all the work itself."""
    schedule = ["--schedule", str(folder / "beat-schedule"), "--pidfile", ""]
    return Worker(
        "clock", ["-m", "celery", "-A", "tests.chaos.clockwork", "beat", *schedule], environ, folder / "clock.log"
    )


def run_due(environ: Mapping[str, str], folder: Path) -> Worker:
    return Worker("run_due", ["manage.py", "run_due", "--json"], environ, folder / "run_due.log")


def _children(pid: int) -> list[int]:
    with suppress(OSError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def _sockets(processes: Sequence[int]) -> set[str]:
    """Return the inodes of the sockets that these processes hold."""
    found = set()
    for pid in processes:
        with suppress(OSError):
            for entry in Path(f"/proc/{pid}/fd").iterdir():
                with suppress(OSError):
                    found.add(str(entry.readlink()).removeprefix("socket:[").removesuffix("]"))
    return found


def _connected(port: int) -> set[str]:
    """Return the inodes of this machine's sockets that are connected to `port`."""
    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {row[9] for row in rows if row[2].endswith(f":{port:04X}") and row[3] == ESTABLISHED}
