from collections.abc import Iterator
from typing import Any

import pytest

from tests.mailserver import Recorder, mail_server


@pytest.fixture(params=[True, False], ids=["pipelining", "step by step"])
def server(request: pytest.FixtureRequest, settings: Any) -> Iterator[Recorder]:
    with mail_server(settings, pipelining=request.param) as recorder:
        yield recorder
