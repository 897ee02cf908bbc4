"""The reader whose pages are opened, at noon."""

from typing import Any

import pytest
import time_machine

from accounts.models import Reader
from tests.make import NOON, make_reader, make_topic


@pytest.fixture(autouse=True)
def noon() -> Any:
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def reader() -> Reader:
    return make_reader("ada@example.org", topics=(make_topic("knowledge transfer"), make_topic("cat:cs.CL")))
