"""How benchmarks of delivery deliver: in worker processes of their own, into the sink of postfix, written in C."""

import multiprocessing
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from pathlib import Path
from socket import create_connection
from time import perf_counter, process_time, sleep

from tests.benchmarks.day import NOW
from tests.benchmarks.setting import SHARED

PORT = int(os.environ.get("SINK_PORT", "2526"))
LIMIT = SHARED / "tools" / "smtp_limit.sh"


@dataclass(frozen=True, slots=True)
class Delivered:
    """What delivering took: the seconds on the clock, those of the workers' processors, the largest worker's memory."""

    seconds: float
    processor_seconds: float
    peak_megabytes: float


@contextmanager
def sink() -> Iterator[None]:
    """Run the sink, which takes far more than any sender here gives."""
    with subprocess.Popen(["bash", str(LIMIT), "sink"], env={**os.environ, "PORT": str(PORT)}) as process:
        try:
            _wait_for_port()
            yield
        finally:
            process.terminate()


def _wait_for_port() -> None:
    for _ in range(100):
        try:
            create_connection(("127.0.0.1", PORT)).close()
        except OSError:
            sleep(0.05)
        else:
            return
    raise SystemExit("no sink: run ../shared/tools/setup.sh once")


def limit(mails: int, size: int) -> int:
    """Return how many mails of `size` bytes a second a sender in C hands over on this machine, which only sends."""
    command = ["bash", str(LIMIT), str(mails), str(size)]
    done = subprocess.run(command, env={**os.environ, "PORT": str(PORT + 1)}, capture_output=True, check=True)
    return int(done.stdout.split()[-1])


def deliver_with(processes: int) -> Delivered:
    """Deliver all that is due at NOW with that many worker processes, from when all have started up."""
    from django.db import connection

    connection.close()
    spawn = multiprocessing.get_context("spawn")
    ready = spawn.Barrier(processes + 1)
    said, says = zip(*[spawn.Pipe(duplex=False) for _ in range(processes)], strict=True)
    workers = [spawn.Process(target=_deliver, args=(ready, end)) for end in says]
    for worker in workers:
        worker.start()
    ready.wait()
    start = perf_counter()
    taken = [end.recv() for end in said]
    seconds = perf_counter() - start
    for worker in workers:
        worker.join()
    return Delivered(seconds, sum(one[0] for one in taken), max(one[1] for one in taken))


def _deliver(ready: Barrier, says: Connection) -> None:
    """Be one of the worker processes: start up, wait for the others, deliver."""
    import django

    django.setup()
    from digest.delivery.deliver import deliver_due

    ready.wait()
    begun = process_time()
    deliver_due(clock=lambda: NOW)
    says.send((process_time() - begun, _peak_megabytes()))


def _peak_megabytes() -> float:
    # Not getrusage: its ru_maxrss begins with what the process had that started this one.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024
