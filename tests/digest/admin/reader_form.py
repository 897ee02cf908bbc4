"""How tests fill in the form of a reader in the admin."""

from typing import Any

FORMS = ("TOTAL_FORMS", "INITIAL_FORMS")


def filled(**changed: Any) -> dict[str, Any]:
    sent = {
        "email": "ada@example.org",
        "name": "",
        "paused_until": "",
        "time_zone": "Europe/Berlin",
        "delivery_hour": "7",
        "days": "daily",
        "weekday": "0",
        "papers": "10",
        "consent_text": "said so at the desk",
        "consented_at_0": "2026-03-01",
        "consented_at_1": "09:00:00",
        "is_active": "on",
    }
    inlines = {f"{prefix}-{name}": "0" for prefix in ("subscriptions", "subscriptions-2") for name in FORMS}
    return inlines | sent | changed
