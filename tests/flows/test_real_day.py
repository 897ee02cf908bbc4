"""Two real days end to end: what arXiv and Hugging Face announced, three topic pages, five readers, the mails."""

import gzip
import json
from datetime import date
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import call_command

from digest.models import Digest, Paper, PaperIdentifier, Signal
from tests.mailchecks import needs_tools, problems
from tests.make import make_reader, make_topic

DATA = Path(__file__).parents[2].parent / "shared" / "data"
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not DATA.exists(), reason="needs the real input of ../shared/data"),
]
DAYS = (date(2025, 5, 6), date(2025, 5, 7))
NEXT_MORNINGS = {date(2025, 5, 6): "2025-05-07", date(2025, 5, 7): "2025-05-08"}
AUTHOR = "Maksym Shamrai"  # of one paper on the first day


def snapshot(day: date) -> list[dict[str, Any]]:
    """Return what Hugging Face listed at the end of `day`, in the shape of its API."""
    with gzip.open(DATA / "hf_daily" / "daily_snapshots.jsonl.gz", "rt") as lines:
        rows = [row for row in map(json.loads, lines) if row["snapshot"].startswith(NEXT_MORNINGS[day])]
    return [
        {
            "paper": {
                "id": row["arxiv_id"],
                "title": row["title"],
                "summary": row["summary"],
                "authors": [{"name": name} for name in row["authors"]],
                "upvotes": row["upvotes"],
                "publishedAt": row["published"],
                "submittedOnDailyAt": f"{day}T00:00:00.000Z",
            }
        }
        for row in rows
    ]


@pytest.fixture
def mailed(tmp_path: Path) -> None:
    """Live through the two days, with readers who follow a phrase, a technique, a category and an author."""
    with time_machine.travel("2025-05-05T12:00Z", tick=False):
        call_command("ingest", *map(str, sorted((DATA / "hf_topic_pages").glob("*.txt"))), "--on", "2025-05-05")
        for topics in ("knowledge transfer", "adaptive instance normalization", "cat:cs.CL", f'author:"{AUTHOR}"'):
            make_reader(topics=(make_topic(topics),), delivery_hour=18)
        both = (make_topic("knowledge transfer"), make_topic("cat:cs.CL"))
        make_reader("both@example.org", topics=both, delivery_hour=18)
    for day in DAYS:
        listed = tmp_path / f"{day}.json"
        listed.write_text(json.dumps(snapshot(day)))
        with time_machine.travel(f"{day}T17:00Z", tick=False):
            call_command("ingest", str(DATA / "arxiv_feeds" / f"{day}__csCL+4.rss.xml.gz"), str(listed))
        with time_machine.travel(f"{day}T18:30Z", tick=False):
            call_command("run_due")


def picked(topic: str, day: date) -> list[Paper]:
    [digest] = Digest.objects.filter(reader__subscriptions__topic__query=topic, edition__date=day).exclude(
        reader__email="both@example.org"
    )
    return list(Paper.objects.filter(pk__in=[pick[0] for pick in digest.picks]).order_by("pk"))


@pytest.mark.usefixtures("mailed")
def test_real_days_bring_each_reader_the_right_papers_once(settings: Any) -> None:
    assert_papers_are_right()
    assert_one_paper_where_both_announce_it()
    assert_nothing_comes_twice()
    assert_reasons_are_true()
    assert_mails_say_what_the_ledger_says(Path(settings.EMAIL_FILE_PATH))


@needs_tools
@pytest.mark.once
@pytest.mark.usefixtures("mailed")
def test_mails_of_the_real_days_pass_every_check(settings: Any) -> None:
    assert problems(settings.EMAIL_FILE_PATH) == []


def assert_papers_are_right() -> None:
    for day in DAYS:
        for paper in picked("knowledge transfer", day):
            text = f"{paper.title} {paper.abstract}".lower()
            assert "transfer" in text
            assert "knowledge" in text or "transferab" in text
        assert all("cs.CL" in paper.categories for paper in picked("cat:cs.CL", day))
        assert len(picked("cat:cs.CL", day)) == 10
    assert [paper.authors for paper in picked('author:"maksym shamrai"', DAYS[0])] == [[AUTHOR]]
    assert picked('author:"maksym shamrai"', DAYS[1]) == []
    normalising = picked("adaptive instance normalization", DAYS[0])
    assert len(normalising) == 10
    assert all("normali" in f"{paper.title} {paper.abstract}".lower() for paper in normalising)


def assert_one_paper_where_both_announce_it() -> None:
    announced = {item["paper"]["id"] for item in snapshot(DAYS[0])}
    both = Paper.objects.filter(
        identifiers__in=PaperIdentifier.objects.filter(scheme="arxiv", value__in=announced),
        sightings__source__kind="arxiv",
    ).distinct()
    assert both.count() == 19
    assert PaperIdentifier.objects.filter(scheme="arxiv", value__in=announced).count() == len(announced)
    assert all(paper.sightings.filter(source__kind="hf-daily").exists() for paper in both)


def assert_nothing_comes_twice() -> None:
    for reader in Digest.objects.values_list("reader", flat=True).distinct():
        digests = Digest.objects.filter(reader=reader, state="accepted")
        sent = [paper for digest in digests for paper in (*(pick[0] for pick in digest.picks), *digest.trending)]
        assert len(sent) == len(set(sent))
    titles = [title.lower() for title in Paper.objects.filter(pk__in=sent).values_list("title", flat=True)]
    assert len(titles) == len(set(titles))


def assert_reasons_are_true() -> None:
    for paper in Paper.objects.exclude(attention=""):
        latest = Signal.objects.filter(paper=paper, kind="upvotes").latest("observed_at")
        assert paper.attention.startswith(f"{latest.value} upvote")


def assert_mails_say_what_the_ledger_says(outbox: Path) -> None:
    accepted = Digest.objects.filter(state="accepted")
    assert {path.stem for path in outbox.glob("*.eml")} == {digest.key.hex for digest in accepted}
    for digest in accepted:
        message = message_from_bytes((outbox / f"{digest.key.hex}.eml").read_bytes(), policy=policy.default)
        assert message["Subject"] == digest.subject
        assert Digest.objects.filter(reader=digest.reader, edition=digest.edition).count() == 1
