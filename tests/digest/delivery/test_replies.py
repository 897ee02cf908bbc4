import pytest

from digest.delivery.replies import apportioned, asks_for_fewer, heard_by_domain, is_of_provider, refuses_sender
from digest.delivery.wire.handover import Fate, Outcome, refused
from digest.models.breaker import Heard

GMAIL, EVERYTHING = 7, 1
TAKEN = Outcome(Fate.ACCEPTED, 250, "2.0.0 queued")
SLOWED = refused(421, b"4.7.28 too fast")
REFUSED = refused(550, b"5.7.1 bad reputation")


@pytest.mark.parametrize(
    ("outcome", "is_slow"),
    [
        (SLOWED, True),
        (refused(421, b"closing"), True),
        (refused(451, b"4.7.500 server busy"), True),
        (refused(454, b"4.7.0 throttling failure"), True),
        (refused(429, b"Too many requests", later=True), True),
        (refused(451, b"4.7.1 Greylisting in action, come back later"), False),
        (refused(450, b"4.2.0 Recipient address rejected: Greylisted"), False),
        (refused(452, b"4.2.2 mailbox full"), False),
        (refused(451, b"blocked 4.7.1.9 for now"), False),
        (refused(550, b"4.7.1 what"), False),
        (TAKEN, False),
        (Outcome(Fate.RETRY, reason="the connection broke"), False),
    ],
)
def test_reply_asks_for_fewer_mails(outcome: Outcome, is_slow: bool) -> None:
    assert asks_for_fewer(outcome) is is_slow


@pytest.mark.parametrize(
    ("outcome", "is_ours"),
    [
        (REFUSED, True),
        (refused(550, b"5.7.26 not authenticated"), True),
        (refused(552, b"5.3.4 too big"), True),
        (refused(554, b"Transaction failed, spam"), True),
        (refused(401, b"no such key", later=False), True),
        (refused(550, b"5.1.1 no such mailbox"), False),
        (refused(552, b"5.2.2 mailbox full"), False),
        (refused(550, b"5.4.1 Recipient address rejected: Access denied"), False),
        (refused(550, b"No such user here"), False),
        (refused(400, b"not an address", later=False), False),
        (Outcome(Fate.FAILED, reason="the mail system took no mail"), False),
        (SLOWED, False),
        (TAKEN, False),
    ],
)
def test_refusal_is_about_the_sender(outcome: Outcome, is_ours: bool) -> None:
    assert refuses_sender(outcome) is is_ours


def test_provider_speaks_of_itself_where_it_counts_requests_or_refuses_the_key() -> None:
    assert [is_of_provider(refused(code, b"", later=code == 429)) for code in (429, 401, 403, 400)] == [
        True,
        True,
        True,
        False,
    ]


def shares(*results: tuple[str, Outcome]) -> dict[int, tuple[int, int]]:
    rows = apportioned(heard_by_domain(results), {"gmail.example": GMAIL}, EVERYTHING)
    return {key: (heard.slowed, heard.refused) for key, heard in rows.items()}


def test_what_one_mail_system_says_is_its_own_affair() -> None:
    results = [("a@gmail.example", SLOWED), ("b@gmail.example", REFUSED), ("c@one.example", TAKEN)]
    assert shares(*results) == {GMAIL: (1, 1), EVERYTHING: (0, 0)}


def test_what_many_mail_systems_say_counts_for_all_mail() -> None:
    results = [(f"a@{domain}.example", outcome) for domain in ("gmail", "one", "two") for outcome in (SLOWED, REFUSED)]
    assert shares(*results) == {GMAIL: (0, 0), EVERYTHING: (3, 3)}


def test_what_nearly_only_one_says_is_its_own_affair_still() -> None:
    results = [("a@gmail.example", REFUSED)] * 8 + [("b@one.example", REFUSED), ("c@two.example", REFUSED)]
    assert shares(*results) == {GMAIL: (0, 8), EVERYTHING: (0, 2)}


def test_what_few_mails_hear_is_no_trouble_of_our_own() -> None:
    results = [(f"a@{number % 3}.example", SLOWED if number < 3 else TAKEN) for number in range(30)]
    assert shares(*results) == {EVERYTHING: (0, 0)}


def test_refusal_by_a_domain_without_a_group_counts_for_all_mail_and_a_wish_for_fewer_does_not() -> None:
    assert shares(("a@one.example", REFUSED), ("b@two.example", SLOWED)) == {EVERYTHING: (0, 1)}


def test_what_the_provider_says_of_itself_counts_for_all_mail() -> None:
    results = [("a@gmail.example", refused(429, b"Too many requests", later=True))]
    assert shares(*results) == {EVERYTHING: (1, 0)}


def test_everything_is_counted_by_domain() -> None:
    fates = [(TAKEN, 3), (SLOWED, 2), (REFUSED, 1), (Outcome(Fate.UNCERTAIN), 1)]
    results = [("a@One.example", outcome) for outcome, times in fates for _ in range(times)]
    assert heard_by_domain(results) == {
        "one.example": Heard(accepted=3, retried=2, failed=1, uncertain=1, slowed=2, refused=1, said=REFUSED.reason)
    }
