"""Everything that is kept about one reader, as plain data for JSON: what erasing removes, and what staff noted.

The shape, `broadsheet-export/1`; times are ISO 8601 in UTC, and a list is empty where there is nothing:

    format, made_at
    account         address, name, state, times and preferences; for staff their groups and permissions
    consent         version, text, agreed_at, confirmed_at
    sign_up         what was typed at the sign-up, or null
    topics          query, label, weight, muted, since
    feedback        paper, wants ("more" or "less"), said_at
    votes           paper, voted_at
    submissions     paper, said, state, word, submitted_at, decided_at
    digests         edition, state, reason, times, subject, and the papers: picks with their topics, trending
    letters         kind, address, state, times: never what they said, which may have been a code
    mail_events     provider, kind, address, at, said, edition
    suppression     reason, note, since, or null
    addresses       as signing in knows them
    authenticators  kind and times, never a secret
    sessions        until when each browser stays signed in
    staff_log       what staff did with the account; for staff, what they did themselves too

A paper is its title and link. Looking is bounded: digests are kept for 90 days, letters for 30, mail events for 180.
"""

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Q
from django.utils import timezone

from accounts.models import Reader
from digest.models import (
    Digest,
    Feedback,
    Letter,
    MailEvent,
    Paper,
    Signup,
    Submission,
    Subscription,
    Suppression,
    Topic,
    Vote,
)

FORMAT = "broadsheet-export/1"
PREFERENCES = ("time_zone", "delivery_hour", "days", "weekday", "papers", "paused_until")
TIMES = ("created_at", "last_login", "left_at", "next_digest_at", "last_edition_on", "promised_on")
RIGHTS = ("is_active", "is_staff", "is_superuser")


def export_reader(reader: Reader) -> dict[str, Any]:
    """Return all that is kept about `reader`, in a fixed number of queries."""
    return {
        "format": FORMAT,
        "made_at": timezone.now(),
        "account": _account(reader),
        "consent": {
            "version": reader.consent_version,
            "text": reader.consent_text,
            "agreed_at": reader.consented_at,
            "confirmed_at": reader.confirmed_at,
        },
        "sign_up": _first(Signup.objects.filter(address=reader.email), "pk"),
        "topics": _topics(reader),
        "feedback": _feedback(reader),
        "votes": _votes(reader),
        "submissions": _submissions(reader),
        "digests": _digests(reader),
        "letters": list(
            Letter.objects.filter(Q(reader=reader) | Q(address=reader.email))
            .order_by("pk")
            .values("kind", "address", "state", "reason", "posted_at", "settled_at")
        ),
        "mail_events": list(
            MailEvent.objects.filter(Q(reader=reader) | Q(address=reader.email))
            .order_by("at", "pk")
            .values("provider", "kind", "address", "at", "said", "digest__edition__date")
        ),
        "suppression": _first(Suppression.objects.of(reader.email), "pk", "address_hash"),
        "addresses": list(EmailAddress.objects.filter(user=reader).values("email", "verified", "primary")),
        "authenticators": list(
            Authenticator.objects.filter(user=reader).order_by("pk").values("type", "created_at", "last_used_at")
        ),
        "sessions": list(reader.sessions.order_by("expire_date").values("expire_date")),
        "staff_log": _staff_log(reader),
    }


def _account(reader: Reader) -> dict[str, Any]:
    columns = ("email", "name", "state", *PREFERENCES, *TIMES, *RIGHTS)
    return {name: getattr(reader, name) for name in columns} | {
        "has_password": reader.has_usable_password(),
        "feed_key": reader.feed_key,
        "groups": list(reader.groups.order_by("name").values_list("name", flat=True)),
        "permissions": list(reader.user_permissions.order_by("codename").values_list("codename", flat=True)),
    }


def _first(rows: Any, *but: str) -> dict[str, Any] | None:
    """Return all columns of the one row that there may be, `but` for some."""
    row = rows.values().first()
    return None if row is None else {name: value for name, value in row.items() if name not in {"id", *but}}


def _topics(reader: Reader) -> list[dict[str, Any]]:
    follows = Subscription.objects.filter(reader=reader).select_related("topic").order_by("pk")
    return [
        {
            "query": follow.topic.query,
            "label": follow.topic.label,
            "weight": follow.weight,
            "is_muted": follow.is_muted,
            "created_at": follow.created_at,
        }
        for follow in follows
    ]


def _feedback(reader: Reader) -> list[dict[str, Any]]:
    return [
        {
            "paper": {"title": row.paper.title, "url": row.paper.url},
            "wants": "more" if row.wants_more else "less",
            "said_at": row.said_at,
        }
        for row in Feedback.objects.filter(reader=reader).select_related("paper").order_by("pk")
    ]


def _votes(reader: Reader) -> list[dict[str, Any]]:
    votes = Vote.objects.filter(reader=reader).select_related("paper").order_by("pk")
    return [{"paper": {"title": vote.paper.title, "url": vote.paper.url}, "voted_at": vote.voted_at} for vote in votes]


def _submissions(reader: Reader) -> list[dict[str, Any]]:
    return [
        {
            "paper": {"title": row.paper.title, "url": row.paper.url},
            "said": row.said,
            "state": row.state,
            "word": row.word,
            "submitted_at": row.submitted_at,
            "decided_at": row.decided_at,
        }
        for row in Submission.objects.filter(reader=reader).select_related("paper").order_by("pk")
    ]


def _digests(reader: Reader) -> list[dict[str, Any]]:
    rows = list(Digest.objects.filter(reader=reader).select_related("edition").order_by("edition__date"))
    papers = _papers({pick[0] for row in rows for pick in row.picks} | {key for row in rows for key in row.trending})
    named = {topic for row in rows for pick in row.picks for topic in pick[1:]}
    labels = dict(Topic.objects.filter(pk__in=named).values_list("pk", "label"))
    return [
        {
            "edition": row.edition.date,
            "state": row.state,
            "reason": row.reason,
            "code": row.code,
            "attempts": row.attempts,
            "due_at": row.due_at,
            "settled_at": row.settled_at,
            "subject": row.subject,
            "picks": [
                {**papers[paper], "topics": [labels[topic] for topic in topics if topic in labels]}
                for paper, *topics in row.picks
                if paper in papers
            ],
            "trending": [papers[paper] for paper in row.trending if paper in papers],
        }
        for row in rows
    ]


def _papers(keys: Collection[int]) -> dict[int, dict[str, str]]:
    """Return title and link by key. One that became one with another paper meanwhile is left out."""
    found = Paper.objects.filter(pk__in=keys).values_list("pk", "title", "url")
    return {key: {"title": title, "url": url} for key, title, url in found}


def _staff_log(reader: Reader) -> list[dict[str, Any]]:
    about = Q(content_type=ContentType.objects.get_for_model(Reader), object_id=str(reader.pk))
    entries = LogEntry.objects.filter(about | Q(user=reader)).order_by("action_time", "pk")
    return [
        {
            "at": entry.action_time,
            "about": entry.object_repr,
            "did": entry.get_action_flag_display(),
            "said": entry.change_message,
        }
        for entry in entries
    ]


def as_json_text(exported: dict[str, Any]) -> str:
    """Return an export as its owner downloads it."""
    return json.dumps(exported, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)


def filename(now: datetime) -> str:
    return f"broadsheet-{now:%Y-%m-%d}.json"
