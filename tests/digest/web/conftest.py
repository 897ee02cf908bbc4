"""The reader whose pages are opened, at noon."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core.cache import caches

from accounts.models import Reader
from tests.make import NOON, make_reader, make_topic


@pytest.fixture(autouse=True)
def noon() -> Any:
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def reader() -> Reader:
    return make_reader("ada@example.org", topics=(make_topic("knowledge transfer"), make_topic("cat:cs.CL")))


@pytest.fixture
def pages_kept(settings: Any) -> Iterator[None]:
    """Keep public pages as a site does, but for no other test."""
    settings.PAGES_KEPT = 300
    caches["pages"].clear()
    yield
    caches["pages"].clear()
