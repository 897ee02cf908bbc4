"""Runs the chaos from the command line: one JSON line of counts for each run, and the faults where there are any."""

import argparse
import json
import random
import signal
import sys
from dataclasses import replace
from types import FrameType

from tests.chaos.run import chaos
from tests.chaos.stage import Plan

SHOWN = 20  # faults


def plan_of(arguments: argparse.Namespace) -> Plan:
    seed = arguments.seed if arguments.seed is not None else random.SystemRandom().randrange(1_000_000)
    if arguments.embedded:
        plan = Plan(seed, digests=600, kills=8, embedded=True, deadline=120)
    else:
        plan = Plan(seed, digests=5000, kills=25)
    if arguments.short:
        digests, kills = (150, 3) if plan.embedded else (500, 5)
        plan = replace(plan, digests=digests, kills=kills, fsync=False, factor=60, deadline=90)
    given = {name: value for name in ("digests", "kills", "machines") if (value := getattr(arguments, name))}
    return replace(plan, **given)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--embedded", action="store_true", help="SQLite and the embedded clock, no PostgreSQL or Redis")
    parser.add_argument("--short", action="store_true", help="a tenth of it, in less than half a minute")
    parser.add_argument("--seed", type=int, help="repeat the mishaps of a run")
    parser.add_argument("--digests", type=int)
    parser.add_argument("--kills", type=int)
    parser.add_argument("--machines", type=int, help="spread the workers over so many")
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
