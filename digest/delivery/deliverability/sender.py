"""What the settings say of the sender: the From address, the site, the postal address, the ears for bounces."""

from collections.abc import Iterable, Iterator
from email.utils import parseaddr

from django.conf import settings
from django.core.checks import WARNING, CheckMessage

from digest.delivery.checks import check_mail_settings, check_reports
from digest.delivery.deliverability.finding import Finding, Level, fail, ok, warn

# Where anybody can have an address: their mail systems alone may send from it.
FREE = {
    *("gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "msn.com", "yahoo.com", "ymail.com"),
    *("aol.com", "icloud.com", "me.com", "mac.com", "gmx.com", "gmx.net", "gmx.de", "web.de", "t-online.de"),
    *("mail.com", "mail.ru", "yandex.ru", "yandex.com", "proton.me", "protonmail.com", "zoho.com", "fastmail.com"),
    *("qq.com", "163.com", "126.com", "naver.com", "free.fr", "orange.fr", "laposte.net", "libero.it"),
}
ABOUT = "From"


def domain_of(address: str) -> str:
    """Return the domain of an address, "" where it has none."""
    _, at, domain = parseaddr(address)[1].rpartition("@")
    return domain.lower() if at else ""


def look() -> Iterator[Finding]:
    yield from _from()
    yield from _checked(check_mail_settings(), "Settings")
    yield from _checked(check_reports(), "Webhook")


def _from() -> Iterator[Finding]:
    domain = domain_of(settings.DEFAULT_FROM_EMAIL)
    if not domain:
        said = f"DEFAULT_FROM_EMAIL is no address: {settings.DEFAULT_FROM_EMAIL}"
        yield fail(ABOUT, said, "Write it as Name <name@your-domain>.")
        return
    if domain in FREE or domain.startswith("yahoo."):
        todo = "Let DEFAULT_FROM_EMAIL be of a domain of yours."
        yield fail(ABOUT, f"Mail from {domain} is refused where it does not come from there.", todo)
        return
    others = {"MAIL_DOMAIN": settings.MAIL_DOMAIN.lower(), "SITE_URL": settings.SITE_HOST.lower()}
    strange = [f"{name} ({other})" for name, other in others.items() if not _are_one(domain, other)]
    if strange:
        todo = "Let them be of one domain, so that one good name is made by all mail."
        yield warn(ABOUT, f"From is of {domain}, and of another domain: {', '.join(strange)}.", todo)
    else:
        yield ok(ABOUT, f"From, Message-ID and links are of one domain ({domain}).")


def _are_one(one: str, other: str) -> bool:
    """Whether they are the same, one is under the other, or both are beside each other under a domain of two labels."""
    shared = 0
    for mine, theirs in zip(reversed(one.split(".")), reversed(other.split(".")), strict=False):
        if mine != theirs:
            break
        shared += 1
    return shared >= min(one.count("."), other.count(".")) + 1 or shared > 2


def _checked(found: Iterable[CheckMessage], about: str) -> Iterator[Finding]:
    """Say what `manage.py check --deploy` says of these."""
    found = list(found)
    for message in found:
        level = Level.FAIL if message.level > WARNING else Level.WARN
        yield Finding(level, about, message.msg, message.hint or "")
    if not found:
        good = {
            "Settings": "Site, postal address and mail system are set.",
            "Webhook": "Bounces and complaints are heard, where a provider sends the mail.",
        }
        yield ok(about, good[about])
