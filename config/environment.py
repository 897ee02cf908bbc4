"""What `settings` is told from outside: the environment, a key, how to reach the database, Redis and the mail system.

Which names are read, and what each is where nothing is said, is in `settings`.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key
from environ.fileaware_mapping import FileAwareMapping


class Given(FileAwareMapping):  # type: ignore[misc]
    """The environment, in which the end of a file's last line means nothing."""

    def __getitem__(self, name: str) -> str:
        return str(super().__getitem__(name)).rstrip("\r\n")


def environment(file: Path) -> environ.FileAwareEnv:
    """Return the environment of this process; what it leaves out is taken from `file`, where there is one."""
    env = environ.FileAwareEnv()
    env.ENVIRON = Given()
    env.read_env(file)
    return env


def kept_secret_key(path: Path) -> str:
    """Return the key in `path`, made on first use, so that links in old mails survive a restart.

    Of several processes that start for the first time at once, one's key appears, whole, and all of them use it.
    """
    if not path.exists():
        mine = path.with_suffix(f".{os.getpid()}")
        mine.touch(mode=0o600)
        mine.write_text(get_random_secret_key())
        with suppress(FileExistsError):
            path.hardlink_to(mine)
        mine.unlink()
    return path.read_text()


def database(told: dict[str, Any]) -> dict[str, Any]:
    """Return a database as Django asks for it, from what its address says."""
    if told["ENGINE"] == "django.db.backends.sqlite3":
        # WAL and IMMEDIATE belong together: with WAL alone, a read that turns into a write finds the database locked.
        pragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
        return told | {"OPTIONS": {"timeout": 20, "transaction_mode": "IMMEDIATE", "init_command": pragmas}}
    # Seconds: nobody waits for minutes for a host that does not answer at all.
    options = {"connect_timeout": 10, **told.get("OPTIONS", {})}
    return told | {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True, "OPTIONS": options}


def cache(redis_url: str) -> dict[str, Any]:
    """Return the cache that all processes share: Redis, or a table that a migration makes.

    The table has room for more counts of sign-ups than an attacker can make in the minutes that one lasts.
    """
    if not redis_url:
        backend = "django.core.cache.backends.db.DatabaseCache"
        return {"BACKEND": backend, "LOCATION": "cache", "OPTIONS": {"MAX_ENTRIES": 100_000}}
    waits = {"socket_connect_timeout": 2, "socket_timeout": 2}  # a page waits no longer for a Redis that is stuck
    return {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": redis_url, "OPTIONS": waits}


def kept_pages() -> dict[str, Any]:
    """Return where public pages are kept: in each process, which no outage takes away and no other has to wait for.

    They are a few kilobytes each. Apart from the other cache: whoever asks for many pages must push out no counts.
    """
    options = {"MAX_ENTRIES": 500}
    return {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "pages", "OPTIONS": options}


def broker_options(redis_url: str) -> dict[str, Any]:
    """Return how Celery talks to Redis: of two queues with messages, the first that is named comes first."""
    if not redis_url:
        return {}
    return {"socket_connect_timeout": 5, "socket_timeout": 10, "queue_order_strategy": "priority"}


def mail_system(told: dict[str, Any]) -> dict[str, Any]:
    """Return the settings of Django that the address of a mail system makes. Options in it are refused.

    They would not do what they look like: with `?tls=True`, passwords would go without TLS.
    """
    if told.get("OPTIONS"):
        raise ImproperlyConfigured(
            "EMAIL_URL takes no options after a question mark: write smtp+tls://user:password@host:587 for STARTTLS, "
            "smtp+ssl://user:password@host:465 for TLS from the start."
        )
    return {name: value for name, value in told.items() if name != "EMAIL_FILE_PATH"}
