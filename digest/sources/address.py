"""Addresses on the web, as far as anybody needs to know them who fetches nothing."""

from urllib.parse import urlsplit

MAX_HOST = 253


def host_of(url: str) -> str:
    """Return the host of a web address as name servers know it, "" of anything else."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".") if parts.scheme in ("http", "https") else ""
        return host.encode("idna").decode()[:MAX_HOST]
    except ValueError:  # no address, or a name that no host can have
        return ""
