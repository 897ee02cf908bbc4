from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from digest.ingest.rank import open_topic_pages
from digest.ingest.topic_days import count_days_due
from digest.models import (
    Digest,
    Edition,
    Feedback,
    MailEvent,
    Match,
    Paper,
    PaperIdentifier,
    Sighting,
    Signal,
    Source,
    Topic,
)
from digest.sources.identifiers import arxiv_id, doi
from tests.make import make_paper

pytestmark = pytest.mark.django_db


def made(*arguments: str) -> str:
    out = StringIO()
    call_command("make_papers", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize("count", [1, 3, 50])
def test_make_papers_makes_valid_papers_with_identifiers_and_sightings(count: int) -> None:
    assert made(str(count), "--editions", "0") == f"Made {count:,} papers and 0 matches.\n"
    papers = list(Paper.objects.all())
    assert len(papers) == count
    for paper in papers:
        paper.clean_fields()
        assert paper.match_due_at is None
        assert paper.sightings.count() in (1, 2)
        assert {row.scheme for row in paper.identifiers.all()} in ({"doi"}, {"doi", "arxiv"})


def test_make_papers_gives_identifiers_in_the_one_spelling_of_each() -> None:
    made("50", "--editions", "0")
    for row in PaperIdentifier.objects.all():
        known = arxiv_id(row.value) if row.scheme == "arxiv" else doi(row.value)
        assert known == ((row.value, 1) if row.scheme == "arxiv" else row.value)


def test_make_papers_spreads_them_over_the_years_up_to_today() -> None:
    made("50", "--years", "2", "--editions", "0")
    today = timezone.now().date()
    days = list(Paper.objects.order_by("pk").values_list("announced_on", flat=True))
    assert days == sorted(days, key=str)
    assert days[-1] == today
    assert days[0] == today - timedelta(days=2 * 365 * 49 // 50)


def test_make_papers_fills_the_days_where_nobody_says_over_how_long() -> None:
    made("120", "--editions", "0")
    today = timezone.now().date()
    days = set(Paper.objects.values_list("announced_on", flat=True))
    assert days == {today - timedelta(days=back) for back in range(3)}


def test_papers_that_are_made_have_votes_and_fill_the_pages_of_topics() -> None:
    now = timezone.now()
    made("300", "--editions", "0")
    voted = Paper.objects.filter(signals__isnull=False).distinct()
    assert voted.exists()
    for paper in voted:
        assert paper.votes == paper.signals.latest("observed_at").value
    open_topic_pages(now)
    count_days_due(now)
    assert Match.objects.filter(topic__in=Topic.objects.public()).count() > 100


def test_make_papers_makes_sources_that_nobody_fetches_once() -> None:
    made("3", "--editions", "0")
    made("3", "--editions", "0")
    assert Source.objects.count() == 20
    assert not Source.objects.active().exists()
    assert Sighting.objects.values("source").distinct().count() > 1


def test_make_papers_adds_more_when_it_is_run_again() -> None:
    for _ in range(2):
        made("50", "--years", "1", "--editions", "0")
    assert Paper.objects.count() == 100
    make_paper()  # the next key is free


def test_make_papers_makes_votes_that_rise_and_matches_of_the_last_days_alone() -> None:
    call_command("make_readers", "20", stdout=StringIO())
    made("1500", "--years", "1", "--editions", "0")
    month = timezone.now().date() - timedelta(days=30)
    assert Match.objects.exists()
    assert not Match.objects.filter(announced_on__lte=month).exists()
    assert Signal.objects.exists()
    for paper in Paper.objects.filter(signals__isnull=False).distinct():
        values = list(paper.signals.order_by("observed_at").values_list("value", flat=True))
        assert values == sorted(values)
    assert Paper.objects.trending().exists()


def test_make_papers_makes_editions_whose_digests_are_those_of_active_readers() -> None:
    call_command("make_readers", "50", stdout=StringIO())
    said = made("300", "--years", "1", "--editions", "4")
    active = {row.reader_id for row in Digest.objects.all()}
    assert said.endswith(f"Made {4 * len(active)} digests.\n")
    assert Edition.objects.count() == 4
    closed = Edition.objects.filter(closed_at__isnull=False)
    assert [edition.counts["eligible"] for edition in closed] == [len(active)] * 2
    for digest in Digest.objects.all():
        digest.clean_fields(exclude=["picks", "trending"])
    for event in MailEvent.objects.select_related("digest__reader"):
        assert event.digest
        assert event.address == event.digest.reader.email


def test_make_papers_makes_no_more_digests_than_asked_for_and_none_twice() -> None:
    call_command("make_readers", "20", stdout=StringIO())
    for _ in range(2):
        made("1", "--editions", "1", "--digests", "5")
    assert Digest.objects.count() == 5
    assert Feedback.objects.count() <= 5
