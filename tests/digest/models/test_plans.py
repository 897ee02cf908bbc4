"""On PostgreSQL, with some thousand rows, the queries that ask what is due read an index, never a whole table."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Count, QuerySet

from accounts.models import Reader
from digest.delivery.equations import GOT_NONE
from digest.models import Digest, Edition, MailEvent, Match, Paper, PaperIdentifier, Signal, Source, Topic
from tests.make import NOON, TODAY
from tests.many import analyze, steps

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="query plans need PostgreSQL: set DATABASE_URL"),
    pytest.mark.django_db,
]

ROWS = 4000
AHEAD = [NOON + timedelta(minutes=number + 1) for number in range(ROWS)]
DAYS = [TODAY - timedelta(days=number % 40) for number in range(ROWS)]


def reads(query: QuerySet[Any]) -> set[str]:
    """Return the indexes that `query` reads, and "all of TABLE" for each table that it reads whole."""
    table = query.model._meta.db_table
    found = set()
    for step in steps(*query.query.sql_with_params()):
        if step["Node Type"] == "Seq Scan" and step["Relation Name"] == table:
            found.add(f"all of {table}")
        if step.get("Index Name") and step.get("Relation Name", table) == table:
            found.add(step["Index Name"])
    return found


def make_readers() -> list[Reader]:
    readers = [
        Reader(email=f"reader{number}@example.org", password="!", state="active", next_digest_at=AHEAD[number])
        for number in range(ROWS)
    ]
    Reader.objects.bulk_create(readers)
    Reader.objects.filter(pk__in=[reader.pk for reader in readers[:20]]).update(next_digest_at=NOON)
    analyze(Reader)
    return readers


def make_papers(**given: Any) -> list[Paper]:
    papers = [
        Paper(title=f"Paper number {number}", announced_on=DAYS[number], **{"match_due_at": None} | given)
        for number in range(ROWS)
    ]
    return Paper.objects.bulk_create(papers)


def make_digests() -> None:
    """Make ten editions for a thousand readers: all are settled but for a few of each open state."""
    readers = make_readers()[:1000]
    editions = Edition.objects.bulk_create([Edition(date=TODAY - timedelta(days=days)) for days in range(10)])
    settled: dict[str, Any] = {"state": "accepted", "next_attempt_at": None, "due_at": NOON}
    digests = Digest.objects.bulk_create(
        [Digest(reader=reader, edition=edition, **settled) for edition in editions for reader in readers]
    )
    for place, state in enumerate(("pending", "retry", "handing_over")):
        keys = [digest.pk for digest in digests[place * 10 : place * 10 + 10]]
        Digest.objects.filter(pk__in=keys).update(state=state, next_attempt_at=NOON)
    analyze(Digest, Edition)


def make_matches() -> None:
    """Make three matches for each paper, with four hundred topics in turn, day by day."""
    papers = make_papers()
    topics = Topic.objects.bulk_create([Topic(kind="text", query=f"word{number}") for number in range(400)])
    days = sorted(DAYS)
    Match.objects.bulk_create(
        [
            Match(topic=topics[(number + place) % 400], paper=paper, score=0.5, why="", announced_on=days[number])
            for number, paper in enumerate(papers)
            for place in range(3)
        ]
    )
    analyze(Match)


def test_due_readers_are_read_from_their_index() -> None:
    make_readers()
    assert reads(Reader.objects.due(NOON)[:500]) == {"reader_due"}


def test_due_digests_are_read_from_their_index() -> None:
    make_digests()
    assert reads(Digest.objects.due(NOON)[:100]) == {"digest_due"}


def test_stranded_digests_are_read_from_their_index() -> None:
    make_digests()
    assert reads(Digest.objects.stranded(NOON + timedelta(minutes=1))) == {"digest_handing_over"}


def test_digest_history_of_readers_is_read_by_reader() -> None:
    make_digests()
    readers = list(Reader.objects.order_by("pk").values_list("pk", flat=True)[:20])
    since = TODAY - timedelta(days=8)
    history = Digest.objects.filter(reader__in=readers, edition__date__gte=since, state__in=["accepted", "retry"])
    assert reads(history) <= {"digest_once", "digest_digest_reader_id_0726fcbf"}


def test_digests_of_one_edition_are_counted_from_their_index() -> None:
    make_digests()
    edition = Edition.objects.earliest("date")
    assert "all of digest_digest" not in reads(edition.digests.open())


def test_due_sources_are_read_from_their_index() -> None:
    Source.objects.bulk_create(
        [
            Source(name=f"Source {number}", kind="feed", url=f"https://{number}.example.org", next_check_at=at)
            for number, at in enumerate(AHEAD)
        ]
    )
    Source.objects.filter(pk__in=Source.objects.order_by("pk").values("pk")[:10]).update(next_check_at=NOON)
    analyze(Source)
    assert reads(Source.objects.due(NOON)[:50]) == {"source_due"}


def test_papers_due_for_matching_are_read_from_their_index() -> None:
    papers = make_papers()
    Paper.objects.filter(pk__in=[paper.pk for paper in papers[:20]]).update(match_due_at=NOON)
    analyze(Paper)
    assert reads(Paper.objects.due_for_matching(NOON)[:1000]) == {"paper_match_due"}


def test_trending_papers_are_read_from_their_index() -> None:
    papers = make_papers()
    for number, paper in enumerate(papers[:800]):
        paper.trend = number + 1
    Paper.objects.bulk_update(papers[:800], ["trend"], batch_size=400)
    analyze(Paper)
    assert reads(Paper.objects.trending()[:60]) == {"paper_trending"}


def test_papers_of_some_days_are_read_from_their_index() -> None:
    make_papers()
    analyze(Paper)
    assert reads(Paper.objects.announced_between(TODAY - timedelta(days=1), TODAY)) == {"paper_announced"}


def test_topics_due_for_matching_are_read_from_their_index() -> None:
    topics = [Topic(kind="text", query=f"word{number}", label="", match_due_at=None) for number in range(ROWS)]
    Topic.objects.bulk_create(topics)
    Topic.objects.filter(pk__in=[topic.pk for topic in topics[:20]]).update(match_due_at=NOON)
    analyze(Topic)
    assert reads(Topic.objects.due_for_matching(NOON)[:1000]) == {"topic_match_due"}


def test_matches_of_topics_in_some_days_are_read_from_their_index() -> None:
    make_matches()
    topics = Topic.objects.order_by("pk").values_list("pk", flat=True)[:3]
    wanted = Match.objects.announced_between(TODAY - timedelta(days=8), TODAY).filter(topic__in=list(topics))
    assert reads(wanted.order_by("pk")) == {"match_topic_day"}


def test_old_matches_are_read_from_their_index() -> None:
    make_matches()
    assert reads(Match.objects.filter(announced_on__lt=TODAY - timedelta(days=38))) == {"match_day"}


def test_recent_signals_are_read_from_their_index() -> None:
    (paper, *_) = make_papers()
    Signal.objects.bulk_create(
        [
            Signal(paper=paper, kind="upvotes", value=number, observed_at=NOON - timedelta(hours=number))
            for number in range(ROWS)
        ]
    )
    analyze(Signal)
    assert reads(Signal.objects.recent(NOON, days=2)) == {"signal_observed"}


def test_identifiers_that_begin_alike_are_read_from_their_index() -> None:
    papers = make_papers()
    PaperIdentifier.objects.bulk_create(
        PaperIdentifier(paper=paper, scheme="doi", value=f"10.5555/{number:05}") for number, paper in enumerate(papers)
    )
    analyze(PaperIdentifier)
    assert reads(PaperIdentifier.objects.filter(value__startswith="10.5555/0012")) == {"identifier_value"}


@pytest.mark.parametrize(("column", "index"), [("label", "topic_label_prefix"), ("query", "topic_query_prefix")])
def test_topics_that_begin_alike_in_any_case_are_read_from_their_index(column: str, index: str) -> None:
    Topic.objects.bulk_create(
        Topic(kind="text", query=f"w{number:05}", label=f"W{number:05}") for number in range(ROWS)
    )
    analyze(Topic)
    assert reads(Topic.objects.filter(**{f"{column}__istartswith": "w0012"})) == {index}


@pytest.mark.parametrize("column", ["hidden_at", "withdrawn_at"])
def test_few_papers_that_do_not_stand_are_read_from_their_index(column: str) -> None:
    papers = make_papers()
    Paper.objects.filter(pk__in=[paper.pk for paper in papers[:5]]).update(**{column: NOON})
    analyze(Paper)
    wanted = Paper.objects.filter(**{f"{column}__isnull": False}).order_by("-pk")[:100]
    assert reads(wanted) == {f"paper_{column.removesuffix('_at')}"}


def test_digests_of_one_edition_in_one_state_are_read_from_their_index_newest_first() -> None:
    make_digests()
    edition = Edition.objects.earliest("date")
    wanted = edition.digests.filter(state="accepted").order_by("-pk")[:100]
    assert reads(wanted) == {"digest_edition_state_id"}


def test_few_digests_that_failed_in_any_edition_are_read_from_their_index() -> None:
    make_digests()
    keys = list(Digest.objects.filter(state="accepted").order_by("pk").values_list("pk", flat=True)[:5])
    Digest.objects.filter(pk__in=keys).update(state="failed")
    analyze(Digest)
    assert reads(Digest.objects.filter(state="failed").order_by("-pk")[:100]) == {"digest_not_accepted"}


def test_reasons_of_one_edition_are_read_from_their_index() -> None:
    make_digests()
    edition = Edition.objects.earliest("date")
    edition.digests.filter(state="pending").update(state="failed", next_attempt_at=None)
    analyze(Digest)
    wanted = edition.digests.filter(state__in=GOT_NONE).order_by().values_list("state", "reason")
    assert reads(wanted.annotate(count=Count("*"))) == {"digest_reasons"}


def test_few_mail_events_of_one_kind_are_read_from_their_index() -> None:
    MailEvent.objects.bulk_create(
        MailEvent(provider="p", event_key=str(number), kind="delivered", address="a@example.org", at=AHEAD[number])
        for number in range(ROWS)
    )
    MailEvent.objects.filter(event_key__in=["1", "2"]).update(kind="complaint")
    analyze(MailEvent)
    assert reads(MailEvent.objects.filter(kind="complaint").order_by("-at")[:100]) == {"mail_event_kind"}
