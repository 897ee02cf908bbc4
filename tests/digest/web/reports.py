"""What mail providers post about a mail, in each one's own shape, with its proof. All of it is invented."""

import hashlib
import hmac
import json
from base64 import b64encode
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.test import Client

from tests.make import NOON

SECRET = "hook:2f1a8c"  # noqa: S105 - nobody's
SIGNING_KEY = "key-of-nobody"
ANYMAIL = {"WEBHOOK_SECRET": SECRET, "MAILGUN_WEBHOOK_SIGNING_KEY": SIGNING_KEY, "MAILGUN_API_KEY": "none"}
BASIC = {"Authorization": f"Basic {b64encode(SECRET.encode()).decode()}"}

Payload = dict[str, Any] | list[dict[str, Any]]


def postmark(
    kind: str, address: str, *, digest: str = "", at: datetime = NOON, number: int = 1, said: str = ""
) -> Payload:
    types = {"hard": "HardBounce", "soft": "SoftBounce", "complaint": "SpamComplaint"}
    record = {"hard": "Bounce", "soft": "Bounce", "complaint": "SpamComplaint", "delivered": "Delivery"}
    told: dict[str, Any] = {
        "RecordType": record.get(kind, "SubscriptionChange"),
        "MessageID": f"883953f4-{number}",
        "Metadata": {"digest": digest},
    }
    if kind == "delivered":
        return told | {"Recipient": address, "DeliveredAt": at.isoformat(), "Details": said or "250 2.0.0 OK"}
    if kind == "unsubscribe":
        return told | {
            "Recipient": address,
            "ChangedAt": at.isoformat(),
            "SuppressSending": True,
            "SuppressionReason": "ManualSuppression",
        }
    return told | {
        "ID": number,
        "Type": types[kind],
        "Email": address,
        "BouncedAt": at.isoformat(),
        "Description": "The server was unable to deliver your message.",
        "Details": said or "smtp;550 no such user here",
    }


def mailgun(
    kind: str, address: str, *, digest: str = "", at: datetime = NOON, number: int = 1, said: str = ""
) -> Payload:
    events = {"hard": "failed", "soft": "failed", "delivered": "delivered", "complaint": "complained"}
    stamp, token = str(int(at.timestamp())), f"token-{number}"
    signature = hmac.new(SIGNING_KEY.encode(), f"{stamp}{token}".encode(), hashlib.sha256).hexdigest()
    data: dict[str, Any] = {
        "event": events.get(kind, "unsubscribed"),
        "timestamp": at.timestamp(),
        "recipient": address,
        "message": {"headers": {"message-id": f"digest-{digest}@papers.example.org"}},
        "user-variables": {},
    }
    if kind in ("hard", "soft"):
        data |= {
            "severity": "permanent",
            "reason": {"hard": "bounce", "soft": "old"}[kind],
            "delivery-status": {"code": 550, "message": said or "No such user here", "description": ""},
        }
    return {"signature": {"timestamp": stamp, "token": token, "signature": signature}, "event-data": data}


def brevo(
    kind: str, address: str, *, digest: str = "", at: datetime = NOON, number: int = 1, said: str = ""
) -> Payload:
    events = {"hard": "hard_bounce", "soft": "soft_bounce", "complaint": "spam", "unsubscribe": "unsubscribe"}
    return {
        "event": events.get(kind, kind),
        "email": address,
        "message-id": f"<2026.{number}@smtp-relay.example.net>",
        "ts_epoch": int(at.timestamp() * 1000),
        "X-Mailin-custom": json.dumps({"digest": digest}),
        "reason": said or "550 no such user here",
    }


def sparkpost(
    kind: str, address: str, *, digest: str = "", at: datetime = NOON, number: int = 1, said: str = ""
) -> Payload:
    types = {"hard": "bounce", "soft": "bounce", "delivered": "delivery", "complaint": "spam_complaint"}
    event: dict[str, Any] = {
        "type": types.get(kind, "list_unsubscribe"),
        "event_id": str(number),
        "timestamp": str(int(at.timestamp())),
        "raw_rcpt_to": address,
        "rcpt_meta": {"digest": digest},
        "raw_reason": said or "550 no such user here",
    }
    if kind in ("hard", "soft"):
        event["bounce_class"] = {"hard": "10", "soft": "22"}[kind]
    return [{"msys": {"message_event": event}}]


PROVIDERS: dict[str, Callable[..., Payload]] = {
    "postmark": postmark,
    "mailgun": mailgun,
    "brevo": brevo,
    "sparkpost": sparkpost,
}


def post(payload: Any, provider: str, *, headers: dict[str, str] | None = None) -> int:
    """Post as a provider does, without cookies, and return the status of the answer."""
    body = payload if isinstance(payload, str) else json.dumps(payload)
    answer = Client(enforce_csrf_checks=True, raise_request_exception=False).post(
        f"/webhooks/{provider}/tracking/",
        body,
        content_type="application/json",
        headers=BASIC if headers is None else headers,
    )
    return answer.status_code


def report(provider: str, kind: str, address: str, **told: Any) -> int:
    return post(PROVIDERS[provider](kind, address, **told), provider)
