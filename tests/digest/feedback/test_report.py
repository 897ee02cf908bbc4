from typing import Any

import pytest
from anymail.signals import AnymailTrackingEvent, EventType, RejectReason

from digest.feedback.report import read
from tests.make import NOON


def kind(provider: str, raw: dict[str, Any], **told: Any) -> str | None:
    stated = {"event_type": EventType.BOUNCED, "recipient": "ada@example.org", "timestamp": NOON, "metadata": None}
    report = read(AnymailTrackingEvent(**{**stated, "esp_event": raw, **told}), provider, NOON)
    return str(report.kind) if report else None


@pytest.mark.parametrize(
    ("provider", "final", "for_now"),
    [
        ("Amazon SES", {"bounce": {"bounceType": "Permanent"}}, {"bounce": {"bounceType": "Transient"}}),
        ("Brevo", {"event": "hard_bounce"}, {"event": "soft_bounce"}),
        ("MailerSend", {"data": {"type": "hard_bounced"}}, {"data": {"type": "soft_bounced"}}),
        ("Mailgun", {"event-data": {"reason": "suppress-bounce"}}, {"event-data": {"reason": "old"}}),
        ("Mailjet", {"hard_bounce": True}, {"hard_bounce": False}),
        ("Mailtrap", {"event": "bounce"}, {"event": ["bounce"]}),
        ("Mandrill", {"event": "hard_bounce"}, {"event": "soft_bounce"}),
        ("Postmark", {"Type": "HardBounce"}, {"Type": "SoftBounce"}),
        ("Resend", {"data": {"bounce": {"type": "Permanent"}}}, {"data": {"bounce": "Permanent"}}),
        ("SendGrid", {"type": "bounce"}, {"type": "blocked"}),
        ("SparkPost", {"msys": {"message_event": {"bounce_class": "10"}}}, {"msys": []}),
        ("Unisender Go", {"status": "hard_bounced"}, {}),
    ],
)
def test_bounce_is_final_where_the_provider_says_so(provider: str, final: Any, for_now: Any) -> None:
    assert (kind(provider, final), kind(provider, for_now)) == ("hard bounce", "soft bounce")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("550 5.1.1 no such user", "hard bounce"),
        ("smtp; 550-5.1.10 RESOLVER.ADR.RecipientNotFound", "hard bounce"),
        ("5.1.2.", "hard bounce"),
        ("550 5.7.26 the mail is not signed", "soft bounce"),
        ("552 5.2.2 mailbox full", "soft bounce"),
        ("451 4.7.1 later", "soft bounce"),
        ("no route to 203.5.1.1", "soft bounce"),
        ("no route to 5.1.1.7", "soft bounce"),
    ],
)
def test_code_of_the_receiver_comes_before_the_word_of_the_provider(words: str, expected: str) -> None:
    hard = {"Type": "HardBounce"} if expected == "soft bounce" and "route" not in words else {"Type": "SoftBounce"}
    assert kind("Postmark", hard, mta_response=words) == expected
    assert kind("Postal", {}, mta_response=words) == expected


@pytest.mark.parametrize(
    ("event_type", "reason", "expected"),
    [
        (EventType.REJECTED, RejectReason.BOUNCED, "hard bounce"),
        (EventType.REJECTED, RejectReason.INVALID, "hard bounce"),
        (EventType.REJECTED, RejectReason.SPAM, "complaint"),
        (EventType.REJECTED, RejectReason.UNSUBSCRIBED, "unsubscribe"),
        (EventType.REJECTED, RejectReason.BLOCKED, "rejected"),
        (EventType.REJECTED, None, "rejected"),
        (EventType.FAILED, None, "rejected"),
        (EventType.DEFERRED, None, "deferred"),
        (EventType.OPENED, None, None),
        (EventType.CLICKED, None, None),
        (EventType.QUEUED, None, None),
        (EventType.UNKNOWN, None, None),
    ],
)
def test_other_events_have_one_meaning_each(event_type: str, reason: str | None, expected: str | None) -> None:
    assert kind("Postmark", {}, event_type=event_type, reject_reason=reason) == expected


def key(**told: Any) -> str:
    stated = {"event_type": "bounced", "recipient": "ada@example.org", "timestamp": NOON, "message_id": "1"}
    report = read(AnymailTrackingEvent(**stated | told), "Brevo", NOON)
    assert report
    return report.key


def test_events_differ_by_their_id_or_by_all_that_they_say() -> None:
    others: list[dict[str, Any]] = [
        {"message_id": "2"},
        {"recipient": "bo@example.org"},
        {"event_type": "complained"},
        {"timestamp": None},
    ]
    assert len({key(), key(), *(key(**other) for other in others)}) == 5
    assert key(event_id="7") == key(event_id="7", message_id="2", timestamp=None)
    assert key(event_id="7") != key(event_id="7", recipient="bo@example.org")


@pytest.mark.parametrize(
    ("metadata", "message_id", "expected"),
    [
        ({"digest": "0f" * 16}, "4711", "0f" * 16),
        ({}, f"<digest-{'0f' * 16}@papers.example.org>", "0f" * 16),
        (None, None, None),
        ([], "<digest-0f@papers.example.org>", None),
        ({"digest": {"a": 1}}, None, None),
    ],
)
def test_digest_is_known_by_our_own_datum_or_by_our_message_id(
    metadata: Any, message_id: str | None, expected: str | None
) -> None:
    event = AnymailTrackingEvent(
        event_type="delivered", recipient="ada@example.org", metadata=metadata, message_id=message_id
    )
    report = read(event, "Mailgun", NOON)
    assert report
    assert (report.digest and report.digest.hex) == expected
