"""What befalls an installation beside kills: servers that restart, forget, or stay away, and a worker that hangs.

Each blow returns at once or lasts for some seconds; what has to be undone later is told to the stage.
"""

import random
from collections.abc import Callable
from time import sleep, time

from tests.chaos.stage import Plan, Stage

LEASE_MINUTES = 10  # of the project, by its own clock
AWAY = 6.0  # seconds

Blow = Callable[[Plan, Stage, random.Random], None]


def restart_postgres(plan: Plan, stage: Stage, dice: random.Random) -> None:
    if stage.postgres is not None:
        stage.postgres.crash()
        stage.postgres.start()


def postgres_away(plan: Plan, stage: Stage, dice: random.Random) -> None:
    """Leave everybody without a database for longer than the network's patience."""
    if stage.postgres is not None:
        stage.postgres.crash()
        sleep(AWAY)
        stage.postgres.start()


def wipe_redis(plan: Plan, stage: Stage, dice: random.Random) -> None:
    if stage.redis is not None:
        stage.redis.wipe()


def restart_redis(plan: Plan, stage: Stage, dice: random.Random) -> None:
    """Restart it, empty: it keeps nothing on the disk."""
    if stage.redis is not None:
        stage.redis.crash()
        stage.redis.start()


def redis_away(plan: Plan, stage: Stage, dice: random.Random) -> None:
    if stage.redis is not None:
        stage.redis.crash()
        stage.later(AWAY, stage.redis.start)


def mail_away(plan: Plan, stage: Stage, dice: random.Random) -> None:
    """Let the mail system hang up on everybody for a while."""
    stage.recorder.away = True
    stage.later(AWAY, stage.recorder.come_back)


def hang(plan: Plan, stage: Stage, dice: random.Random) -> None:
    """Stop a worker in the middle of what it does (SIGSTOP), and let it go on when its lease is long over."""
    busy = [worker for worker in stage.workers if worker.lines(stage.recorder.port)]
    victim = dice.choice(busy or stage.workers)
    stage.stopped_at.append(time())
    victim.hang()
    stage.later(LEASE_MINUTES * 60 / plan.factor * 1.3, victim.wake)


BLOWS: dict[str, Blow] = {
    "PostgreSQL restarted": restart_postgres,
    "PostgreSQL away": postgres_away,
    "Redis wiped": wipe_redis,
    "Redis restarted, empty": restart_redis,
    "Redis away": redis_away,
    "mail system away": mail_away,
    "worker stopped past its lease": hang,
}
USUAL = ("PostgreSQL restarted", "Redis wiped", "Redis restarted, empty", "mail system away")
