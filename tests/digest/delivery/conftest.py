from collections.abc import Iterator
from typing import Any

import pytest

from digest.models import Topic
from tests.mailserver import Recorder, mail_server
from tests.make import make_match, make_paper, make_topic


@pytest.fixture(params=[True, False], ids=["pipelining", "step by step"])
def server(request: pytest.FixtureRequest, settings: Any) -> Iterator[Recorder]:
    with mail_server(settings, pipelining=request.param) as recorder:
        yield recorder


@pytest.fixture
def topic() -> Topic:
    topic = make_topic()
    make_match(topic, make_paper(title="Paper one"))
    return topic
