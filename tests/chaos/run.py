"""The story of one run: let the workers deliver, hurt everything, wait for the end, judge, and count."""

import json
import random
import shutil
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from tests.chaos import scene
from tests.chaos.blows import BLOWS
from tests.chaos.recorder import End, Record
from tests.chaos.stage import Plan, Stage, stage
from tests.chaos.verdict import Entry, Evidence, Verdict, judge
from tests.chaos.workers import Kill

# Most fall amid mails, one in five at whatever a worker does: starting, recovering, claiming, composing, recording.
KILLS = ("kill amid mails", "kill amid mails", "kill at any time", "kill amid mails", "kill amid mails")
LOOK = 0.02  # seconds between two looks at how far they are
COUNT = 0.5  # seconds between two counts of the ledger
SURE = 4  # counts after which it is taken for complete: a worker that hung may put right what was given up for lost


@dataclass
class Run:
    plan: Plan
    stage: Stage
    dice: random.Random
    started: float = field(default_factory=time.time)
    ended: float | None = None
    kills: list[Kill] = field(default_factory=list)
    blows: list[str] = field(default_factory=list)  # other than kills

    def deliver(self) -> None:
        """Deliver until every mail has its end; hurt something whenever so many more mails have come."""
        waiting = sorted(self._plan_blows())
        counted, complete = 0.0, 0
        while time.time() < self.started + self.plan.deadline:
            for process in self.stage.processes:
                process.keep_running()
            self.stage.end_blows()
            if waiting and len(self.stage.recorder.records) >= waiting[0][0] and self._strike(waiting[0][1]):
                waiting.pop(0)
            if time.time() > counted + COUNT:
                counted = time.time()
                is_over = not (waiting or self.stage.endings) and scene.settled() == self.plan.mails
                complete = complete + 1 if is_over else 0
                if complete == SURE:
                    self.ended = counted - COUNT * SURE
                    return
            time.sleep(LOOK)

    def _plan_blows(self) -> Iterator[tuple[float, str]]:
        """Yield after how many mails which blow falls: all while the first nine tenths are on their way."""
        mails = self.plan.mails
        for number in range(self.plan.kills):
            yield mails * 0.9 * (number + self.dice.random()) / self.plan.kills, KILLS[number % len(KILLS)]
        for number, blow in enumerate(self.plan.blows):
            yield mails * 0.8 * (number + self.dice.random()) / len(self.plan.blows), blow

    def _strike(self, blow: str) -> bool:
        """Strike now; False where the victim is to be caught in the middle of a mail, and nobody is."""
        if blow in KILLS:
            return self._kill(amid_mails=blow == "kill amid mails")
        BLOWS[blow](self.plan, self.stage, self.dice)
        self.blows.append(blow)
        return True

    def _kill(self, *, amid_mails: bool) -> bool:
        """Kill one: of those that have a connection to the mail system, or whatever it does."""
        port = self.stage.recorder.port
        victims = self.stage.processes if self.plan.embedded else self.stage.workers
        busy = [worker for worker in victims if worker.lines(port)]
        if amid_mails and not busy:
            return False
        time.sleep(self.dice.random() * 0.05)
        kill = self.dice.choice(busy if amid_mails else victims).kill(self.dice, port)
        if kill is not None:
            self.kills.append(kill)
        return kill is not None


def chaos(plan: Plan) -> tuple[dict[str, Any], list[str]]:
    """Do one run; return its counts, and its faults."""
    with stage(plan) as ready:
        run = Run(plan, ready, random.Random(plan.seed))  # noqa: S311 - meant to be repeated
        run.deliver()
        counts, faults = _judge(run)
    if faults:
        counts["logs"] = str(ready.folder)
        _keep(run)
    else:
        shutil.rmtree(ready.folder)
    return counts, faults


def _keep(run: Run) -> None:
    """Leave what was seen beside the logs, for whoever looks for the reason."""
    recorder = run.stage.recorder
    ends = [End(end.at, f"{number} by {end.by}") for number, end in recorder.ends.items()]
    seen: list[Record | End | Kill] = [*recorder.records, *ends, *run.kills]
    lines = [json.dumps(asdict(one)) for one in seen]
    (run.stage.folder / "seen.jsonl").write_text("\n".join(lines))


def _judge(run: Run) -> tuple[dict[str, Any], list[str]]:
    plan, recorder = run.plan, run.stage.recorder
    digests, letters = scene.digests(), scene.letters()
    evidence = Evidence(recorder.records, recorder.ends, [*(kill.at for kill in run.kills), *run.stage.stopped_at])
    verdict = judge([*digests, *letters], evidence, eligible=plan.mails)
    faults = [*verdict.faults, *(f"breach: {breach}" for breach in recorder.breaches)]
    if run.ended is None:
        faults.append(f"late: not every mail had its end within {plan.deadline:g} seconds")
    if len(run.kills) < plan.kills or len(run.blows) < len(plan.blows):
        faults.append(f"tame: {len(run.kills)} kills of {plan.kills}, and of other blows {run.blows}")
    states = Counter(entry.state for entry in digests)
    closed = scene.close_edition()
    if (closed["eligible"], closed["counts"], closed["holds"]) != (plan.digests, states, True) or not closed[
        "closed_at"
    ]:
        faults.append(f"equation: the edition ended with {closed}, and the ledger holds {dict(states)}")
    if closed["named"] != plan.digests - states["accepted"]:
        faults.append(f"equation: {closed['named']} readers are named as those who got nothing")
    return _counts(run, verdict, digests, letters), faults


def _counts(run: Run, verdict: Verdict, digests: Sequence[Entry], letters: Sequence[Entry]) -> dict[str, Any]:
    """Return the numbers of a run, as they are printed."""
    plan, recorder = run.plan, run.stage.recorder
    states = Counter(entry.state for entry in digests)
    seconds = (run.ended or time.time()) - run.started
    return {
        "figure": "chaos_embedded" if plan.embedded else "chaos",
        "seed": plan.seed,
        "eligible": plan.digests,
        **states,
        "letters": dict(Counter(entry.state for entry in letters)),
        "lost": verdict.kinds.get("lost", 0),
        "sent_twice": verdict.kinds.get("twice", 0),
        "explained": dict(verdict.explained),
        "uncertain_arrived": verdict.arrived_uncertain,
        "unexplained": verdict.kinds.get("unexplained", 0),
        "kills": dict(Counter(kill.what for kill in run.kills)),
        "lines_killed": sum(kill.lines for kill in run.kills),
        "blows": run.blows,
        "mishaps": dict(Counter(record.luck for record in recorder.records)),
        "connections": recorder.connections,
        "connections_cut": sum(end.by != "quit" for end in recorder.ends.values()),
        "attempts": sum(recorder.attempts.values()),
        "seconds": round(seconds, 1),
        "mails_per_s": round(states["accepted"] / seconds, 1),
        "faults": verdict.kinds,
    }
