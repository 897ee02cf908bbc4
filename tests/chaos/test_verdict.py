"""The verdict itself: a run in which something was lost, repeated or cannot be explained must not pass."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.chaos.dice import Luck
from tests.chaos.recorder import End, Record
from tests.chaos.verdict import Entry, Evidence, Verdict, judge

ADA, BEN = "ada@example.org", "ben@example.org"
ACCEPTED = Record(
    connection=1,
    recipient=ADA,
    luck=Luck.ACCEPT,
    over_at=100.0,
    code=250,
    message_id="digest-a1@papers",
    whole=True,
    dot_at=100.0,
    stored=True,
)
CUT_STORED = replace(ACCEPTED, luck=Luck.CUT_STORED, code=None)
REFUSED = Record(connection=1, recipient=ADA, luck=Luck.REFUSE_AT_RCPT, over_at=99.0, code=550)
LATER = Record(connection=1, recipient=ADA, luck=Luck.LATER_AT_RCPT, over_at=99.0, code=451)
REFUSED_AT_DOT = replace(ACCEPTED, luck=Luck.REFUSE_AT_DOT, code=554, stored=False)
NEVER_DOTTED = replace(ACCEPTED, code=None, dot_at=None, stored=False)


def verdict(
    *ledger: Entry,
    records: Sequence[Record] = (),
    ended: float = 100.1,
    by: str = "client",
    kills: Sequence[float] = (),
    eligible: int | None = None,
) -> Verdict:
    ends = {record.connection: End(ended, by) for record in records}
    due = len(ledger) if eligible is None else eligible
    return judge(ledger, Evidence(records, ends, kills), eligible=due)


def ada(state: str) -> Entry:
    return Entry("a1", ADA, state)


# --- What is as it should be


@pytest.mark.parametrize(
    ("state", "records"),
    [
        ("accepted", [ACCEPTED]),
        ("accepted", [LATER, REFUSED_AT_DOT, ACCEPTED]),
        ("failed", [REFUSED]),
        ("failed", [REFUSED_AT_DOT]),
        ("uncertain", [CUT_STORED]),
        ("uncertain", [replace(CUT_STORED, luck=Luck.CUT_UNSTORED, stored=False)]),
    ],
)
def test_fate_that_the_server_saw_too_is_no_fault(state: str, records: list[Record]) -> None:
    assert verdict(ada(state), records=records).faults == []


# --- Lost


@pytest.mark.parametrize("state", ["pending", "retry", "handing_over"])
def test_digest_without_an_end_is_open(state: str) -> None:
    assert verdict(ada(state)).kinds == {"open": 1}


@pytest.mark.parametrize(
    ("state", "records"),
    [
        ("accepted", []),
        ("accepted", [REFUSED]),
        ("accepted", [replace(CUT_STORED, luck=Luck.CUT_UNSTORED, stored=False)]),
        ("accepted", [replace(ACCEPTED, recipient=BEN, message_id="digest-b2@papers")]),
        ("failed", []),
        ("failed", [LATER]),
        ("expired", [LATER]),
        ("empty", []),
        ("suppressed", []),
    ],
)
def test_digest_that_the_server_does_not_have_or_never_refused_is_lost(state: str, records: list[Record]) -> None:
    others = (
        [Entry("b2", BEN, "accepted"), ada(state)] if any(one.recipient == BEN for one in records) else [ada(state)]
    )
    assert verdict(*others, records=records).kinds == {"lost": 1}


def test_reader_who_was_due_and_has_no_digest_is_lost() -> None:
    assert verdict(ada("accepted"), records=[ACCEPTED], eligible=2).kinds == {"lost": 1}


# --- Repeated, or wrong


def test_mail_that_the_server_stored_two_times_is_twice() -> None:
    again = replace(ACCEPTED, connection=2, over_at=300.0)
    assert "2 mails with Message-ID digest-a1@papers" in verdict(ada("accepted"), records=[ACCEPTED, again]).faults[0]
    assert verdict(ada("accepted"), records=[ACCEPTED, again]).kinds == {"twice": 1}


def test_mail_that_came_again_after_its_reply_was_lost_is_twice() -> None:
    assert verdict(ada("accepted"), records=[CUT_STORED, replace(ACCEPTED, connection=2)]).kinds == {"twice": 1}


def test_second_mail_under_another_name_is_twice_and_wrong() -> None:
    other = replace(ACCEPTED, connection=2, message_id="digest-c3@papers")
    assert verdict(ada("accepted"), records=[ACCEPTED, other]).kinds == {"twice": 1, "wrong": 1}


def test_mail_that_came_again_after_a_refusal_is_not_twice() -> None:
    later = replace(ACCEPTED, luck=Luck.LATER_AT_DOT, code=452, stored=False)
    assert verdict(ada("accepted"), records=[later, replace(ACCEPTED, connection=2)]).faults == []


@pytest.mark.parametrize(("state", "records"), [("failed", [REFUSED, ACCEPTED]), ("expired", [LATER, ACCEPTED])])
def test_mail_that_arrived_although_the_ledger_says_otherwise_is_wrong(state: str, records: list[Record]) -> None:
    assert verdict(ada(state), records=records).kinds["wrong"] == 1


def test_mail_of_no_digest_is_wrong() -> None:
    stranger = replace(ACCEPTED, recipient=BEN, message_id="digest-b2@papers")
    assert verdict(ada("accepted"), records=[ACCEPTED, stranger]).kinds == {"wrong": 1}


# --- Uncertain


@pytest.mark.parametrize(
    ("record", "why"),
    [
        (CUT_STORED, "the server closed after the final dot"),
        (replace(NEVER_DOTTED, luck=Luck.CUT_IN_CONTENT), "the server closed while the end of the mail was on its way"),
        (replace(ACCEPTED, luck=Luck.STUCK_STORED), "the server was too slow to answer the final dot"),
        (ACCEPTED, "the worker was killed after the final dot"),
        (NEVER_DOTTED, "the worker was killed at the final dot, which never left"),
    ],
)
def test_uncertain_digest_is_explained_by_how_its_connection_died(record: Record, why: str) -> None:
    judged = verdict(ada("uncertain"), records=[record], kills=[100.05])
    assert judged.faults == []
    assert dict(judged.explained) == {why: 1}
    assert judged.arrived_uncertain == record.stored


@pytest.mark.parametrize(
    "records",
    [
        [],
        [LATER],
        [REFUSED],
        [replace(NEVER_DOTTED, message_id="", whole=False)],
    ],
)
def test_uncertain_digest_whose_mail_was_never_sent_whole_is_unexplained(records: list[Record]) -> None:
    assert verdict(ada("uncertain"), records=records, kills=[100.05]).kinds == {"unexplained": 1}


@pytest.mark.parametrize("kills", [[], [98.0], [103.0]])
def test_uncertain_digest_without_a_kill_at_its_final_dot_is_unexplained(kills: list[float]) -> None:
    assert verdict(ada("uncertain"), records=[ACCEPTED], ended=104.0, kills=kills).kinds == {"unexplained": 1}


def test_uncertain_digest_on_a_connection_that_ended_well_is_unexplained() -> None:
    assert verdict(ada("uncertain"), records=[ACCEPTED], by="quit", kills=[100.05]).kinds == {"unexplained": 1}


@pytest.mark.parametrize(("kills", "faults"), [([100.05], {}), ([], {"unexplained": 1}), ([103.0], {"unexplained": 1})])
def test_uncertain_digest_whose_connection_closed_at_the_next_envelope_needs_a_kill_too(
    kills: list[float], faults: dict[str, int]
) -> None:
    closed = Record(connection=1, recipient=BEN, luck=Luck.BUSY_AT_RCPT, over_at=100.01, code=421)
    judged = verdict(ada("uncertain"), records=[ACCEPTED, closed], ended=100.02, by="server", kills=kills)
    assert judged.kinds == faults


def test_uncertain_digest_before_the_last_on_its_connection_is_unexplained() -> None:
    next_one = replace(ACCEPTED, recipient=BEN, message_id="digest-b2@papers")
    ledger = [ada("uncertain"), Entry("b2", BEN, "uncertain")]
    judged = verdict(*ledger, records=[ACCEPTED, next_one], kills=[100.05])
    assert judged.kinds == {"unexplained": 1}
    assert ADA in judged.faults[0]


def test_two_uncertain_digests_of_one_line_are_one_too_many() -> None:
    ledger = [ada("uncertain"), Entry("b2", BEN, "uncertain")]
    other = replace(CUT_STORED, recipient=BEN, message_id="digest-b2@papers")
    assert verdict(*ledger, records=[CUT_STORED, other], kills=[100.05]).kinds == {"unexplained": 1}
