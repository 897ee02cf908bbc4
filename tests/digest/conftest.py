"""What tests of pages stand on."""

from typing import Any

import pytest


@pytest.fixture(autouse=True)
def quick_pages(settings: Any) -> None:
    """Serve static files from the apps, since none are collected, and hash passwords fast."""
    settings.STATIC_ROOT = None
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
