"""What a mail address must look like before anything is sent to it, and its one spelling.

Only the text is looked at: whether there is a mailbox is for its owner to confirm.
"""

import re
import unicodedata
from ipaddress import ip_address

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.encoding import punycode

MOST = 254
# Names that by their definition (RFC 2606, 6761, 7686) no mail can reach from outside.
NOWHERE = frozenset({"invalid", "localhost", "test", "example", "local", "onion"})
_LOCAL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*", re.IGNORECASE)
_SHAPE = "A mail address looks like name@example.org."


def mail_address(typed: str) -> str:
    """Return the address that somebody typed, in lower case and ASCII. Raises ValidationError that says what to do."""
    address = typed.strip(" \t\r\n")
    if not address:
        raise ValidationError("Type your mail address.", "required")
    if len(address) > MOST:
        raise ValidationError(f"This is longer than any mail address: {MOST} characters are the most.", "long")
    if any(unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") for char in address):
        raise ValidationError("There is a character in it that nobody sees. Type it instead of pasting it.", "control")
    if any(char.isspace() for char in address):
        raise ValidationError("A mail address has no spaces.", "space")
    local, at, domain = address.rpartition("@")
    if not at or not local or not domain or "@" in local:
        raise ValidationError(_SHAPE, "shape")
    _check_local(local)
    return f"{local.lower()}@{_domain(domain)}"


def mailbox(address: str) -> str:
    """Return what many spellings of one mailbox have in common, to count mails to it: "a.da+7@..." is "ada@...".

    On some mail systems two people may be counted as one so: it is no address to send to.
    """
    local, _, domain = address.lower().rpartition("@")
    return f"{local.partition('+')[0].replace('.', '')}@{domain}"


def spelled(address: str) -> str:
    """Return an address in the one spelling in which it is stored and looked for: in lower case, its domain in ASCII.

    What is no address comes back in lower case.
    """
    address = address.strip().lower()
    if address.isascii() or len(address) > MOST:
        return address
    local, at, domain = address.rpartition("@")
    try:
        return f"{local}{at}{punycode(domain)}"
    except UnicodeError:
        return address


def _check_local(local: str) -> None:
    if not local.isascii():
        raise ValidationError("Before the @, letters such as é or 文 do not work here. Use another address.", "ascii")
    if len(local) > 64 or not _LOCAL.fullmatch(local):
        raise ValidationError(f"There is a mistake before the @. {_SHAPE}", "local")


def _domain(domain: str) -> str:
    if domain.startswith("[") or _is_number(domain):
        raise ValidationError("After the @ stands a name such as example.org, not a number.", "number")
    try:
        domain = punycode(domain).lower()
    except UnicodeError as error:
        raise ValidationError(f"There is a mistake after the @. {_SHAPE}", "domain") from error
    if "." not in domain:
        raise ValidationError("After the @ stands a name with a dot in it, such as example.org.", "dot")
    last = domain.rpartition(".")[2]
    if last in NOWHERE:
        raise ValidationError(f"No mail can reach {domain}. Look for a slip, or use another address.", "nowhere")
    try:
        validate_email(f"name@{domain}")
    except ValidationError as error:
        raise ValidationError(f"There is a mistake after the @. {_SHAPE}", "domain") from error
    if len(domain) > MOST - 2:
        raise ValidationError(f"This is longer than any mail address: {MOST} characters are the most.", "long")
    return domain


def _is_number(domain: str) -> bool:
    try:
        ip_address(domain)
    except ValueError:
        return False
    return True
