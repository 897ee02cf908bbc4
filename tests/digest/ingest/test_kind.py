import pytest

from digest.ingest.kind import KINDS, kind_of
from digest.models import Source


def test_kinds_are_those_that_a_source_may_have() -> None:
    assert list(KINDS) == Source.Kind.values


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'[{"paper": {}}]', "hf-daily"),
        (b"\n [", "hf-daily"),
        (b'{"error": "no such day"}', "hf-daily"),
        (b"{broken", "hf-daily"),
        (b"[" * 100_000, "hf-daily"),
        (b'{"messages": [], "collection": []}', "biorxiv"),
        (b'{"status": "ok", "message-type": "work-list", "message": {}}', "crossref"),
        (b"Get trending papers in your email inbox!\nSubscribeA title\nAn abstract", "topic-page"),
        (b'<?xml version="1.0"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">', "arxiv-oai"),
        (b'<oai:OAI-PMH xmlns:oai="http://www.openarchives.org/OAI/2.0/">', "arxiv-oai"),
        (b"<feed><id>http://arxiv.org/api/abc</id>", "arxiv-api"),
        (b"<feed><id>https://arxiv.org/api/abc</id>", "arxiv-api"),
        (b"<rss><channel><link>http://rss.arxiv.org/rss/cs.CL</link>", "arxiv"),
        (b"<rss><channel><title>cs.CL updates on arXiv.org</title>", "arxiv"),
        (b"<rss><channel><title>A journal</title><item><link>https://arxiv.org/abs/2603.00001</link>", "feed"),
        (b"<html>", "feed"),
        (b"", "feed"),
    ],
)
def test_kind_is_told_by_the_first_bytes(body: bytes, kind: str) -> None:
    assert kind_of(body) == kind
