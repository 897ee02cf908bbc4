"""Runs the chaos from the command line: one JSON line of counts for each run, and the faults where there are any."""

import argparse
import json
import random
import signal
import sys
from dataclasses import replace
from types import FrameType

from tests.chaos.blows import BLOWS, USUAL
from tests.chaos.run import chaos
from tests.chaos.stage import Plan

SHOWN = 20  # faults
GIVEN = ("digests", "letters", "kills", "workers", "machines", "ahead", "factor", "deadline")
HELP = {
    "machines": "spread the workers over so many, none of which sees the journals of another",
    "ahead": "minutes by which the clock of the last machine is ahead",
    "factor": "how much faster than the wall's their clock goes",
    "deadline": "seconds after which the run has failed",
}


def plan_of(arguments: argparse.Namespace) -> Plan:
    seed = arguments.seed if arguments.seed is not None else random.SystemRandom().randrange(1_000_000)
    if arguments.embedded:
        plan = Plan(seed, digests=600, letters=60, kills=8, embedded=True, deadline=200)
    else:
        plan = Plan(seed, digests=5000, letters=500, kills=25, machines=2, blows=USUAL)
    if arguments.short:
        digests, kills = (150, 3) if plan.embedded else (400, 5)
        plan = replace(
            plan, digests=digests, letters=digests // 10, kills=kills, fsync=False, factor=90, blows=plan.blows[:2]
        )
    given = {name: value for name in GIVEN if (value := getattr(arguments, name)) is not None}
    if arguments.blows is not None:
        given["blows"] = tuple(name for name in arguments.blows.split(";") if name)
    return replace(plan, **given)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--embedded", action="store_true", help="SQLite and the embedded clock, no PostgreSQL or Redis")
    parser.add_argument("--short", action="store_true", help="a tenth of it, in less than half a minute")
    parser.add_argument("--seed", type=int, help="repeat the mishaps of a run")
    for name in GIVEN:
        parser.add_argument(f"--{name}", type=float if name in ("ahead", "deadline") else int, help=HELP.get(name))
    parser.add_argument("--blows", help=f"beside kills, divided by semicolons: {'; '.join(BLOWS)}")
    plan = plan_of(parser.parse_args())
    signal.signal(signal.SIGTERM, _leave)
    sys.stderr.write(f"{plan}\n")
    counts, faults = chaos(plan)
    sys.stdout.write(json.dumps(counts) + "\n")
    for fault in faults[:SHOWN]:
        sys.stderr.write(f"{fault}\n")
    return bool(faults)


def _leave(_signal: int, _frame: FrameType | None) -> None:
    """End as on Ctrl-C, so that everything is cleared away."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
