"""Compares the ledger with what the mail system saw: what was lost, repeated, or cannot be explained is a fault.

Pure. A digest may be uncertain only if its own final dot was sent, or about to be, when its connection died: because
the server closed it or was too slow, or because the worker was killed.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tests.chaos.dice import Luck
from tests.chaos.recorder import End, Record

OPEN = ("pending", "retry", "handing_over", "waiting")
SENT = ("accepted", "uncertain")
# A killed worker's connection ends at once, but for what a busy machine adds; so does its reply find nobody.
SOON = 2.0
BEFORE = 0.2
SERVERS_DOING = {
    Luck.CUT_STORED: "the server closed after the final dot",
    Luck.CUT_UNSTORED: "the server closed after the final dot",
    Luck.CUT_IN_CONTENT: "the server closed while the end of the mail was on its way",
    Luck.STUCK_STORED: "the server was too slow to answer the final dot",
    Luck.STUCK_UNSTORED: "the server was too slow to answer the final dot",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """What the ledger says of one digest, or of one letter."""

    key: str
    recipient: str
    state: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the mail system and the harness saw. `kills` are the moments at which a worker was killed,
    or was stopped to be killed later.
    """

    records: Sequence[Record]
    ends: Mapping[int, End]
    kills: Sequence[float]


@dataclass
class Verdict:
    faults: list[str] = field(default_factory=list)
    explained: Counter[str] = field(default_factory=Counter)
    arrived_uncertain: int = 0

    @property
    def kinds(self) -> dict[str, int]:
        """Return how many faults there are of each kind."""
        return dict(Counter(fault.partition(":")[0] for fault in self.faults))


def judge(ledger: Sequence[Entry], evidence: Evidence, *, eligible: int) -> Verdict:
    verdict = Verdict()
    by_recipient: defaultdict[str, list[Record]] = defaultdict(list)
    for record in evidence.records:
        by_recipient[record.recipient].append(record)
    if len(ledger) != eligible:
        verdict.faults.append(f"lost: {eligible} mails were due, and {len(ledger)} are in the ledger")
    for entry in ledger:
        verdict.faults += _faults(entry, by_recipient[entry.recipient])
    verdict.faults += _repeated(evidence.records)
    verdict.faults += _strangers(ledger, evidence.records)
    _explain([entry for entry in ledger if entry.state == "uncertain"], by_recipient, evidence, verdict)
    return verdict


def _faults(entry: Entry, records: Sequence[Record]) -> Iterator[str]:
    stored = any(record.stored for record in records)
    refused = any(record.code is not None and record.code >= 500 for record in records)
    if entry.state in OPEN:
        yield f"open: {entry.recipient} is still {entry.state}"
    elif entry.state == "accepted" and not stored:
        yield f"lost: {entry.recipient} is accepted, and the server has no such mail"
    elif entry.state == "failed" and not refused:
        yield f"lost: {entry.recipient} failed, and the server never refused it ({entry.reason})"
    elif entry.state not in (*SENT, "failed"):
        yield f"lost: {entry.recipient} is {entry.state} ({entry.reason})"
    if stored and entry.state not in (*SENT, *OPEN):
        yield f"wrong: {entry.recipient} is {entry.state}, and the server has the mail"


def _repeated(records: Sequence[Record]) -> Iterator[str]:
    stored = [record for record in records if record.stored]
    for message_id, times in Counter(record.message_id for record in stored).items():
        if times > 1:
            yield f"twice: the server has {times} mails with Message-ID {message_id or 'none'}"
    for recipient, names in _names(stored).items():
        if len(names) > 1:
            yield f"twice: {recipient} has {len(names)} different mails"


def _names(records: Sequence[Record]) -> dict[str, set[str]]:
    names: defaultdict[str, set[str]] = defaultdict(set)
    for record in records:
        names[record.recipient].add(record.message_id)
    return names


def _strangers(ledger: Sequence[Entry], records: Sequence[Record]) -> Iterator[str]:
    """Mails that the server has, and the ledger does not know."""
    keys = {entry.recipient: entry.key for entry in ledger}
    for record in records:
        if record.stored and keys.get(record.recipient, "unknown") not in record.message_id:
            yield f"wrong: the server has {record.message_id} for {record.recipient}, of no digest"


def _explain(
    uncertain: Sequence[Entry], by_recipient: Mapping[str, list[Record]], evidence: Evidence, verdict: Verdict
) -> None:
    last = {record.connection: record for record in evidence.records if record.dot_at or record.whole}
    lines: Counter[int] = Counter()
    for entry in uncertain:
        begun = [record for record in by_recipient[entry.recipient] if record.message_id]
        why = _why(begun[-1], evidence, last) if begun else None
        if why is None:
            seen = begun[-1] if begun else "no mail at all"
            verdict.faults.append(f"unexplained: {entry.recipient} is uncertain ({entry.reason}); seen: {seen}")
            continue
        verdict.explained[why] += 1
        verdict.arrived_uncertain += begun[-1].stored
        lines[begun[-1].connection] += 1
    verdict.faults += [f"unexplained: {n} uncertain on connection {line}" for line, n in lines.items() if n > 1]


def _why(record: Record, evidence: Evidence, last: Mapping[int, Record]) -> str | None:
    """Return why nobody could know the fate of this hand-over; None where somebody could."""
    if record.luck in SERVERS_DOING:
        return SERVERS_DOING[record.luck]
    end = evidence.ends.get(record.connection)
    if end is None or end.by == "quit" or last.get(record.connection) is not record:
        return None
    begins, until = (record.dot_at or record.over_at) - BEFORE, record.over_at + SOON
    if end.by == "client":  # else the server closed at what came along with the final dot: the next mail's envelope
        until = min(until, end.at + BEFORE)
    if not any(begins <= kill <= until for kill in evidence.kills):
        return None
    if record.dot_at is None:
        return "the worker was killed at the final dot, which never left"
    return "the worker was killed after the final dot"
