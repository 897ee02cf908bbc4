"""A private PostgreSQL and a private Redis in a folder of the run, which die with the harness, and may be hurt."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import redis

PATIENCE = 60.0  # seconds for a server to come up
WITH_US = ["setpriv", "--pdeathsig", "KILL"]  # whatever happens to the harness, its servers end too


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def postgres_programs() -> Path | None:
    """Return the folder of PostgreSQL's programs, of the newest version that is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


class Server:
    """A process that is started, hurt and started again on the same port."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def run(self, *command: str | Path) -> None:
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)

    def end(self, how: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(PATIENCE)
            self.process = None

    def wait(self) -> None:
        ends = time.monotonic() + PATIENCE
        while time.monotonic() < ends:
            with suppress(OSError):
                if self.answers():
                    return
            time.sleep(0.05)
        raise SystemExit(f"{type(self).__name__} did not come up within {PATIENCE:g} seconds: see {self.folder}/log")

    def answers(self) -> bool:
        raise NotImplementedError


class Postgres(Server):
    def __init__(self, folder: Path, *, fsync: bool) -> None:
        super().__init__(folder)
        programs = postgres_programs()
        if programs is None:
            raise SystemExit("no PostgreSQL is installed: apt-get install postgresql")
        self.programs, self.fsync = programs, fsync
        self.user = "postgres" if os.geteuid() == 0 else None  # PostgreSQL refuses to be root
        self.data = folder / "data"
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/postgres"
        if self.user:
            shutil.chown(folder, self.user)
        options = ["-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C"]
        command: list[str | Path] = [programs / "initdb", "-D", self.data, *options]
        subprocess.run(command, user=self.user, check=True, stdout=subprocess.DEVNULL, env={"PATH": os.environ["PATH"]})

    def start(self) -> None:
        fsync = "on" if self.fsync else "off"
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c max_connections=100 -c fsync={fsync}".split()
        self.run(*self._with_us(), self.programs / "postgres", "-D", self.data, "-k", self.data, *options)
        self.wait()

    def _with_us(self) -> list[str]:
        if self.user is None:
            return WITH_US
        entry = pwd.getpwnam(self.user)
        return [*WITH_US, "--reuid", str(entry.pw_uid), "--regid", str(entry.pw_gid), "--clear-groups"]

    def answers(self) -> bool:
        ready: list[str | Path] = [self.programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(ready, check=False).returncode == 0

    def crash(self) -> None:
        """Stop at once, as `pg_ctl -m immediate` does: connections break, and what comes next is recovery."""
        self.end(signal.SIGQUIT)


class Redis(Server):
    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        where: list[str | Path] = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", self.folder]
        self.run(*WITH_US, "redis-server", *where, "--save", "")
        self.wait()

    def answers(self) -> bool:
        with suppress(redis.ConnectionError), redis.Redis.from_url(self.url) as client:
            return bool(client.ping())
        return False

    def wipe(self) -> None:
        with redis.Redis.from_url(self.url) as client:
            client.flushall()

    def crash(self) -> None:
        self.end(signal.SIGKILL)
