"""What the replies of mail systems speak about: the address, the pace, or the sender; and of which of them.

Told by the enhanced status codes of RFC 3463, where a reply has one, and else by what RFC 5321 means by the code. What
follows from it is `pace`'s.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from digest.delivery.wire.handover import Fate, Outcome
from digest.models.breaker import Heard

OWN = ""  # in place of a domain: the mail system that all mail goes through
WIDELY = 3  # mail systems that say the same at once: then it is our own that says so
ALONE = 0.75  # of these replies, from which on one mail system is nearly the only one
FEW = 0.1  # of all mails: what fewer of them hear is no trouble of our own

_ENHANCED = re.compile(r"\d{3}[ -]([45])\.(\d{1,3})\.\d{1,3}(?![.\d])")
_GREYLISTED = re.compile(r"gr[ea]y-?list|postgrey", re.IGNORECASE)
_OF_THE_ADDRESS = {"1", "2", "4"}  # address, mailbox, and the way to it
_NO_SUCH_MAILBOX = {550, 551, 552, 553}
_NOT_ALLOWED = {401, 402, 403}  # to use the provider's API


def is_of_provider(outcome: Outcome) -> bool:
    """Whether our own provider says so of itself, whoever the mail was for."""
    return outcome.code == 429 or (outcome.code in _NOT_ALLOWED and outcome.fate is Fate.FAILED)


def asks_for_fewer(outcome: Outcome) -> bool:
    """Whether a mail system wants less mail. Who is greylisted has only to come again, as all retries do."""
    if outcome.fate is not Fate.RETRY:
        return False
    if outcome.code in (421, 429):
        return True
    said = _ENHANCED.match(outcome.reason)
    return said is not None and said.groups() == ("4", "7") and not _GREYLISTED.search(outcome.reason)


def refuses_sender(outcome: Outcome) -> bool:
    """Whether a refusal is about who sends, how or what, and so tells what the next mails will hear."""
    if outcome.fate is not Fate.FAILED or outcome.code is None:
        return False
    if outcome.code < 500:
        return outcome.code in _NOT_ALLOWED
    said = _ENHANCED.match(outcome.reason)
    return said[2] not in _OF_THE_ADDRESS if said else outcome.code not in _NO_SUCH_MAILBOX


def is_trouble(outcome: Outcome) -> bool:
    return asks_for_fewer(outcome) or refuses_sender(outcome)


def domain_of(address: str) -> str:
    return address.rpartition("@")[2].lower()


def heard_by_domain(results: Iterable[tuple[str, Outcome]]) -> dict[str, Heard]:
    """Add up what became of mails, given as address and outcome, by the domain of the address."""
    by_domain: dict[str, Heard] = defaultdict(Heard)
    for address, outcome in results:
        by_domain[OWN if is_of_provider(outcome) else domain_of(address)] += _heard(outcome)
    return by_domain


def is_everywhere(by_domain: Mapping[str, Heard], groups: Mapping[str, int], what: str) -> bool:
    """Whether many mails heard so (`slowed` or `refused`), of several mail systems, and not nearly all from one."""
    replies: Counter[int | str] = Counter()
    for domain, heard in by_domain.items():
        if domain != OWN and (count := getattr(heard, what)):
            replies[groups.get(domain, domain)] += count
    mails = sum(heard.mails for heard in by_domain.values())
    return len(replies) >= WIDELY and max(replies.values()) <= ALONE * replies.total() and replies.total() > FEW * mails


def apportioned(by_domain: Mapping[str, Heard], groups: Mapping[str, int], everything: int) -> dict[int, Heard]:
    """Return what each row of `Pace` hears, by its key: the group of each domain that has one, and `everything`.

    What one mail system says is its own affair. What is said everywhere, and a refusal by one without a group, counts
    for all mail.
    """
    by_row: dict[int, Heard] = defaultdict(Heard)
    total, loose, own = Heard(), Heard(), by_domain.get(OWN, Heard())
    for domain, heard in by_domain.items():
        total += heard
        if domain in groups:
            by_row[groups[domain]] += heard
        elif domain != OWN:
            loose += heard
    for what, alone in (("slowed", own.slowed), ("refused", own.refused + loose.refused)):
        if not is_everywhere(by_domain, groups, what):
            setattr(total, what, alone)
            continue
        for heard in by_row.values():
            setattr(heard, what, 0)
    by_row[everything] = total
    return by_row


def _heard(outcome: Outcome) -> Heard:
    slowed, refused = asks_for_fewer(outcome), refuses_sender(outcome)
    return Heard(
        accepted=outcome.fate is Fate.ACCEPTED,
        failed=outcome.fate is Fate.FAILED,
        retried=outcome.fate is Fate.RETRY,
        uncertain=outcome.fate is Fate.UNCERTAIN,
        slowed=slowed,
        refused=refused,
        said=outcome.reason if slowed or refused else "",
    )
