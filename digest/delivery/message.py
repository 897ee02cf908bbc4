"""Put what was rendered into an email: bytes for SMTP, or Django's own message for a mail provider's API.

`written` makes the MIME by hand, because at a thousand mails a second the standard library's generators are most of
the cost; `for_backend` says the same through Django. Whether it arrives is for `digest.delivery.wire` to find out.
"""

from collections.abc import Mapping
from datetime import datetime

from django.core.mail import EmailMultiAlternatives

from digest.delivery import headers
from digest.delivery.content import DigestContent
from digest.delivery.render import Rendered

_PLAIN, _HTML = (
    f'Content-Type: text/{kind}; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'.encode()
    for kind in ("plain", "html")
)


def build(rendered: Rendered, *, content: DigestContent, sent_at: datetime) -> bytes:
    """Return the digest's mail as bytes with CRLF line ends: the same bytes for the same arguments.

    Raises ValueError where a header would be invalid.
    """
    fields = headers.for_digest(content, subject=rendered.subject, sent_at=sent_at)
    return written(rendered, fields, key=content.key)


def as_django(rendered: Rendered, *, content: DigestContent, sent_at: datetime) -> EmailMultiAlternatives:
    """Return the same mail for a Django mail backend, which adds what MIME needs."""
    message = for_backend(rendered, headers.for_digest(content, subject=rendered.subject, sent_at=sent_at))
    # Many providers put a Message-ID of their own in place of ours, and give this back with each report (anymail).
    message.metadata = {"digest": content.key}  # type: ignore[attr-defined]
    return message


def written(rendered: Rendered, fields: Mapping[str, str], *, key: str) -> bytes:
    """Return any mail of ours as bytes, with these fields in its header."""
    # "=_" cannot occur in quoted-printable text, so no part can hold the boundary.
    boundary = f"=_{key}"
    mime = {"MIME-Version": "1.0", "Content-Type": f'multipart/alternative; boundary="{boundary}"'}
    head = headers.written({**fields, **mime})
    opening = f"\r\n--{boundary}\r\n".encode()
    return b"".join(
        [
            head.encode("ascii"),
            opening,
            _PLAIN,
            rendered.encoded_text,
            opening,
            _HTML,
            rendered.encoded_html,
            f"\r\n--{boundary}--\r\n".encode(),
        ]
    )


def for_backend(rendered: Rendered, fields: Mapping[str, str]) -> EmailMultiAlternatives:
    """Return any mail of ours for a Django mail backend, with these fields in its header."""
    others = dict(fields)
    message = EmailMultiAlternatives(
        subject=others.pop("Subject"),
        body=rendered.text,
        from_email=others.pop("From"),
        to=[others.pop("To")],
        headers=others,
    )
    message.attach_alternative(rendered.html, "text/html")
    return message
