"""Addresses on the web, as far as anybody needs to know them who fetches nothing."""

import re
from urllib.parse import urlsplit

MAX_HOST = 253

_LOGIN = re.compile(r"^((?:\w[\w+.-]*:)?//)?[^/?#]*@")


def host_of(url: str) -> str:
    """Return the host of a web address as name servers know it, "" of anything else."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".") if parts.scheme in ("http", "https") else ""
        return host.encode("idna").decode()[:MAX_HOST]
    except ValueError:  # no address, or a name that no host can have
        return ""


def without_login(url: str) -> str:
    """Return an address without the user name and password in it, to be shown."""
    return _LOGIN.sub(r"\1", url)
