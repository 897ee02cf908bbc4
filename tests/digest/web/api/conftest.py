"""Noon, as for the pages: without that, the latest day of papers would be long ago."""

from typing import Any

import pytest
import time_machine

from tests.make import NOON


@pytest.fixture(autouse=True)
def noon() -> Any:
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock
