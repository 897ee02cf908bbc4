"""Noon, as for the pages: without that, the latest day of papers would be long ago."""

from typing import Any

import pytest
import time_machine
from django.core.cache import caches

from tests.make import NOON


@pytest.fixture(autouse=True)
def noon() -> Any:
    caches["pages"].clear()  # of a test in which time went on
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock
