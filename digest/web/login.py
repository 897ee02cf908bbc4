"""How signing in (django-allauth) fits into Broadsheet: accounts come from confirmed sign-ups, mails go out as letters.

A reader has one address, that of the row. What allauth keeps of addresses beside it only follows it.
"""

from collections.abc import Mapping
from datetime import timedelta
from ipaddress import ip_address
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter, get_adapter
from allauth.account.forms import RequestLoginCodeForm
from allauth.core import context as current
from allauth.core import ratelimit
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.address import mailbox
from accounts.models import Reader
from digest.feedback.address import follow_address
from digest.models import Letter
from digest.tasks import letters_soon
from digest.web.address_field import AddressField

# What allauth tells the owner of an account, by the name of its mail: a title and a sentence.
NOTICES = {
    "account/email/password_changed": ("Your password was changed", "The password of your account was changed."),
    "account/email/password_set": ("A password was set", "Your account now has a password."),
    "mfa/email/recovery_codes_generated": (
        "New recovery codes",
        "New recovery codes were made for your account; those from before are worth nothing.",
    ),
    "mfa/email/totp_activated": ("An authenticator app was added", "Signing in now asks for a code of the app."),
    "mfa/email/totp_deactivated": ("The authenticator app was removed", "Signing in asks for no code of an app now."),
    "mfa/email/webauthn_added": ("A passkey was added", "Your account has a new passkey or security key."),
    "mfa/email/webauthn_removed": ("A passkey was removed", "A passkey or security key of your account was removed."),
}


class CodeForm(RequestLoginCodeForm):  # type: ignore[misc]
    """Asks for an address; whether an account has it is told by mail alone."""

    email = AddressField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": ""} | kwargs)

    def clean_email(self) -> str:
        email: str = super().clean_email()
        if not ratelimit.consume(current.request, action="login_mail", key=mailbox(email)):
            raise get_adapter().validation_error("too_many_login_attempts")
        self._user = Reader.objects.filter(email=email, is_active=True).first()
        return email


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    error_messages = DefaultAccountAdapter.error_messages | {
        "incorrect_code": "This is not the code of the newest mail. Look at it once more, or start over.",
        "email_password_mismatch": "This address and this password do not belong together.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return an IPv4 address as such, also where the server listens to both kinds and writes it as IPv6.

        Limits count a whole network of IPv6 as one: all of IPv4 would be one.
        """
        address = ip_address(super().get_client_ip(request))
        return str(getattr(address, "ipv4_mapped", None) or address)

    def is_safe_url(self, url: str) -> bool:
        """Lead nowhere but to this host, whichever other hosts the settings know."""
        request = current.request
        return url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())

    def login(self, request: HttpRequest, user: Reader) -> None:
        super().login(request, user)
        follow_address(user)

    def send_mail(self, template_prefix: str, email: str, context: Mapping[str, Any]) -> None:
        """Post a letter instead: it is delivered, tried again and recorded as all mail is."""
        if template_prefix == "account/email/login_code":
            lasts = timedelta(seconds=settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT)
            said = {"code": context["code"], "minutes": int(lasts.total_seconds() // 60)}
            Letter.objects.post(Letter.Kind.CODE, email, now=timezone.now(), said=said, lasts=lasts)
        elif template_prefix == "account/email/unknown_account":
            Letter.objects.post(Letter.Kind.UNKNOWN, email, now=timezone.now())
        else:
            title, line = NOTICES[template_prefix]
            Letter.objects.post(Letter.Kind.NOTICE, email, now=timezone.now(), said={"title": title, "lines": [line]})
        letters_soon()
