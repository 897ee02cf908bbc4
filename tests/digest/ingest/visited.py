"""A whole visit to a server of one document, what it left behind in rows, and the digest that mails its papers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from typing import Any

from digest.delivery.compose import compose
from digest.delivery.message import build
from digest.delivery.pool import CandidatePool
from digest.delivery.render import render
from digest.ingest.refresh import refresh_due
from digest.models import Fetch, Paper, PaperIdentifier, Sighting, Source
from tests.feedserver import Answer, FeedServer
from tests.make import make_digest, make_match, make_reader, make_source, make_topic

NOW = datetime(2026, 8, 12, 12, tzinfo=UTC)  # a Wednesday; arXiv's batch of that day is out
ETAG = '"nasty"'
MAILED = 20


@dataclass
class Visited:
    """What one visit to a server of the document left behind."""

    source: Source
    fetch: Fetch
    server: FeedServer

    @property
    def papers(self) -> list[Paper]:
        return list(Paper.objects.order_by("pk"))

    @property
    def titles(self) -> list[str]:
        return [paper.title for paper in self.papers]

    def names(self, scheme: str) -> set[str]:
        return set(PaperIdentifier.objects.filter(scheme=scheme).values_list("value", flat=True))

    def _again(self, moment: datetime) -> Fetch:
        Source.objects.filter(pk=self.source.pk).update(next_check_at=moment)
        assert refresh_due(lambda: moment) == 1
        self.source.refresh_from_db()
        return self.source.fetches.latest("pk")

    def send(self, body: bytes, moment: datetime) -> Fetch:
        """Let the server send another document from now on, and be visited again."""
        self.server.answers["/feed"] = Answer(body, headers={"ETag": ETAG})
        return self._again(moment)


def visit(server: FeedServer, body: bytes) -> Visited:
    """Let a new source be visited whose server sends this document."""
    server.answers["/feed"] = Answer(body, headers={"ETag": ETAG})
    kind = "arxiv" if b"Announce Type:" in body else "feed"
    source = make_source(kind=kind, url=server.url("/feed"), next_check_at=NOW - timedelta(minutes=1))
    assert refresh_due(lambda: NOW) == 1
    source.refresh_from_db()
    return Visited(source, source.fetches.get(), server)


Check = Callable[[Visited], None]


def holds(*titles: str, **fields: Any) -> Check:
    """Check that just the papers of these titles are stored, each with these fields."""

    def check(visited: Visited) -> None:
        assert visited.titles == list(titles)
        for paper in visited.papers:
            assert {name: getattr(paper, name) for name in fields} == fields

    return check


def fails(kind: str, words: str = "") -> Check:
    """Check that the visit failed with an error of this kind, and that nothing is taken for granted next time."""

    def check(visited: Visited) -> None:
        assert (visited.fetch.outcome, visited.fetch.error_kind) == ("failed", kind)
        assert words in visited.fetch.message
        assert (visited.papers, visited.source.etag, visited.source.body_hash) == ([], "", "")
        assert (visited.source.failures, visited.source.last_success_at) == (1, None)

    return check


def dated(day: date | None) -> Check:
    """Check the day of the one paper; None is for a day that the source does not tell, and that is estimated."""

    def check(visited: Visited) -> None:
        [sighting] = Sighting.objects.all()
        told = day or NOW.date()
        assert (sighting.announced_on, sighting.is_estimated) == (told, day is None)
        assert [paper.announced_on for paper in visited.papers] == [told]

    return check


@dataclass
class Mailed:
    headers: dict[str, str]
    text: str
    html: str


def mail_of(visited: Visited) -> Mailed:
    """Return the digest of a reader whose topic the first papers match, all as if announced that day."""
    Paper.objects.update(announced_on=NOW.date())
    topic = make_topic()
    for paper in visited.papers[:MAILED]:
        make_match(topic, paper)
    digest = make_digest(make_reader(topics=(topic,), papers=MAILED), NOW.date())
    [(_, _, content)] = compose([digest], CandidatePool(NOW.date()), NOW).contents
    raw = build(render(content), content=content, sent_at=NOW)
    message = message_from_bytes(raw, policy=policy.default)
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text
    assert html
    return Mailed({name.lower(): value for name, value in message.items()}, text.get_content(), html.get_content())
