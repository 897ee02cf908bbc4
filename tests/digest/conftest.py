"""What tests of pages stand on."""

from typing import Any

import pytest


@pytest.fixture(autouse=True)
def nothing_collected(settings: Any) -> None:
    """Serve static files from the apps: WhiteNoise warns where the folder of collected ones is not there."""
    settings.STATIC_ROOT = None
