"""What the mail system that the settings name offers: can it be reached, and does it speak TLS. No mail is sent."""

import smtplib
import socket
import ssl
from ipaddress import ip_address

from django.conf import settings

from digest.delivery.deliverability.finding import Finding, fail, ok, unasked, warn
from digest.delivery.deliverability.names import Address
from digest.delivery.wire import provider
from digest.delivery.wire.smtp import SMTP_BACKEND

ABOUT = "TLS"
PATIENCE = 5.0  # seconds

# What records include that let a provider send; where it is known for sure.
PROVIDERS = {
    "amazon_ses": "amazonses.com",
    "mailgun": "mailgun.org",
    "mailjet": "spf.mailjet.com",
    "mandrill": "spf.mandrillapp.com",
    "postmark": "spf.mtasv.net",
    "sendgrid": "sendgrid.net",
}


def addresses() -> list[Address]:
    """Return the public addresses of the relay, from which it may send; none where it is this machine or a provider."""
    if settings.EMAIL_BACKEND != SMTP_BACKEND:
        return []
    try:
        found = socket.getaddrinfo(settings.EMAIL_HOST, None, type=socket.SOCK_STREAM)
    except OSError:
        return []
    known = dict.fromkeys(ip_address(str(entry[4][0]).partition("%")[0]) for entry in found)
    return [address for address in known if address.is_global]


def look() -> Finding:
    if settings.EMAIL_BACKEND != SMTP_BACKEND:
        sends = provider.in_use() or "the backend"
        return ok(ABOUT, f"Mail leaves by {sends}, not by SMTP: its TLS is not ours to see.")
    where = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    try:
        if settings.EMAIL_USE_SSL:
            smtplib.SMTP_SSL(
                settings.EMAIL_HOST, settings.EMAIL_PORT, timeout=PATIENCE, context=ssl.create_default_context()
            ).close()
            return ok(ABOUT, f"{where} speaks TLS from the start.")
        with smtplib.SMTP(settings.EMAIL_HOST, settings.EMAIL_PORT, timeout=PATIENCE) as connection:
            return _offered(connection, where)
    except ssl.SSLError as error:
        return fail(
            ABOUT, f"{where} has no certificate that can be trusted: {error.reason}.", "See to its certificate."
        )
    except (OSError, smtplib.SMTPException) as error:
        return unasked(ABOUT, f"{where}: {error}")


def _offered(connection: smtplib.SMTP, where: str) -> Finding:
    connection.ehlo_or_helo_if_needed()
    is_offered = connection.has_extn("starttls")
    if settings.EMAIL_USE_TLS:
        if not is_offered:
            todo = "Use a relay with TLS, or write EMAIL_URL as smtp://… where it is in your own network."
            return fail(ABOUT, f"{where} offers no TLS, which EMAIL_URL asks for: no mail leaves.", todo)
        connection.starttls(context=ssl.create_default_context())
        return ok(ABOUT, f"{where} offers TLS, with a certificate that can be trusted.")
    if _is_near(connection):
        return ok(
            ABOUT, f"{where} is near by and takes mail without TLS; that it sends on with TLS is its own setting."
        )
    if is_offered:
        return warn(ABOUT, f"{where} offers TLS, which is not used.", "Write EMAIL_URL as smtp+tls://…")
    return fail(ABOUT, f"{where} offers no TLS: mail goes over the network for all to read.", "Use a relay with TLS.")


def _is_near(connection: smtplib.SMTP) -> bool:
    if connection.sock is None:
        return False
    peer = ip_address(str(connection.sock.getpeername()[0]).partition("%")[0])
    return peer.is_loopback or peer.is_private
