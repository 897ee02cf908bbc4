"""What each kind of letter says: subject, text and HTML from templates/emails/letters, in the shell that all share.

A kind is three small templates and, where a row must be read or a link made, a function here. When and to whom a letter
goes is decided by who posts it; handing over and recording are `letters`'.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template import Context
from django.urls import reverse
from django.utils.safestring import SafeString

from accounts.models import Reader
from digest.delivery import headers
from digest.delivery.mail_template import mail_template, plain
from digest.delivery.message import for_backend, written
from digest.delivery.pieces import piece
from digest.delivery.preview import preview_reader
from digest.delivery.render import Rendered, sections_in_words
from digest.delivery.wire.handover import Mail
from digest.feedback.links import Purpose, link
from digest.models import Letter
from digest.templatetags.papers import excerpt, one_line

SUBJECT_LENGTH = 70
Said = dict[str, Any]


def write(letter: Letter, now: datetime) -> Mail:
    """Return the finished mail. Raises where it cannot be written, such as a farewell to no reader."""
    said = _said(letter, now)
    rendered = in_words(letter, said)
    fields = headers.for_letter(
        letter.key.hex,
        letter.address,
        kind=letter.kind,
        subject=rendered.subject,
        sent_at=now,
        unsubscribe_url=said.get("unsubscribe_url", ""),
    )
    return Mail(
        key=letter.key.hex,
        sender=headers.address_of(settings.DEFAULT_FROM_EMAIL),
        recipient=letter.address,
        raw=written(rendered, fields, key=letter.key.hex),
        message=partial(for_backend, rendered, fields),
    )


def in_words(letter: Letter, said: Said) -> Rendered:
    name = f"emails/letters/{letter.kind.replace(' ', '_')}"
    subject = excerpt(one_line(mail_template(f"{name}.subject.txt").render(Context(said))), SUBJECT_LENGTH)
    text, html = (SafeString(mail_template(f"{name}.{form}").render(Context(said))) for form in ("txt", "html"))
    shell = said | {"subject": subject}
    return Rendered(
        subject=subject,
        preheader="",
        encoded_text=piece(plain(mail_template("emails/letter.txt").render(Context(shell | {"body": text.rstrip()})))),
        encoded_html=piece(mail_template("emails/letter.html").render(Context(shell | {"body": html}))),
    )


def _said(letter: Letter, now: datetime) -> Said:
    """Return what the templates of any letter need, and what this kind needs beside it."""
    add = MORE.get(Letter.Kind(letter.kind), _nothing)
    return {
        **letter.said,
        "site": settings.SITE_NAME,
        "curator": settings.CURATOR,
        "postal_address": one_line(settings.POSTAL_ADDRESS),
        "contact": settings.CONTACT,
        "home_url": settings.SITE_URL + "/",
        "address": letter.address,
        **add(letter, now),
    }


def _nothing(letter: Letter, now: datetime) -> Said:
    return {}


def _unknown(letter: Letter, now: datetime) -> Said:
    return {"sign_up_url": settings.SITE_URL + reverse("sign_up")}


def _welcome(letter: Letter, now: datetime) -> Said:
    """Say when the first digest comes, and show what one of today would hold."""
    reader = _reader(letter)
    preview = preview_reader(reader, now.date())
    first = reader.next_digest_at
    return {
        "topics": list(reader.subscriptions.active().order_by("pk").values_list("topic__label", flat=True)),
        "sections": sections_in_words(preview.content) if preview else [],
        "papers": len(preview.content.picks) if preview else 0,
        "first": first.astimezone(ZoneInfo(reader.time_zone)) if first else None,
        "zone": reader.time_zone,
        "preferences_url": link(Purpose.PREFERENCES, reader.pk),
        "unsubscribe_url": link(Purpose.UNSUBSCRIBE, reader.pk),
    }


def _farewell(letter: Letter, now: datetime) -> Said:
    return {"back_url": link(Purpose.UNSUBSCRIBE, _reader(letter).pk)}


def _reader(letter: Letter) -> Reader:
    if letter.reader is None:
        raise ValueError(f"a letter of the kind “{letter.get_kind_display()}” needs a reader")
    return letter.reader


MORE: dict[Letter.Kind, Callable[[Letter, datetime], Said]] = {
    Letter.Kind.UNKNOWN: _unknown,
    Letter.Kind.WELCOME: _welcome,
    Letter.Kind.FAREWELL: _farewell,
}
