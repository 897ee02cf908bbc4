"""Puts up what a run needs, in a folder of its own, and clears it away whatever happens."""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.chaos import lapse, scene
from tests.chaos.dice import Dice
from tests.chaos.recorder import Recorder, recording
from tests.chaos.servers import Postgres, Redis
from tests.chaos.workers import ROOT, Worker, celery_worker, clock, run_due

EMAIL_TIMEOUT = 3  # real seconds that a worker waits for the mail system


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to happen. `factor` is how much faster than the wall the clock of the run goes."""

    seed: int
    digests: int
    letters: int
    kills: int
    embedded: bool = False
    fsync: bool = True
    factor: int = 60
    deadline: float = 300.0
    workers: int = 3
    machines: int = 1  # each with a VAR_DIR of its own, and so with journals that the others do not see
    ahead: float = 0.0  # minutes by which the clock of the last machine is ahead of that of the first
    blows: tuple[str, ...] = ()  # beside kills, each once

    @property
    def mails(self) -> int:
        return self.digests + self.letters


@dataclass(frozen=True, slots=True)
class Stage:
    """An installation that is ready to go. `workers` deliver; embedded, the clock does too."""

    folder: Path
    recorder: Recorder
    workers: list[Worker]
    clock: Worker
    postgres: Postgres | None = None
    redis: Redis | None = None
    endings: list[tuple[float, Callable[[], None]]] = field(default_factory=list)  # of blows that last, and when
    stopped_at: list[float] = field(default_factory=list)  # when a worker was made to hang

    def later(self, seconds: float, what: Callable[[], None]) -> None:
        self.endings.append((time.time() + seconds, what))

    def end_blows(self) -> None:
        """End the blows whose time is over. By the main thread: servers die with the thread that started them."""
        over = [ending for ending in self.endings if ending[0] <= time.time()]
        for ending in over:
            ending[1]()
            self.endings.remove(ending)

    @property
    def processes(self) -> list[Worker]:
        return [*self.workers, self.clock]


@contextmanager
def stage(plan: Plan) -> Iterator[Stage]:
    folder = Path(tempfile.mkdtemp(prefix="broadsheet-chaos-"))
    folder.chmod(0o755)
    (folder / "sitecustomize.py").write_text("from tests.chaos.lapse import install\n\ninstall()\n")
    with ExitStack() as stack:
        recorder = stack.enter_context(recording(Dice(plan.seed, EMAIL_TIMEOUT)))
        servers = None if plan.embedded else _servers(stack, folder, plan)
        scene.begin(_environment(folder, recorder.port, servers))
        scene.make(plan.digests)
        scene.post(plan.letters)
        started = time.time()
        environs = [
            {
                **_environment(folder, recorder.port, servers, machine),
                lapse.SPEC: lapse.spec(started, plan.factor, plan.ahead * machine),
            }
            for machine in range(plan.machines)
        ]
        if servers is None:
            workers = [run_due(environs[0], folder)]
        else:
            workers = [celery_worker(f"worker{n}", environs[n % plan.machines], folder) for n in range(plan.workers)]
        ready = Stage(folder, recorder, workers, clock(environs[0], folder), *(servers or ()))
        for worker in ready.processes:
            stack.callback(worker.end)
        yield ready


def _servers(stack: ExitStack, folder: Path, plan: Plan) -> tuple[Postgres, Redis]:
    for name in ("postgres", "redis"):
        (folder / name).mkdir()
    servers = Postgres(folder / "postgres", fsync=plan.fsync), Redis(folder / "redis")
    for server in servers:
        stack.callback(server.crash)
        server.start()
    return servers


def _environment(folder: Path, mail: int, servers: tuple[Postgres, Redis] | None, machine: int = 0) -> dict[str, str]:
    """Return all that a process of the run knows of the world, but for its time."""
    var = folder / f"var{machine}"
    var.mkdir(exist_ok=True)
    given = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "PYTHONPATH": f"{folder}:{ROOT}",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "VAR_DIR": str(var),
        "SECRET_KEY": "one key for all machines of this run, and for no other: 0123456789",
        "SITE_URL": "https://papers.example.org",
        "EMAIL_URL": f"smtp://127.0.0.1:{mail}",
        "EMAIL_TIMEOUT": str(EMAIL_TIMEOUT),
        "MAIL_REPLY_TIMEOUT": str(EMAIL_TIMEOUT),
        "MAIL_STOP_SHARE": "0.5",  # more is refused here than where somebody should be called
        "DATABASE_URL": f"sqlite:///{folder / 'broadsheet.sqlite3'}",
    }
    if servers is not None:
        given |= {"DATABASE_URL": servers[0].url, "REDIS_URL": servers[1].url}
    return given
