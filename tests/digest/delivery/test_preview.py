from datetime import timedelta

import pytest

from digest.delivery.pool import CandidatePool
from digest.delivery.preview import preview_reader, preview_topics
from digest.models import Digest, Edition
from tests.make import TODAY, make_digest, make_match, make_paper, make_reader, make_topic

pytestmark = pytest.mark.django_db


def test_preview_is_what_the_reader_would_get() -> None:
    topic = make_topic()
    old, new = make_paper(), make_paper(title="New to this reader")
    make_match(topic, old)
    make_match(topic, new)
    reader = make_reader(topics=(topic,))
    make_digest(reader, TODAY - timedelta(days=1), state="accepted", next_attempt_at=None, picks=[[old.pk, topic.pk]])
    preview = preview_reader(reader, TODAY)
    assert preview is not None
    assert preview.finished.written["picks"] == [[new.pk, topic.pk]]
    assert preview.finished.mail.recipient == reader.email


def test_preview_of_nothing_is_none() -> None:
    assert preview_reader(make_reader(topics=(make_topic(),)), TODAY) is None


def test_preview_of_topics_uses_what_the_pool_was_given() -> None:
    pool = CandidatePool(TODAY)
    paper = make_paper(title="A paper to read")
    pool.add(0, "knowledge transfer", [(paper, 0.9, "matches knowledge transfer")])
    preview = preview_topics(pool, [0])
    assert preview is not None
    assert preview.finished.written["picks"] == [[paper.pk, 0]]
    assert (Digest.objects.count(), Edition.objects.count()) == (0, 0)
