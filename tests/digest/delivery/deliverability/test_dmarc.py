import pytest

from digest.delivery.deliverability.dmarc import look
from digest.delivery.deliverability.finding import Level
from tests.digest.delivery.deliverability.zone import names

HERE = "papers.example.org"


def levels(
    *records: str, sender: str = HERE, bounces: str = HERE, signs: str = HERE, without: str = "\0"
) -> list[tuple[Level, str]]:
    with names(*records, without=without) as asked:
        return [(found.level, found.said) for found in look(asked, sender, bounces=bounces, signs=signs)]


def of(record: str) -> list[tuple[Level, str]]:
    return levels(f'_dmarc.papers.example.org. IN TXT "{record}"', without="_dmarc")


AGREES = (
    Level.OK,
    "From (papers.example.org) agrees with SPF (papers.example.org) and with DKIM (papers.example.org).",
)


def test_policy_to_which_all_agrees_is_in_order() -> None:
    assert levels() == [(Level.OK, "_dmarc.papers.example.org says p=quarantine."), AGREES]


def test_policy_for_a_start_is_in_order() -> None:
    said = of("v=DMARC1; p=none; rua=mailto:dmarc@example.org")
    assert said == [(Level.OK, "_dmarc.papers.example.org says p=none for a start."), AGREES]


def test_policy_without_reports_is_warned_of() -> None:
    assert of("v=DMARC1; p=reject")[1] == (Level.WARN, "Nobody is told who sends in your name.")


@pytest.mark.parametrize("record", ["v=DMARC1; p=strict", "v=DMARC1; rua=mailto:x@example.org"])
def test_policy_that_is_none_fails(record: str) -> None:
    assert of(record)[0][0] == Level.FAIL


def test_domain_without_a_policy_fails_and_is_told_what_to_publish() -> None:
    said = "There is no record for papers.example.org: large mail systems ask for one."
    assert levels(without="_dmarc") == [(Level.FAIL, said)]


def test_two_policies_count_as_none() -> None:
    said = "_dmarc.papers.example.org has 2 records: they count as none."
    assert levels('_dmarc.papers.example.org. IN TXT "v=DMARC1; p=none"') == [(Level.FAIL, said)]


def test_policy_of_the_domain_above_holds_with_its_word_for_those_below() -> None:
    above = '_dmarc.example.org. IN TXT "v=DMARC1; p=reject; sp=none; rua=mailto:x@example.org"'
    found = levels(above, without="_dmarc", bounces="bounce.example.org", signs="example.org")
    assert found[0] == (Level.OK, "_dmarc.example.org says sp=none for a start.")
    assert found[1][0] == Level.OK


def test_provider_that_signs_as_itself_is_warned_of() -> None:
    said = "From (papers.example.org) does not agree with DKIM (relay.example.net)."
    assert levels(signs="relay.example.net")[-1] == (Level.WARN, said)


def test_sender_with_whom_nothing_agrees_fails() -> None:
    assert levels(signs="relay.example.net", bounces="relay.example.net")[-1][0] == Level.FAIL


def test_strict_alignment_wants_the_very_domain() -> None:
    record = '_dmarc.papers.example.org. IN TXT "v=DMARC1; p=none; adkim=s; aspf=r; rua=mailto:x@example.org"'
    below = levels(record, without="_dmarc", signs="mail.papers.example.org", bounces="mail.papers.example.org")
    said = "From (papers.example.org) does not agree with DKIM (mail.papers.example.org)."
    assert below[-1] == (Level.WARN, said)


def test_server_that_does_not_know_is_no_fault() -> None:
    [(level, said)] = levels(sender="broken.example.com")
    assert (level, said.partition(":")[0]) == (Level.WARN, "could not be asked")
