"""The header of a mail, digest or letter: what each field says, and how a field is written.

The rules are those for bulk mail (RFC 5322, 2047, 2369, 2919, 3834, 8058; Gmail, Yahoo, Microsoft). A value that holds
a line end or any other control character is refused with ValueError, wherever it came from, so that no text can add a
field of its own. Signing is `dkim`'s, or the relay's.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from email.header import Header
from email.utils import format_datetime, formataddr, parseaddr
from functools import lru_cache
from urllib.parse import quote

from django.conf import settings
from django.utils.encoding import punycode

from digest.delivery.content import DigestContent

LINE_LENGTH = 78
_EACH_ITS_OWN = {"To", "Subject", "Message-ID", "List-Unsubscribe", "Content-Type"}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_KEY = re.compile(r"[0-9a-f]{32}")
_ADDRESS = re.compile(r'([^\s<>()",:;@]+)@([^\s<>()",:;@]+)')
_LINK = re.compile(r"https?://[!-;=?-~]+")  # ASCII without space, < and >


def for_digest(content: DigestContent, *, subject: str, sent_at: datetime) -> dict[str, str]:
    """Return the fields in the order in which they are written, all in ASCII but for the subject.

    Raises ValueError for a key, an address, a link, a time or any other value that cannot stand in a header.
    """
    fields = _named("digest", content.key, content.email, subject, sent_at)
    fields |= _listed(content.unsubscribe_url)
    # Mailbox providers count complaints by these fields: by edition, never by reader.
    fields["Feedback-ID"] = f"{content.edition:%Y%m%d}:digest:{settings.FEEDBACK_SENDER}"
    fields["Precedence"] = "bulk"
    return _checked(fields | _automatic())


def for_letter(
    key: str, email: str, *, kind: str, subject: str, sent_at: datetime, unsubscribe_url: str = ""
) -> dict[str, str]:
    """Return the fields of a mail beside the digest, in the same way.

    Those of a list are in it only where it has an `unsubscribe_url`: a code to sign in belongs to no list.
    """
    fields = _named("letter", key, email, subject, sent_at)
    if unsubscribe_url:
        fields |= _listed(unsubscribe_url)
    fields["Feedback-ID"] = f"{kind.replace(' ', '-')}:letter:{settings.FEEDBACK_SENDER}"
    return _checked(fields | _automatic())


def _named(stream: str, key: str, email: str, subject: str, sent_at: datetime) -> dict[str, str]:
    if not _KEY.fullmatch(key):
        raise ValueError(f"a mail's key is 32 hexadecimal digits, not {key!r}")
    if sent_at.tzinfo is None:
        raise ValueError(f"the time of sending needs a time zone: {sent_at}")
    return {
        "From": _sender(settings.DEFAULT_FROM_EMAIL),
        "To": _address(email),
        "Subject": subject,
        "Date": format_datetime(sent_at),
        "Message-ID": f"<{stream}-{key}@{settings.MAIL_DOMAIN}>",
    }


def _listed(unsubscribe_url: str) -> dict[str, str]:
    return {
        "List-Id": _mailbox("List-Id", settings.SITE_NAME, f"digest.{settings.MAIL_DOMAIN}"),
        "List-Unsubscribe": _unsubscribe(unsubscribe_url),
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Help": f"<{settings.SITE_URL}/>",
    }


def _automatic() -> dict[str, str]:
    return {
        "Auto-Submitted": "auto-generated",
        # Not "All", which would suppress reports of failed delivery too.
        "X-Auto-Response-Suppress": "OOF, AutoReply",
        "Content-Language": "en",
    }


def _checked(fields: dict[str, str]) -> dict[str, str]:
    if _CONTROL.search("".join(fields.values())):
        name, value = next((name, value) for name, value in fields.items() if _CONTROL.search(value))
        raise ValueError(f"{name} holds a control character: {value!r}")
    return fields


def written(fields: Mapping[str, str]) -> str:
    """Return the header as it goes on the wire. Fields that many mails have alike are written once."""
    return "".join(
        [write(name, value) if name in _EACH_ITS_OWN else _kept(name, value) for name, value in fields.items()]
    )


def write(name: str, value: str) -> str:
    """Return one field as it goes on the wire: ASCII, folded to lines of 78 where it has spaces."""
    lines = []
    line = f"{name}:"
    # The other fields have a grammar, and are in ASCII already.
    for word in (_encoded(name, value) if name == "Subject" else value).split(" "):
        if len(line) + 1 + len(word) > LINE_LENGTH:
            lines.append(line)
            line = ""
        line = f"{line} {word}"
    return "\r\n".join([*lines, line, ""])


_kept = lru_cache(maxsize=128)(write)


def _encoded(name: str, text: str) -> str:
    # "=?" would be read as the start of an encoded word that somebody else has written.
    if text.isascii() and "=?" not in text:
        return text
    return Header(text, "utf-8", header_name=name).encode(linesep="")


_domain = lru_cache(maxsize=1024)(punycode)


@lru_cache(maxsize=1)
def address_of(sender: str) -> str:
    """Return the bare address of a sender: what stands on the envelope."""
    return parseaddr(sender)[1]


@lru_cache(maxsize=1)
def _sender(configured: str) -> str:
    name, address = parseaddr(configured)
    return _mailbox("From", name, _address(address))


@lru_cache(maxsize=8)
def _mailbox(field: str, name: str, address: str) -> str:
    return formataddr((name, address)) if name.isascii() else f"{_encoded(field, name)} <{address}>"


def _address(email: str) -> str:
    found = _ADDRESS.fullmatch(email)
    if not found or not found[1].isascii():
        raise ValueError(f"not one mail address in ASCII: {email!r}")
    return f"{found[1]}@{_domain(found[2])}"


def _unsubscribe(url: str) -> str:
    """Return both ways to leave. A mail program that knows only mailto sends back the token of the link."""
    if not _LINK.fullmatch(url):
        raise ValueError(f"not a web address in ASCII: {url!r}")
    token = url.rstrip("/").rpartition("/")[2]
    address = quote(settings.UNSUBSCRIBE_EMAIL, safe="@")
    return f"<{url}>, <mailto:{address}?subject={quote(token)}>"
