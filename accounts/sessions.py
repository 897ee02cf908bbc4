"""Sessions that know whose they are, so that they end with the account.

What a session says cannot be searched in the database, and allauth keeps the address in it that a code was mailed to.
Whoever has not finished signing in may have typed any address: that session is forgotten after an hour.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from allauth.account.utils import url_str_to_user_pk
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils import timezone

from accounts.models import Session

SIGNING_IN = "account_login"  # allauth's, while somebody is
PASSING_BY = timedelta(hours=1)


class SessionStore(DatabaseStore):
    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def create_model_instance(self, data: Mapping[str, Any]) -> Session:
        row: Session = super().create_model_instance(data)  # type: ignore[arg-type, assignment]
        row.reader_id = _reader(data)
        if SESSION_KEY not in data:
            row.expire_date = min(row.expire_date, timezone.now() + PASSING_BY)
        return row


def _reader(data: Mapping[str, Any]) -> int | None:
    """Return the key of the reader who is signed in, or is signing in."""
    if SESSION_KEY in data:
        return int(data[SESSION_KEY])
    signing_in = data.get(SIGNING_IN)
    key = signing_in.get("user_pk") if isinstance(signing_in, dict) else None
    return int(url_str_to_user_pk(key)) if key else None
